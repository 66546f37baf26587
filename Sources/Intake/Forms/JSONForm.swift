import Domain

/// A program's submission: one JSON object (RFC 8259) of fields. Read by hand so that a name given twice is seen, numbers
/// keep the digits that were sent, and depth is bounded.
enum JSONForm {
    static func submission(from bytes: [UInt8]) throws(IntakeError) -> Submission {
        // Checked once here, so that no string needs a second look.
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .malformed(.json) }
        var reader = JSONReader(bytes: bytes)
        var submission = Submission()
        try reader.readObject { name, reader throws(IntakeError) in
            for content in try Self.contents(of: &reader) {
                submission.parts.append(Submission.Part(name: name, content: content))
            }
        }
        guard reader.isAtEnd else { throw .malformed(.json) }
        return submission
    }

    private static func contents(of reader: inout JSONReader) throws(IntakeError) -> [Submission.Content] {
        switch try reader.peek() {
        case UInt8(ascii: "["):
            var contents: [Submission.Content] = []
            try reader.readArray { reader throws(IntakeError) in contents.append(try scalar(&reader) ?? .text("")) }
            // An empty list says that nothing was chosen.
            return contents.isEmpty ? [.text("")] : contents
        default: return try scalar(&reader).map { [$0] } ?? []
        }
    }

    /// `nil` for `null`.
    private static func scalar(_ reader: inout JSONReader) throws(IntakeError) -> Submission.Content? {
        switch try reader.peek() {
        case UInt8(ascii: "\""): return .text(try reader.readString())
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try reader.skipValue(depth: 0)
            return .structure
        case UInt8(ascii: "n"):
            try reader.readWord("null")
            return nil
        case UInt8(ascii: "t"):
            try reader.readWord("true")
            return .text("true")
        case UInt8(ascii: "f"):
            try reader.readWord("false")
            return .text("false")
        default: return .text(try reader.readNumber())
        }
    }
}
