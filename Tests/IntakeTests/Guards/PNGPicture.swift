/// A PNG of one colour, stored uncompressed, with what a test wants to hide in it.
struct PNGPicture {
    var width = 80
    var height = 50
    /// Chunks before the pixels.
    var chunks: [(name: String, data: [UInt8])] = []
    /// Bytes behind the end.
    var tail: [UInt8] = []

    var bytes: [UInt8] {
        let row: [UInt8] = [0] + [UInt8](repeating: 0x40, count: width * 3)
        let pixels = [[UInt8]](repeating: row, count: height).flatMap { $0 }
        return start + chunks.flatMap { Self.chunk($0.name, $0.data) }
            + Self.chunk("IDAT", Self.stored(pixels)) + Self.chunk("IEND", []) + tail
    }

    /// The signature and the header.
    var start: [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + Self.chunk("IHDR", Self.number(width) + Self.number(height) + [8, 2, 0, 0, 0])
    }

    static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        var check: UInt32 = 0xFFFF_FFFF
        for byte in body {
            check ^= UInt32(byte)
            for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
        }
        return number(data.count) + body + number(Int(~check))
    }

    private static func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// zlib without compression; at most 65,535 bytes.
    private static func stored(_ data: [UInt8]) -> [UInt8] {
        let (low, high) = (UInt8(data.count & 255), UInt8(data.count >> 8))
        var (one, two): (UInt32, UInt32) = (1, 0)
        for byte in data {
            one = (one + UInt32(byte)) % 65_521
            two = (two + one) % 65_521
        }
        return [0x78, 0x01, 1, low, high, ~low, ~high] + data + number(Int(two << 16 | one))
    }
}

/// One entry of a tar, its header only: enough for links and wicked names.
func tarEntry(_ name: String, type: Character = "0", link: String = "") -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
        header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
    }
    put(name, at: 0)
    put("0000644\u{0}0000000\u{0}0000000\u{0}00000000000\u{0}00000000000\u{0}        \(type)\(link)", at: 100)
    put("ustar\u{0}00", at: 257)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} ", at: 148)
    return header
}

let tarEnd = [UInt8](repeating: 0, count: 1024)
