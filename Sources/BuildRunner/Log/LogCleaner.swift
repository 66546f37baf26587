/// Makes lines that are safe to store and show of what a run writes: of terminals' escape sequences only colours and the
/// like stay (`TextStyle`); control characters go, and what turns the direction of text; invalid UTF-8 becomes U+FFFD; a
/// line that was written over (carriage return) shows its last form; addresses and secrets are redacted, also those that
/// colours break up; over-long lines are broken.
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
    /// Longer parameters are no colour's.
    private static let longestParameters = 64

    let redaction: Redaction
    private var line = StyledLine(style: .plain)
    private var style = TextStyle.plain
    private var parameters: [UInt8] = []
    private var escape = Escape.none
    private var escapeBytes = 0
    private var isReturned = false

    init(redaction: Redaction) {
        self.redaction = redaction
    }

    /// The lines that these bytes complete, without their ends.
    mutating func take(_ bytes: [UInt8]) -> [LogLine] {
        var lines: [LogLine] = []
        for byte in bytes { take(byte, &lines) }
        return lines
    }

    /// The line that was left without an end, if one was.
    mutating func finish() -> [LogLine] {
        line.bytes.isEmpty ? [] : [takeLine()]
    }

    private mutating func takeLine() -> LogLine {
        line.redact(redaction)
        defer { line.restart(style: style) }
        return line.shown
    }

    private mutating func take(_ byte: UInt8, _ lines: inout [LogLine]) {
        if !isText(byte) { return }
        switch byte {
        case UInt8(ascii: "\n"):
            lines.append(takeLine())
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
            line.restart(style: style)
            isReturned = false
        }
        line.append(byte, style)
        if line.bytes.count >= Self.longestLine + redaction.reach { breakLine(&lines) }
    }

    /// Whether the byte is text, and not part of an escape sequence.
    private mutating func isText(_ byte: UInt8) -> Bool {
        if escape == .none, byte != 0x1B { return true }
        escapeBytes += 1
        switch escape {
        case .none: begin()
        case .begun: return isTextAfterEscape(byte)
        case .control: return isTextInControl(byte)
        // No sequence has several lines: its end was lost, and the log goes on.
        case .string where byte == 0x0A, .stringEscape where byte == 0x0A, .intermediate where byte == 0x0A:
            escape = .none
            return true
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

    private mutating func begin() {
        escape = .begun
        escapeBytes = 0
        parameters.removeAll(keepingCapacity: true)
    }

    private mutating func isTextAfterEscape(_ byte: UInt8) -> Bool {
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
        return false
    }

    private mutating func isTextInControl(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\n"):
            escape = .none
            return true
        case 0x1B:
            // The one before was given up.
            begin()
        case 0x40...0x7E:
            escape = .none
            if byte == UInt8(ascii: "m"), parameters.count <= Self.longestParameters { style.apply(parameters) }
        default:
            if parameters.count <= Self.longestParameters { parameters.append(byte) }
            if escapeBytes > Self.longestEscape { escape = .none }
        }
        return false
    }

    /// Gives out what no secret can reach into any more, and keeps the rest as the next line's beginning.
    private mutating func breakLine(_ lines: inout [LogLine]) {
        line.redact(redaction)
        let bytes = line.bytes
        var cut = max(0, bytes.count - redaction.reach)
        // Not inside a character.
        for _ in 0..<3 where cut > 0 && cut < bytes.count && bytes[cut] & 0xC0 == 0x80 { cut -= 1 }
        lines.append(line.split(at: cut))
    }
}
