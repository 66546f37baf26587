/// Percent-encoding (RFC 3986, 2.1), taken away.
enum PercentText {
    /// `%41` becomes `A`; what is not well-formed stays as it is. Bytes that are no UTF-8 become U+FFFD.
    static func decoded(_ text: String) -> String {
        String(decoding: bytes(text.utf8), as: UTF8.self)
    }

    static func bytes(_ text: some Sequence<UInt8>) -> [UInt8] {
        let text = Array(text)
        var bytes: [UInt8] = []
        var place = 0
        while place < text.count {
            if text[place] == UInt8(ascii: "%"), place + 2 < text.count, let high = digit(text[place + 1]),
                let low = digit(text[place + 2])
            {
                bytes.append(high << 4 | low)
                place += 3
            } else {
                bytes.append(text[place])
                place += 1
            }
        }
        return bytes
    }

    /// The name at the end of a link's path, decoded; `nil` if it ends with a slash or has no path. It may hold a slash of
    /// its own (`%2F`), which makes it no file's name.
    static func lastSegment(of link: String) -> String? {
        let path = link.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        // The scheme, nothing, the host, the path.
        guard parts.count > 3, let last = parts.last, !last.isEmpty else { return nil }
        return decoded(String(decoding: last, as: UTF8.self))
    }

    /// The value of a hexadecimal digit.
    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
