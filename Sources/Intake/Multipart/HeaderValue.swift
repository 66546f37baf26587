/// A header value with parameters (`form-data; name="x"; filename="y"`), taken apart as clients really write it.
///
/// Quoted values: browsers percent-encode the quote and line ends and leave the backslash as it is; curl and mail-like
/// clients escape both with a backslash. So `\"` is a quote and `\\` a backslash, another backslash stands for itself, and a
/// backslash before the last quote of the header is the last character of a name, not an escape.
struct HeaderValue {
    struct Parameter {
        /// In lower case.
        var name: String
        var value: [UInt8]
    }

    /// What stands before the first semicolon, in lower case.
    var main: String
    var parameters: [Parameter] = []

    /// `nil` if it cannot be read, or not without doubt: a parameter given twice has no one value.
    init?(_ bytes: some Collection<UInt8>) {
        var reader = Reader(bytes: Array(bytes))
        guard let main = String(validating: reader.takeUntil(UInt8(ascii: ";")).trimmed, as: UTF8.self) else {
            return nil
        }
        self.main = main.lowercased()
        while reader.take(UInt8(ascii: ";")) {
            reader.skipSpace()
            if reader.isAtEnd || reader.peek == UInt8(ascii: ";") { continue }
            guard let parameter = reader.takeParameter(), self[parameter.name] == nil else { return nil }
            parameters.append(parameter)
            reader.skipSpace()
        }
        guard reader.isAtEnd else { return nil }
    }

    subscript(name: String) -> [UInt8]? {
        parameters.first { $0.name == name }?.value
    }
}

private struct Reader {
    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { place == bytes.count }
    var peek: UInt8? { isAtEnd ? nil : bytes[place] }

    mutating func skipSpace() {
        while let byte = peek, byte.isHeaderSpace { place += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    mutating func takeUntil(_ end: UInt8) -> ArraySlice<UInt8> {
        let start = place
        while let byte = peek, byte != end { place += 1 }
        return bytes[start..<place]
    }

    mutating func takeParameter() -> HeaderValue.Parameter? {
        let start = place
        while let byte = peek, byte.isHeaderToken { place += 1 }
        let name = String(decoding: bytes[start..<place], as: UTF8.self).lowercased()
        skipSpace()
        guard !name.isEmpty, take(UInt8(ascii: "=")) else { return nil }
        skipSpace()
        if take(UInt8(ascii: "\"")) {
            return takeQuoted().map { HeaderValue.Parameter(name: name, value: $0) }
        }
        return HeaderValue.Parameter(name: name, value: Array(takeUntil(UInt8(ascii: ";")).trimmed))
    }

    private mutating func takeQuoted() -> [UInt8]? {
        var value: [UInt8] = []
        while let byte = peek {
            place += 1
            if byte == UInt8(ascii: "\"") { return value }
            if byte == UInt8(ascii: "\\"), let next = peek {
                let isEscape = next == UInt8(ascii: "\"") ? !isLastQuote : next == UInt8(ascii: "\\")
                if isEscape {
                    value.append(next)
                    place += 1
                    continue
                }
            }
            value.append(byte)
        }
        return nil
    }

    /// Whether only white space follows the quote that is next.
    private var isLastQuote: Bool {
        bytes[(place + 1)...].allSatisfy(\.isHeaderSpace)
    }
}

extension UInt8 {
    var isHeaderSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// `tchar` of RFC 9110.
    var isHeaderToken: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}

extension ArraySlice<UInt8> {
    /// Without surrounding spaces and tabs.
    var trimmed: ArraySlice<UInt8> {
        guard let first = firstIndex(where: { !$0.isHeaderSpace }), let last = lastIndex(where: { !$0.isHeaderSpace })
        else { return [] }
        return self[first...last]
    }
}
