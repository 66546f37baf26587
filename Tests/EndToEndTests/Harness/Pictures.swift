import Foundation

/// Pictures as bytes, written here so that nothing of Kiln's vouches for itself.
enum Pictures {
    static let gif =
        Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
        + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]

    /// A PNG of one colour that changes from row to row.
    /// - Parameter isHeaderOnly: its data is a block of zeros, as long as a file of a megabyte has.
    static func png(width: Int, height: Int, isHeaderOnly: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        bytes += chunk("IHDR", big(UInt32(width)) + big(UInt32(height)) + [8, 2, 0, 0, 0])
        let data: [UInt8]
        if isHeaderOnly {
            data = [UInt8](repeating: 0, count: 1 << 20)
        } else {
            var rows: [UInt8] = []
            for row in 0..<height {
                let color = [UInt8(row * 255 / height), UInt8(truncatingIfNeeded: row &* 7), 90]
                rows.append(0)
                for _ in 0..<width { rows += color }
            }
            data = stored(rows)
        }
        bytes += chunk("IDAT", data) + chunk("IEND", [])
        return bytes
    }

    /// zlib's format without compression.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x78, 0x01]
        var offset = 0
        while offset < bytes.count {
            let piece = bytes[offset..<min(offset + 65535, bytes.count)]
            offset += piece.count
            let length = UInt16(piece.count)
            out += [offset == bytes.count ? 1 : 0, UInt8(length & 0xFF), UInt8(length >> 8)]
            out += [UInt8(~length & 0xFF), UInt8(~length >> 8)]
            out += piece
        }
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        return out + big(high << 16 | low)
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        return big(UInt32(data.count)) + body + big(crc(body))
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
        }
    }

    private static func big(_ number: UInt32) -> [UInt8] {
        [UInt8(number >> 24), UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
    }
}
