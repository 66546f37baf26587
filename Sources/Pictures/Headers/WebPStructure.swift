/// The chunks of a WebP, to the end of its RIFF.
struct WebPStructure {
    let header: PictureHeader
    /// The chunks in their order: the name, where its data begins and how many bytes they are.
    let chunks: [(name: String, start: Int, bytes: Int)]

    private static let mostChunks = 100_000

    init(of bytes: PictureBytes, bounds: PictureBounds) throws(PictureError) {
        guard try bytes.has("RIFF", at: 0), try bytes.has("WEBP", at: 8) else {
            throw .notDecodable(reason: "no WebP header")
        }
        let end = 8 + (try bytes.little(at: 4, 4))
        var walk = Walk(bounds: bounds)
        try walk.chunk(in: bytes, at: 12)
        guard end <= bytes.count else { throw .truncated }
        var at = 12
        var count = 0
        while at + 8 <= end {
            count += 1
            guard count <= Self.mostChunks else { throw .notDecodable(reason: "too many WebP chunks") }
            let length = try bytes.little(at: at + 4, 4)
            guard at + 8 + length <= end else { throw .truncated }
            if count > 1 { try walk.chunk(in: bytes, at: at) }
            at += 8 + length + length % 2
        }
        guard walk.width > 0, walk.hasPicture else { throw .notDecodable(reason: "no WebP picture data") }
        header = PictureHeader(
            kind: .webp, width: walk.width, height: walk.height, frames: max(1, walk.frames), hasAlpha: walk.hasAlpha,
            isInterlaced: false, needsColorConversion: walk.hasProfile, isPlainRGB: true, byteCount: end)
        chunks = walk.chunks
    }

    private struct Walk {
        let bounds: PictureBounds
        var width = 0
        var height = 0
        var frames = 0
        var hasAlpha = false
        var hasPicture = false
        var hasProfile = false
        var chunks: [(name: String, start: Int, bytes: Int)] = []

        /// Takes in what the chunk at `at` says.
        mutating func chunk(in bytes: PictureBytes, at: Int) throws(PictureError) {
            let data = at + 8
            let name = String(decoding: try bytes.bytes(at: at, 4), as: UTF8.self)
            chunks.append((name, data, try bytes.little(at: at + 4, 4)))
            switch name {
            case "ICCP": hasProfile = true
            case "VP8X":
                if try bytes.byte(at: data) & 0x10 != 0 { hasAlpha = true }
                try admit(1 + (try bytes.little(at: data + 4, 3)), 1 + (try bytes.little(at: data + 7, 3)))
            case "VP8 ":
                hasPicture = true
                guard try bytes.bytes(at: data + 3, 3).elementsEqual([0x9D, 0x01, 0x2A]) else {
                    throw .notDecodable(reason: "no WebP key frame")
                }
                try admit(try bytes.little(at: data + 6, 2) & 0x3FFF, try bytes.little(at: data + 8, 2) & 0x3FFF)
            case "VP8L":
                hasPicture = true
                guard try bytes.byte(at: data) == 0x2F else { throw .notDecodable(reason: "no WebP signature") }
                let bits = try bytes.little(at: data + 1, 4)
                hasAlpha = hasAlpha || (bits >> 28 & 1) == 1
                try admit(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
            case "ANMF":
                hasPicture = true
                frames += 1
                try bounds.admit(frames: frames)
                try admit(1 + (try bytes.little(at: data + 6, 3)), 1 + (try bytes.little(at: data + 9, 3)))
            default: break
            }
        }

        /// The canvas and the frames within may differ; the larger one counts.
        private mutating func admit(_ newWidth: Int, _ newHeight: Int) throws(PictureError) {
            guard newWidth > width || newHeight > height else { return }
            width = max(width, newWidth)
            height = max(height, newHeight)
            try bounds.admit(width: width, height: height)
        }
    }
}
