/// RFC 4648 base64.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// So many bytes make one line of 76 characters.
    static let lineBytes = 57

    static func text(of bytes: some Collection<UInt8>) -> String {
        String(decoding: encode(Array(bytes)), as: UTF8.self)
    }

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        encode(bytes, lineBytes: Int.max)
    }

    /// In lines of 76 characters, the last one shorter, each ended by CRLF; nothing for nothing.
    static func lines(of bytes: [UInt8]) -> [UInt8] {
        encode(bytes, lineBytes: lineBytes)
    }

    /// How much `lines` makes of so many bytes.
    static func lengthOfLines(_ bytes: Int64) -> Int64 {
        let rest = bytes % Int64(lineBytes)
        return bytes / Int64(lineBytes) * 78 + (rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2)
    }

    /// How many bytes fit for certain into so much of what `lines` makes.
    static func bytesInLines(of length: Int64) -> Int64 { length / 78 * Int64(lineBytes) }

    private static func encode(_ bytes: [UInt8], lineBytes: Int) -> [UInt8] {
        let alphabet = alphabet
        var output: [UInt8] = []
        let isInLines = lineBytes < Int.max
        output.reserveCapacity(isInLines ? Int(lengthOfLines(Int64(bytes.count))) : (bytes.count + 2) / 3 * 4)
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, isInLines ? place + lineBytes : bytes.count)
            while place + 3 <= end {
                let triple = UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2])
                output.append(alphabet[Int(triple >> 18)])
                output.append(alphabet[Int(triple >> 12 & 63)])
                output.append(alphabet[Int(triple >> 6 & 63)])
                output.append(alphabet[Int(triple & 63)])
                place += 3
            }
            if place < end {
                let second = place + 1 < end ? UInt32(bytes[place + 1]) : 0
                let triple = UInt32(bytes[place]) << 16 | second << 8
                output.append(alphabet[Int(triple >> 18)])
                output.append(alphabet[Int(triple >> 12 & 63)])
                output.append(place + 1 < end ? alphabet[Int(triple >> 6 & 63)] : UInt8(ascii: "="))
                output.append(UInt8(ascii: "="))
                place = end
            }
            if isInLines { output += [0x0D, 0x0A] }
        }
        return output
    }
}
