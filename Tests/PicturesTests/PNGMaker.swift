/// Makes PNGs of stored (not compressed) data, honest or not.
struct PNGMaker {
    var width: Int
    var height: Int
    /// 2 is RGB, 6 is RGBA.
    var colorType: UInt8 = 2
    var pixel: (Int, Int) -> [UInt8] = { x, y in
        [UInt8(truncatingIfNeeded: x * 5), UInt8(truncatingIfNeeded: y * 7), 90]
    }
    var extraChunks: [(String, [UInt8])] = []
    var tail: [UInt8] = []

    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    var bytes: [UInt8] {
        var rows: [UInt8] = []
        for y in 0..<height {
            rows.append(0)
            for x in 0..<width { rows += pixel(x, y) }
        }
        return Self.head(width, height, colorType) + extraChunks.flatMap(Self.chunk)
            + Self.chunk("IDAT", Self.zlib(rows))
            + Self.chunk("IEND", []) + tail
    }

    /// The signature and the header chunk alone.
    static func head(_ width: Int, _ height: Int, _ colorType: UInt8 = 2) -> [UInt8] {
        signature + chunk("IHDR", big(width) + big(height) + [8, colorType, 0, 0, 0])
    }

    static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return big(data.count) + body + big(Int(crc32(body)))
    }

    static func big(_ value: Int) -> [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    private static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var packed: [UInt8] = [0x78, 0x01]
        var at = 0
        repeat {
            let count = min(65_535, bytes.count - at)
            let (low, high) = (UInt8(count & 255), UInt8(count >> 8))
            packed += [at + count == bytes.count ? 1 : 0, low, high, ~low, ~high] + bytes[at..<(at + count)]
            at += count
        } while at < bytes.count
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return packed + big(Int(b << 16 | a))
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
