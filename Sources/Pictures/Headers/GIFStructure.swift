/// The blocks of a GIF, from its screen to its trailer.
struct GIFStructure {
    let header: PictureHeader

    private static let mostBlocks = 1_000_000

    init(of bytes: PictureBytes, bounds: PictureBounds) throws(PictureError) {
        let isOld = try bytes.has("GIF87a", at: 0)
        let isNew = try bytes.has("GIF89a", at: 0)
        guard isOld || isNew else { throw .notDecodable(reason: "no GIF header") }
        var width = try bytes.little(at: 6, 2)
        var height = try bytes.little(at: 8, 2)
        try bounds.admit(width: width, height: height)
        var at = 13 + Self.tableBytes(try bytes.byte(at: 10))
        var walk = Walk()
        while true {
            switch try bytes.byte(at: at) {
            case 0x3B:
                guard walk.frames > 0 else { throw .notDecodable(reason: "no GIF picture data") }
                header = PictureHeader(
                    kind: .gif, width: width, height: height, frames: walk.frames, hasAlpha: walk.hasAlpha,
                    isInterlaced: walk.isInterlaced, needsColorConversion: false, isPlainRGB: false, byteCount: at + 1)
                return
            case 0x21:
                if try bytes.byte(at: at + 1) == 0xF9, try bytes.byte(at: at + 3) & 1 == 1 { walk.hasAlpha = true }
                at = try walk.skipBlocks(bytes, from: at + 2)
            case 0x2C:
                walk.frames += 1
                try bounds.admit(frames: walk.frames)
                // Some decoders widen the screen for a frame that reaches over it.
                width = max(width, try bytes.little(at: at + 1, 2) + bytes.little(at: at + 5, 2))
                height = max(height, try bytes.little(at: at + 3, 2) + bytes.little(at: at + 7, 2))
                try bounds.admit(width: width, height: height)
                let flags = try bytes.byte(at: at + 9)
                if flags & 0x40 != 0 { walk.isInterlaced = true }
                at = try walk.skipBlocks(bytes, from: at + 10 + Self.tableBytes(flags) + 1)
            default: throw .notDecodable(reason: "broken GIF block")
            }
        }
    }

    private static func tableBytes(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }

    private struct Walk {
        var frames = 0
        var blocks = 0
        var hasAlpha = false
        var isInterlaced = false

        mutating func skipBlocks(_ bytes: PictureBytes, from start: Int) throws(PictureError) -> Int {
            var at = start
            while case let length = Int(try bytes.byte(at: at)), length > 0 {
                blocks += 1
                guard blocks <= mostBlocks else { throw .notDecodable(reason: "too many GIF blocks") }
                at += 1 + length
            }
            return at + 1
        }
    }
}
