import Testing

@testable import Pictures

@Suite struct PictureHeaderTests {
    private func read(
        _ kind: PictureKind, _ bytes: [UInt8], _ bounds: PictureBounds = PictureBounds()
    ) throws(PictureError) -> PictureHeader {
        try PictureHeader.read(kind, from: PictureBytes(bytes), bounds: bounds)
    }

    static let samples: [(PictureKind, [UInt8])] = [
        (.png, PNGMaker(width: 4, height: 3).bytes),
        (.jpeg, Headers.jpeg(4, 3)),
        (.webp, Headers.webp([Headers.lossy(4, 3)])),
        (.webp, Headers.webp([Headers.lossless(4, 3)])),
        (.webp, Headers.webp([Headers.canvas(4, 3), Headers.animationFrame(4, 3)])),
        (.gif, Headers.gif(4, 3, frames: 2)),
    ]

    @Test(arguments: samples)
    func `sizes are read, and what follows the end is not counted in`(kind: PictureKind, bytes: [UInt8]) throws {
        let header = try read(kind, bytes + Array("<html>tail".utf8))
        #expect((header.width, header.height) == (4, 3))
        #expect(header.byteCount == bytes.count)
    }

    @Test(arguments: samples)
    func `every cut is noticed`(kind: PictureKind, bytes: [UInt8]) {
        for count in 0..<bytes.count {
            #expect(throws: PictureError.self) { try read(kind, Array(bytes.prefix(count))) }
        }
        #expect(throws: PictureError.truncated) { try read(kind, Array(bytes.dropLast(1))) }
    }

    @Test func `a bomb is refused from its first bytes (P6)`() {
        let refusal = PictureError.tooManyPixels(width: 30_000, height: 30_000, limit: 50_000_000)
        #expect(throws: refusal) { try read(.png, PNGMaker.head(30_000, 30_000)) }
        #expect(throws: refusal) { try read(.jpeg, Array(Headers.jpeg(30_000, 30_000).prefix(15))) }
        #expect(throws: refusal) { try read(.gif, Array(Headers.gif(30_000, 30_000, frames: 1).prefix(13))) }
        #expect(throws: PictureError.tooManyPixels(width: 16_383, height: 16_383, limit: 50_000_000)) {
            try read(.webp, Array(Headers.webp([Headers.lossy(16_383, 16_383)]).prefix(30)))
        }
        let all = Int(Int32.max)
        #expect(throws: PictureError.tooManyPixels(width: all, height: all, limit: 50_000_000)) {
            try read(.png, PNGMaker.head(all, all))
        }
        #expect(throws: PictureError.tooManyPixels(width: 40_000, height: 2, limit: 50_000_000)) {
            try read(.png, PNGMaker.head(40_000, 2))
        }
    }

    @Test func `a frame larger than its canvas counts`() {
        let bytes = Headers.webp([Headers.canvas(4, 4), Headers.animationFrame(16_000, 16_000)])
        #expect(throws: PictureError.tooManyPixels(width: 16_000, height: 16_000, limit: 50_000_000)) {
            try read(.webp, bytes)
        }
    }

    @Test func `small pictures and long animations are refused`() throws {
        let bounds = PictureBounds(minWidth: 100, minHeight: 50, maxFrames: 3)
        #expect(throws: PictureError.tooSmall(width: 99, height: 50, leastWidth: 100, leastHeight: 50)) {
            try read(.gif, Headers.gif(99, 50, frames: 1), bounds)
        }
        #expect(try read(.gif, Headers.gif(100, 50, frames: 3), bounds).frames == 3)
        #expect(throws: PictureError.tooManyFrames(limit: 3)) {
            try read(.gif, Headers.gif(100, 50, frames: 4), bounds)
        }
        let animated = PNGMaker(width: 100, height: 50, extraChunks: [("acTL", PNGMaker.big(4) + PNGMaker.big(0))])
            .bytes
        #expect(throws: PictureError.tooManyFrames(limit: 3)) { try read(.png, animated, bounds) }
        let frames = [Headers.canvas(100, 50)] + (0..<4).map { _ in Headers.animationFrame(100, 50) }
        #expect(throws: PictureError.tooManyFrames(limit: 3)) { try read(.webp, Headers.webp(frames), bounds) }
    }

    @Test func `odd structures are refused`() {
        var wrongSum = PNGMaker(width: 4, height: 3).bytes
        wrongSum[19] = 5
        let noData = PNGMaker.head(4, 3) + PNGMaker.chunk("IEND", [])
        let twoHeads = PNGMaker(width: 4, height: 3, extraChunks: [("IHDR", PNGMaker.big(9))]).bytes
        for bytes in [wrongSum, noData, twoHeads, PNGMaker(width: 4, height: 3, colorType: 5).bytes] {
            #expect(throws: PictureError.self) { try read(.png, bytes) }
        }
        for bytes in [
            Headers.jpeg(4, 3, frame: 0xC3), Headers.jpeg(4, 3, frame: 0xC9), Headers.jpeg(4, 3, scans: 101),
            Headers.jpeg(4, 0), Headers.jpeg(4, 3, scans: 0),
        ] {
            #expect(throws: PictureError.self) { try read(.jpeg, bytes) }
        }
        #expect(throws: PictureError.self) { try read(.gif, Headers.gif(4, 3, frames: 0)) }
        #expect(throws: PictureError.self) { try read(.webp, Headers.webp([Headers.canvas(4, 3)])) }
        #expect(throws: PictureError.tooManyBytes(limit: 10)) {
            try read(.svg, Array("<svg xmlns=''>".utf8), PictureBounds(maxDrawingBytes: 10))
        }
    }

    @Test func `mutated and random bytes get an answer`() {
        for round in 0..<6_000 {
            let (kind, seed) = Self.samples[round % Self.samples.count]
            var bytes = seed
            if round.isMultiple(of: 7) { bytes = bytes.prefix(12) + (0..<60).map { _ in .random(in: 0...255) } }
            for _ in 0..<Int.random(in: 1...5) { bytes[Int.random(in: 0..<bytes.count)] = .random(in: 0...255) }
            do throws(PictureError) {
                let header = try read(kind, bytes)
                #expect(header.width > 0 && header.height > 0 && header.byteCount <= bytes.count)
            } catch {
                #expect(error.isTheSenders && !error.message.isEmpty)
            }
        }
    }
}
