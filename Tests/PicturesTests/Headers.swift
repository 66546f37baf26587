/// Small structures of the other formats, enough to be walked through; only some of them could be decoded.
enum Headers {
    static func gif(_ width: Int, _ height: Int, frames: Int) -> [UInt8] {
        let frame: [UInt8] = [0x2C, 0, 0, 0, 0] + little(width, 2) + little(height, 2) + [0, 2, 2, 0x4C, 0x01, 0]
        let table: [UInt8] = [0x80, 0, 0, 0, 0, 0, 255, 255, 255]
        return Array("GIF89a".utf8) + little(width, 2) + little(height, 2) + table
            + Array((0..<frames).map { _ in frame }.joined()) + [0x3B]
    }

    static func jpeg(_ width: Int, _ height: Int, frame: UInt8 = 0xC0, scans: Int = 1) -> [UInt8] {
        let size: [UInt8] = [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
        let start: [UInt8] = [0xFF, frame, 0, 11, 8] + size + [1, 1, 0x11, 0]
        let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56]
        return [0xFF, 0xD8] + start + Array((0..<scans).map { _ in scan }.joined()) + [0xFF, 0xD9]
    }

    static func webp(_ chunks: [(String, [UInt8])]) -> [UInt8] {
        let body = chunks.flatMap { name, data in
            Array(name.utf8) + little(data.count, 4) + data + [UInt8](repeating: 0, count: data.count % 2)
        }
        return Array("RIFF".utf8) + little(body.count + 4, 4) + Array("WEBP".utf8) + body
    }

    static func lossy(_ width: Int, _ height: Int) -> (String, [UInt8]) {
        ("VP8 ", [0x10, 0, 0, 0x9D, 0x01, 0x2A] + little(width, 2) + little(height, 2) + [0, 0])
    }

    static func lossless(_ width: Int, _ height: Int) -> (String, [UInt8]) {
        ("VP8L", [0x2F] + little((width - 1) | (height - 1) << 14 | 1 << 28, 4) + [0])
    }

    static func canvas(_ width: Int, _ height: Int) -> (String, [UInt8]) {
        ("VP8X", [0x12, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3))
    }

    static func animationFrame(_ width: Int, _ height: Int) -> (String, [UInt8]) {
        ("ANMF", [0, 0, 0, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3) + [0, 0, 0, 0])
    }

    static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
