/// The chunks of a PNG, from its signature to IEND.
struct PNGStructure {
    let header: PictureHeader
    /// The names of all chunks, each once.
    let chunkNames: Set<String>

    private static let mostChunks = 200_000
    private static let depths: [Int: Set<Int>] = [
        0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]

    init(of bytes: PictureBytes, bounds: PictureBounds) throws(PictureError) {
        guard try bytes.bytes(at: 0, 8).elementsEqual([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
            throw .notDecodable(reason: "no PNG signature")
        }
        guard try bytes.big(at: 8, 4) == 13, try bytes.has("IHDR", at: 12) else {
            throw .notDecodable(reason: "no PNG header")
        }
        try Self.checkSum(bytes, chunkAt: 8, length: 13)
        let width = try bytes.big(at: 16, 4)
        let height = try bytes.big(at: 20, 4)
        try bounds.admit(width: width, height: height)
        let color = Int(try bytes.byte(at: 25))
        let depth = Int(try bytes.byte(at: 24))
        guard Self.depths[color]?.contains(depth) == true else {
            throw .notDecodable(reason: "unknown PNG colour type")
        }
        let interlace = try bytes.byte(at: 28)
        guard try bytes.byte(at: 26) == 0, try bytes.byte(at: 27) == 0, interlace <= 1 else {
            throw .notDecodable(reason: "unknown PNG method")
        }
        var walk = ChunkWalk()
        var at = 8
        while !walk.names.contains("IEND") { at = try walk.step(bytes, at: at, bounds: bounds) }
        guard walk.names.contains("IDAT") else { throw .notDecodable(reason: "no PNG picture data") }
        guard color != 3 || walk.names.contains("PLTE") else { throw .notDecodable(reason: "no PNG palette") }
        header = PictureHeader(
            kind: .png, width: width, height: height, frames: max(1, walk.frames),
            hasAlpha: color >= 4 || walk.names.contains("tRNS"), isInterlaced: interlace == 1,
            needsColorConversion: walk.names.contains("iCCP"), isPlainRGB: depth <= 8 && [2, 3, 6].contains(color),
            byteCount: at)
        chunkNames = walk.names
    }

    private struct ChunkWalk {
        var names: Set<String> = []
        var frames = 0
        var count = 0

        mutating func step(_ bytes: PictureBytes, at: Int, bounds: PictureBounds) throws(PictureError) -> Int {
            count += 1
            guard count <= mostChunks else { throw .notDecodable(reason: "too many PNG chunks") }
            let length = try bytes.big(at: at, 4)
            let type = try bytes.bytes(at: at + 4, 4)
            guard type.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }), length <= 0x7FFF_FFFF else {
                throw .notDecodable(reason: "broken PNG chunk")
            }
            let end = at + 12 + length
            guard end <= bytes.count else { throw .truncated }
            let name = String(decoding: type, as: UTF8.self)
            let isNew = names.insert(name).inserted
            if name == "IHDR", !isNew { throw .notDecodable(reason: "two PNG headers") }
            if name == "acTL", length == 8 { try bounds.admit(frames: try bytes.big(at: at + 8, 4)) }
            if name == "fcTL" { frames += 1 }
            try bounds.admit(frames: frames)
            return end
        }
    }

    /// The CRC of a chunk that is short enough to be looked at whole.
    private static func checkSum(_ bytes: PictureBytes, chunkAt at: Int, length: Int) throws(PictureError) {
        let expected = try bytes.big(at: at + 8 + length, 4)
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in try bytes.bytes(at: at + 4, 4 + length) {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        guard Int(~crc) == expected else { throw .notDecodable(reason: "wrong PNG checksum") }
    }
}
