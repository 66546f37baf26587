/// Makes lines that are safe to store and show of what a run writes: escape sequences of terminals are removed, so are
/// control characters and what turns the direction of text; invalid UTF-8 becomes U+FFFD; a line that was written over
/// (carriage return) shows its last form; addresses and secrets are redacted; over-long lines are broken.
///
/// What comes out depends on the bytes alone, never on how they were cut into chunks, so that a copy can be taken up
/// again from the beginning and meets what is stored.
struct LogCleaner: Sendable {
    private enum Escape {
        case none
        case begun
        /// ESC [ ... up to a final byte.
        case control
        /// ESC ] P X ^ _ ... up to BEL or ESC \.
        case string
        case stringEscape
        /// ESC and one of the intermediate bytes, one more to come.
        case intermediate
    }

    /// Bytes after which a line is broken.
    static let longestLine = 4096
    /// A sequence of this many bytes is none.
    private static let longestEscape = 4096

    private let redaction: Redaction
    private var line: [UInt8] = []
    private var escape = Escape.none
    private var escapeBytes = 0
    private var isReturned = false

    init(redaction: Redaction) {
        self.redaction = redaction
    }

    /// The lines that these bytes complete, without their ends.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes { take(byte, &lines) }
        return lines
    }

    /// The line that was left without an end, if one was.
    mutating func finish() -> [String] {
        defer { line = [] }
        return line.isEmpty ? [] : [shown(redaction.apply(to: line))]
    }

    private mutating func take(_ byte: UInt8, _ lines: inout [String]) {
        if !isText(byte) { return }
        switch byte {
        case UInt8(ascii: "\n"):
            lines.append(shown(redaction.apply(to: line)))
            line.removeAll(keepingCapacity: true)
            isReturned = false
            return
        case UInt8(ascii: "\r"):
            isReturned = true
            return
        case 0..<0x20 where byte != UInt8(ascii: "\t"):
            return
        case 0x7F:
            return
        default:
            break
        }
        if isReturned {
            line.removeAll(keepingCapacity: true)
            isReturned = false
        }
        line.append(byte)
        if line.count >= Self.longestLine + redaction.reach { breakLine(&lines) }
    }

    /// Whether the byte is text, and not part of an escape sequence.
    private mutating func isText(_ byte: UInt8) -> Bool {
        escapeBytes += 1
        switch escape {
        case .none:
            guard byte == 0x1B else { return true }
            escape = .begun
            escapeBytes = 0
        case .begun:
            switch byte {
            case UInt8(ascii: "["): escape = .control
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
                escape = .string
            case 0x20...0x2F: escape = .intermediate
            case 0x1B: break
            case UInt8(ascii: "\n"):
                escape = .none
                return true
            default: escape = .none
            }
        case .control:
            if byte == UInt8(ascii: "\n") {
                escape = .none
                return true
            }
            if (0x40...0x7E).contains(byte) || escapeBytes > Self.longestEscape { escape = .none }
        case .string:
            if byte == 0x07 || escapeBytes > Self.longestEscape { escape = .none }
            if byte == 0x1B { escape = .stringEscape }
        case .stringEscape:
            escape = byte == UInt8(ascii: "\\") ? .none : .string
        case .intermediate:
            if !(0x20...0x2F).contains(byte) { escape = .none }
        }
        return false
    }

    /// Gives out what no secret can reach into any more, and keeps the rest as the next line's beginning.
    private mutating func breakLine(_ lines: inout [String]) {
        let clean = redaction.apply(to: line)
        var cut = max(0, clean.count - redaction.reach)
        // Not inside a character.
        for _ in 0..<3 where cut > 0 && cut < clean.count && clean[cut] & 0xC0 == 0x80 { cut -= 1 }
        lines.append(shown(Array(clean[..<cut])))
        line = Array(clean[cut...])
    }

    private func shown(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.unicodeScalars.contains(where: { $0.value >= 0x80 && isUnsafe($0) }) else { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { safe.append(isUnsafe(scalar) ? "\u{FFFD}" : scalar) }
        return String(safe)
    }

    /// C1 controls, line and paragraph separators, and what turns the direction of the text after it.
    private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
