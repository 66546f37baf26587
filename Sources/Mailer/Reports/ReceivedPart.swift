import Domain
import Foundation

/// A part of a received mail (RFC 5322, 2045, 2046), read as far as reports need it: header fields, and where the body
/// is. Whatever the bytes are, reading ends, in time and memory that grow with them and no faster (P6).
struct ReceivedPart {
    struct Field: Hashable {
        /// In lower case.
        var name: String
        /// Unfolded.
        var value: String
    }

    /// What all parts of a mail together may have.
    struct Budget {
        var parts = 200
        var depth = 8
    }

    private static let mostHeaderBytes = 64 << 10
    private static let mostFields = 500

    let fields: [Field]
    /// As it came, still encoded.
    let body: ArraySlice<UInt8>
    /// Of a `multipart`; others have none.
    let parts: [ReceivedPart]

    init(_ bytes: [UInt8]) {
        var budget = Budget()
        var start = bytes[...]
        // A line that mailbox files put before a mail.
        if start.starts(with: Array("From ".utf8)) { _ = Self.takeLine(&start) }
        self.init(start, &budget)
    }

    private init(_ bytes: ArraySlice<UInt8>, _ budget: inout Budget) {
        var rest = bytes
        fields = Self.fields(takenFrom: &rest, most: Self.mostHeaderBytes)
        body = rest
        let type = fields.first { $0.name == "content-type" }.map { ReceivedType($0.value) }
        guard let type, type.name.hasPrefix("multipart/"), let boundary = type.boundary, budget.depth > 0 else {
            parts = []
            return
        }
        budget.depth -= 1
        var parts: [ReceivedPart] = []
        for piece in Self.pieces(of: rest, between: boundary, most: budget.parts) {
            guard budget.parts > 0 else { break }
            budget.parts -= 1
            parts.append(ReceivedPart(piece, &budget))
        }
        budget.depth += 1
        self.parts = parts
    }

    func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    var type: ReceivedType { ReceivedType(value("content-type") ?? "text/plain") }

    /// The body's beginning without its transfer encoding; as it is if that is broken or unknown.
    func decoded(most: Int) -> [UInt8] {
        let encoded = body.prefix(most)
        switch value("content-transfer-encoding")?.lowercased().filter({ !$0.isWhitespace }) {
        case "base64":
            guard let data = Data(base64Encoded: Data(encoded), options: .ignoreUnknownCharacters) else {
                return Array(encoded)
            }
            return [UInt8](data)
        case "quoted-printable": return Self.unquoted(encoded)
        default: return Array(encoded)
        }
    }

    /// Header fields up to the empty line, which is taken too. Lines that are none are passed over.
    static func fields(takenFrom rest: inout ArraySlice<UInt8>, most: Int) -> [Field] {
        var fields: [Field] = []
        var bytes = 0
        while !rest.isEmpty {
            let line = takeLine(&rest)
            bytes += line.count
            if line.isEmpty { break }
            guard bytes <= most else { continue }
            if line.first == 0x20 || line.first == 0x09 {
                guard !fields.isEmpty else { continue }
                fields[fields.count - 1].value += " " + text(line)
            } else if fields.count < mostFields, let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                fields.append(
                    Field(name: text(line[..<colon]).lowercased(), value: text(line[line.index(after: colon)...])))
            }
        }
        return fields
    }

    /// The next line without its end, LF or CRLF.
    static func takeLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(of: 0x0A) else {
            defer { rest = rest[rest.endIndex...] }
            return rest
        }
        let line = rest[..<end]
        rest = rest[rest.index(after: end)...]
        return line.last == 0x0D ? line.dropLast() : line
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What stands between the boundary's lines; the last piece ends with the bytes if its line is missing.
    private static func pieces(
        of body: ArraySlice<UInt8>, between boundary: String, most: Int
    ) -> [ArraySlice<UInt8>] {
        let mark = Array("--\(boundary)".utf8)
        var pieces: [ArraySlice<UInt8>] = []
        var start: Int?
        var rest = body
        while !rest.isEmpty, pieces.count < most {
            let lineStart = rest.startIndex
            var line = takeLine(&rest)
            guard line.starts(with: mark) else { continue }
            while let last = line.last, last == 0x20 || last == 0x09 { line = line.dropLast() }
            let behind = line.dropFirst(mark.count)
            let isEnd = behind.elementsEqual([0x2D, 0x2D])
            guard behind.isEmpty || isEnd else { continue }
            if let start { pieces.append(body[start..<lineStart]) }
            if isEnd { return pieces }
            start = rest.startIndex
        }
        if let start, pieces.count < most { pieces.append(body[start...]) }
        return pieces
    }

    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                output.append(byte)
                continue
            }
            var line = rest
            while line.first == 0x20 || line.first == 0x09 { line = line.dropFirst() }
            if line.first == 0x0D { line = line.dropFirst() }
            if line.first == 0x0A {
                rest = line.dropFirst()
            } else if let high = rest.first?.hexDigit, let low = rest.dropFirst().first?.hexDigit {
                output.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                output.append(byte)
            }
        }
        return output
    }
}

/// A `Content-Type` as far as reports need it.
struct ReceivedType: Hashable {
    /// In lower case.
    let name: String
    private let parameters: [String: String]

    init(_ text: String) {
        var pieces = Self.pieces(of: text.prefix(2000))
        name = pieces.isEmpty ? "" : pieces.removeFirst().lowercased()
        var parameters: [String: String] = [:]
        for piece in pieces.prefix(50) {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let key = parts[0].trimmingSpaces().lowercased()
            if parameters[key] == nil { parameters[key] = parts[1].trimmingSpaces() }
        }
        self.parameters = parameters
    }

    /// `nil` for one that is none (RFC 2046: 1 to 70 characters).
    var boundary: String? {
        parameters["boundary"].flatMap { (1...70).contains($0.utf8.count) ? $0 : nil }
    }

    func parameter(_ name: String) -> String? { parameters[name] }

    /// Split at semicolons outside quotes; quotes and comments are taken away.
    private static func pieces(of text: Substring) -> [String] {
        var pieces: [String] = [""]
        var isQuoted = false
        var isEscaped = false
        var comment = 0
        for character in text {
            if isEscaped {
                isEscaped = false
                if comment == 0 { pieces[pieces.count - 1].append(character) }
            } else if character == "\\", isQuoted || comment > 0 {
                isEscaped = true
            } else if character == "\"", comment == 0 {
                isQuoted.toggle()
            } else if character == "(", !isQuoted {
                comment += 1
            } else if character == ")", comment > 0 {
                comment -= 1
            } else if character == ";", !isQuoted, comment == 0 {
                pieces.append("")
            } else if comment == 0 {
                pieces[pieces.count - 1].append(character)
            }
        }
        return pieces.map { $0.trimmingSpaces() }
    }
}
