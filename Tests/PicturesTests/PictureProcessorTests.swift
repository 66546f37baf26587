import Foundation
import Testing

@testable import Pictures

@Suite struct PictureProcessorTests {
    let studio: Studio

    init() throws { studio = try Studio() }

    @Test(arguments: PictureKind.allCases)
    func `every kind becomes exactly the ordered size`(kind: PictureKind) async throws {
        let sample = try await studio.sample(kind)
        let (made, bytes) = try await studio.make(sample, studio.png(80, 80))
        #expect((made.width, made.height, made.contentType) == (80, 80, "image/png"))
        #expect(made.bytes == bytes.count)
        let header = try PictureHeader.read(.png, from: PictureBytes(bytes), bounds: PictureBounds())
        #expect(!header.isInterlaced && bytes[24] == 8)
        #expect(try studio.leftovers.isEmpty)
    }

    @Test(arguments: [
        (PictureOrder.Fit.cover, 100, 30, 100, 30), (.contain, 100, 30, 100, 30), (.inside, 100, 20, 30, 20),
        (.inside, 500, 500, 60, 40), (.cover, 7, 300, 7, 300), (.contain, 1, 1, 1, 1),
    ])
    func `fits are exact`(fit: PictureOrder.Fit, width: Int, height: Int, madeWidth: Int, madeHeight: Int) async throws
    {
        let (made, _) = try await studio.make(PNGMaker(width: 60, height: 40).bytes, studio.png(width, height, fit))
        #expect((made.width, made.height) == (madeWidth, madeHeight))
    }

    @Test func `what is contained has the background around it`() async throws {
        let red = PNGMaker(width: 20, height: 20, pixel: { _, _ in [255, 0, 0] }).bytes
        var order = studio.png(60, 20, .contain)
        order.background = PictureOrder.Color(red: 0, green: 0, blue: 255)
        let (_, bytes) = try await studio.make(red, order)
        #expect(try await studio.pixel(bytes, 2, 10) == [0, 0, 255])
        #expect(try await studio.pixel(bytes, 30, 10) == [255, 0, 0])
    }

    @Test func `transparency is kept in PNG and laid on the background elsewhere`() async throws {
        let clear = PNGMaker(width: 20, height: 20, colorType: 6, pixel: { _, _ in [9, 9, 9, 0] }).bytes
        let (_, kept) = try await studio.make(clear, studio.png(10, 10))
        #expect(try await studio.pixel(kept, 5, 5).last == 0)
        var order = studio.png(10, 10)
        order.background = PictureOrder.Color(red: 0, green: 200, blue: 0)
        for format in [PictureOrder.Format.png, .jpeg(quality: 90)] {
            order.format = format
            let (_, flat) = try await studio.make(clear, order)
            let (_, shown) = format == .png ? (0, flat) : try await studioPNG(flat)
            let pixel = try await studio.pixel(shown, 5, 5)
            #expect(pixel.count == 3 && abs(pixel[0]) < 6 && abs(pixel[1] - 200) < 6)
        }
    }

    private func studioPNG(_ bytes: [UInt8]) async throws -> (Int, [UInt8]) {
        (0, try await studio.make(bytes, studio.png(10, 10)).1)
    }

