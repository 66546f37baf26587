import Domain

/// Percent-decoding of path segments and query strings.
enum PercentCoding {
    /// `nil` for a `%` without two hex digits, or bytes that are not UTF-8.
    static func decode(_ text: some StringProtocol, plusIsBlank: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(\.hexDigit), let low = rest.next().flatMap(\.hexDigit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Names and values of a query, in order; what cannot be decoded is left out.
    static func query(_ text: String?) -> [(name: String, value: String)] {
        (text ?? "").split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ decode($0, plusIsBlank: true) }), !name.isEmpty,
                let value = parts.count > 1 ? decode(parts[1], plusIsBlank: true) : ""
            else { return nil }
            return (name, value)
        }
    }
}
