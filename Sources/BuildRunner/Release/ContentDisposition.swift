import Domain

/// `Content-Disposition` of an answer (RFC 6266), as far as it names a file.
///
/// Where it is written against the grammar it counts for as little as browsers let it: a parameter that is given twice or
/// cannot be read is not there, and what cannot be taken apart names nothing. Only white space in an unquoted name is
/// allowed, since many servers forget the quotes.
struct ContentDisposition: Hashable, Sendable {
    /// Without folders; from `filename*` if that can be read, else from `filename`. Untrusted, never empty.
    let filename: String?

    /// - Parameter header: the value, raw UTF-8 as it is.
    init(_ header: String) {
        var reader = DispositionReader(Array(header.utf8))
        guard let parameters = reader.parameters() else {
            filename = nil
            return
        }
        let extended = Self.only("filename*", parameters).flatMap { $0.isQuoted ? nil : ExtendedValue.text($0.bytes) }
        let plain = Self.only("filename", parameters).map { String(decoding: $0.bytes, as: UTF8.self) }
        filename = extended.flatMap(Self.withoutFolders) ?? plain.flatMap(Self.withoutFolders)
    }

    private static func only(
        _ name: String, _ parameters: [DispositionReader.Parameter]
    ) -> DispositionReader.Parameter? {
        let found = parameters.filter { $0.name == name }
        return found.count == 1 ? found[0] : nil
    }

    /// RFC 6266, 4.3: where a path is given, its last part is the name.
    private static func withoutFolders(_ name: String) -> String? {
        let last = name.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last
        guard let last, !last.isEmpty else { return nil }
        return String(last)
    }
}

/// `ext-value` of RFC 8187: `UTF-8'en'%e2%82%ac%20rates`.
enum ExtendedValue {
    /// `nil` if it is none, or not in UTF-8 or ISO-8859-1.
    static func text(_ value: [UInt8]) -> String? {
        let parts = value.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, isWellFormed(parts[2]) else { return nil }
        let bytes = parts[2].percentDecoded
        switch String(decoding: parts[0], as: UTF8.self).lowercased() {
        case "utf-8": return String(validating: bytes, as: UTF8.self)
        case "iso-8859-1":
            return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default: return nil
        }
    }

    /// `value-chars`: each is an `attr-char` or an escape.
    private static func isWellFormed(_ bytes: ArraySlice<UInt8>) -> Bool {
        var left = bytes
        while let byte = left.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = left.popFirst(), let low = left.popFirst(), high.hexDigit != nil, low.hexDigit != nil
                else { return false }
            } else if !DispositionReader.isToken(byte) || byte == UInt8(ascii: "*") {
                return false
            }
        }
        return true
    }
}

/// Takes a header's value apart into its parameters.
struct DispositionReader {
    struct Parameter: Hashable {
        /// In lower case.
        var name: String
        var bytes: [UInt8]
        var isQuoted: Bool
    }

    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    /// `nil` if the value is against the grammar.
    mutating func parameters() -> [Parameter]? {
        skipSpace()
        guard !token().isEmpty else { return nil }
        var parameters: [Parameter] = []
        skipSpace()
        while let byte = next {
            guard byte == UInt8(ascii: ";") else { return nil }
            place += 1
            skipSpace()
            // A semicolon too many is of no harm.
            if next == nil || next == UInt8(ascii: ";") { continue }
            guard let parameter = parameter() else { return nil }
            parameters.append(parameter)
            skipSpace()
        }
        return parameters
    }

    private mutating func parameter() -> Parameter? {
        let name = token()
        skipSpace()
        guard !name.isEmpty, next == UInt8(ascii: "=") else { return nil }
        place += 1
        skipSpace()
        let isQuoted = next == UInt8(ascii: "\"")
        guard let value = isQuoted ? quoted() : unquoted() else { return nil }
        return Parameter(name: String(decoding: name, as: UTF8.self).lowercased(), bytes: value, isQuoted: isQuoted)
    }

    private mutating func token() -> ArraySlice<UInt8> {
        let start = place
        while let byte = next, Self.isToken(byte) { place += 1 }
        return bytes[start..<place]
    }

    private mutating func quoted() -> [UInt8]? {
        place += 1
        var value: [UInt8] = []
        while let byte = next {
            place += 1
            if byte == UInt8(ascii: "\"") { return value }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = next else { return nil }
                place += 1
                value.append(escaped)
            } else {
                value.append(byte)
            }
        }
        return nil
    }

    private mutating func unquoted() -> [UInt8]? {
        let start = place
        while let byte = next, byte != UInt8(ascii: ";") {
            guard byte != UInt8(ascii: "\""), byte != UInt8(ascii: ",") else { return nil }
            place += 1
        }
        var value = bytes[start..<place]
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        return value.isEmpty ? nil : Array(value)
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 { place += 1 }
    }

    /// `tchar` of RFC 9110.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