    @Test(arguments: [PictureOrder.Format.png, .jpeg(quality: 80), .webp(quality: 80)])
    func `nothing of what cannot be seen is left (P5)`(format: PictureOrder.Format) async throws {
        let secret = Array("SECRET<script>".utf8)
        let png = PNGMaker(
            width: 40, height: 20,
            extraChunks: [("tEXt", Array("Comment\u{0}".utf8) + secret), ("eXIf", secret), ("seCr", secret)],
            tail: secret)
        var jpeg = try await studio.sample(.jpeg)
        func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
            [0xFF, marker, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 255)] + body
        }
        let xmp = Array("http://ns.adobe.com/xap/1.0/\u{0}<x>".utf8) + secret
        jpeg.insert(contentsOf: segment(0xFE, secret) + segment(0xE1, xmp) + segment(0xED, secret), at: 2)
        jpeg += Array("PK\u{3}\u{4}".utf8) + secret
        let webp = try await studio.sample(.webp) + secret
        for source in [png.bytes, jpeg, webp] {
            #expect(source.contains(text: "SECRET"))
            let order = PictureOrder(width: 30, height: 30, fit: .cover, format: format)
            let (made, bytes) = try await studio.make(source, order)
            for word in ["SECRET", "script", "Exif", "EXIF", "ICC", "lcms", "xap"] {
                #expect(!bytes.contains(text: word), "\(word)")
            }
            #expect(made.contentType == format.kind.mimeType)
        }
    }

    @Test func `a camera's orientation is applied and then gone`() async throws {
        let halves = PNGMaker(width: 40, height: 20, pixel: { x, _ in x < 20 ? [255, 0, 0] : [0, 0, 255] }).bytes
        let order = PictureOrder(width: 40, height: 20, fit: .cover, format: .jpeg(quality: 95))
        var jpeg = try await studio.make(halves, order).1
        let entry: [UInt8] = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
        let exif = Array("Exif\u{0}\u{0}MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1] + entry + [0, 0, 0, 0]
        jpeg.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif, at: 2)
        let (made, bytes) = try await studio.make(jpeg, studio.png(100, 100, .inside))
        #expect((made.width, made.height) == (20, 40))
        #expect(try await studio.pixel(bytes, 10, 5)[0] > 200)
        #expect(try await studio.pixel(bytes, 10, 35)[2] > 200)
    }

    @Test func `colours stay, and those of another profile are converted to what they look like`() async throws {
        let red = PNGMaker(width: 20, height: 20, pixel: { _, _ in [255, 0, 0] }).bytes
        #expect(try await studio.pixel(studio.make(red, studio.png(10, 10)).1, 5, 5) == [255, 0, 0])
        let wide = try await studio.converted(
            red, "wide.png", ["icc_transform", "a.png", "wide.png", "p3", "--input-profile", "srgb"])
        #expect(try await studio.pixel(wide, 5, 5) == [234, 51, 34])
        #expect(try await studio.pixel(studio.make(wide, studio.png(10, 10)).1, 5, 5) == [255, 0, 0])
        let print = try await studio.converted(
            red, "p.jpg", ["icc_transform", "a.png", "p.jpg", "cmyk", "--input-profile", "srgb"])
        let shown = try await studio.pixel(studio.make(print, studio.png(10, 10)).1, 5, 5)
        #expect(shown.count == 3 && shown[0] > 200 && shown[1] < 60)
    }

    @Test func `grey becomes red, green and blue, and 16 bits become 8`() async throws {
        let grey = PNGMaker(width: 20, height: 20, colorType: 0, pixel: { _, _ in [77] }).bytes
        #expect(try await studio.pixel(studio.make(grey, studio.png(10, 10)).1, 5, 5) == [77, 77, 77])
        let deep = try await studio.converted(grey, "deep.png", ["colourspace", "a.png", "deep.png", "rgb16"])
        #expect(deep[24] == 16)
        let (_, bytes) = try await studio.make(deep, studio.png(10, 10))
        #expect(bytes[24] == 8)
        #expect(try await studio.pixel(bytes, 5, 5) == [77, 77, 77])
    }

    @Test(arguments: [PictureKind.png, .jpeg, .webp, .gif])
    func `cut pictures are refused`(kind: PictureKind) async throws {
        let whole = try await studio.sample(kind, width: 200, height: 200)
        await #expect(throws: PictureError.truncated) {
            try await studio.make(Array(whole.prefix(whole.count * 2 / 3)), studio.png(20, 20))
        }
    }

    @Test func `what only looks like a picture is refused by the decoder`() async throws {
        await #expect(throws: PictureError.self) {
            try await studio.make(Headers.jpeg(100, 100), studio.png(20, 20))
        }
        let garbage = PNGMaker.head(50, 50) + PNGMaker.chunk("IDAT", [1, 2, 3, 4]) + PNGMaker.chunk("IEND", [])
        await #expect(throws: PictureError.self) { try await studio.make(garbage, studio.png(20, 20)) }
        #expect(try studio.leftovers.isEmpty)
    }

    @Test func `other kinds are refused by their bytes, whatever their name`() async throws {
        let path = try studio.file(Array("%PDF-1.4\n%âãÏÓ\n1 0 obj\n".utf8), "picture.png")
        await #expect(throws: PictureError.unsupportedKind("application/pdf")) {
            try await studio.processor.inspect(fileAt: path, bounds: PictureBounds())
        }
        let gif = try studio.file(try await studio.sample(.gif), "also.png")
        #expect(try await studio.processor.inspect(fileAt: gif, bounds: PictureBounds()).kind == .gif)
    }

    @Test func `a bomb never meets a decoder (P6)`() async throws {
        let bomb = PNGMaker.head(30_000, 30_000) + PNGMaker.chunk("IDAT", [UInt8](repeating: 0, count: 1 << 20))
        let refusal = PictureError.tooManyPixels(width: 30_000, height: 30_000, limit: 50_000_000)
        await #expect(throws: refusal) { try await studio.make(bomb, studio.png(20, 20)) }
    }

    @Test func `a taken destination is left alone`() async throws {
        let taken = try studio.file(Array("mine".utf8))
        let source = try studio.file(PNGMaker(width: 9, height: 9).bytes)
        await #expect(throws: PictureError.io(operation: "make a picture file", errno: EEXIST)) {
            try await studio.processor.process(
                fileAt: source, to: taken, order: studio.png(9, 9), bounds: PictureBounds())
        }
        #expect(try String(contentsOfFile: taken, encoding: .utf8) == "mine")
    }
}
