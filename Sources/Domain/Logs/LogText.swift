/// Makes a run's log fit to be shown: takes out terminal sequences and control characters, makes every line end a line
/// feed. Fed in pieces; what it gives depends only on all the bytes before, not on how they were cut.
package struct LogText: Sendable {
    private enum Place {
        case text
        /// After a carriage return.
        case carriageReturn
        /// After ESC.
        case escape
        /// ESC and bytes that announce one final byte (character sets).
        case escapeIntermediate
        /// Inside `ESC [`.
        case control
        /// Inside `ESC ]`, `P`, `X`, `^`, `_`: until BEL or ST.
        case string
        case stringEscape
        /// After C2, which begins the C1 controls and much else.
        case afterC2
    }

    private var place = Place.text
    /// Bytes of the sequence under way: one that is too long is none, and the log is shown again.
    private var length = 0
    private static let longestSequence = 4096

    /// Whether sequences that say how text looks (SGR: `ESC [ ... m`, of digits and semicolons) stay as they are.
    private let keepsColors: Bool
    /// Of the `ESC [` under way; `nil`: it is none that stays.
    private var parameters: [UInt8]?
    /// Longer ones are no colour's.
    private static let longestParameters = 64

    package init(keepsColors: Bool = false) {
        self.keepsColors = keepsColors
    }

    /// The cleaned text of the next bytes.
    package mutating func clean(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount)
        for byte in bytes { take(byte, &text) }
        return text
    }

    private mutating func take(_ byte: UInt8, _ text: inout [UInt8]) {
        switch place {
        case .text: plain(byte, &text)
        case .carriageReturn:
            place = .text
            text.append(0x0A)
            if byte != 0x0A { plain(byte, &text) }
        case .escape: afterEscape(byte, &text)
        case .escapeIntermediate:
            if !(0x20...0x2F).contains(byte) { place = .text }
        case .control: inControl(byte, &text)
        case .string: inString(byte, &text)
        case .stringEscape:
            place = .text
            if byte != UInt8(ascii: "\\") { plain(byte, &text) }
        case .afterC2:
            place = .text
            guard !(0x80...0x9F).contains(byte) else { return }
            text.append(0xC2)
            plain(byte, &text)
        }
    }

    private mutating func plain(_ byte: UInt8, _ text: inout [UInt8]) {
        switch byte {
        case 0x09, 0x0A: text.append(byte)
        case 0x0D: place = .carriageReturn
        case 0x1B: place = .escape
        case 0xC2: place = .afterC2
        case 0x00..<0x20, 0x7F: break
        default: text.append(byte)
        }
    }

    private mutating func afterEscape(_ byte: UInt8, _ text: inout [UInt8]) {
        length = 0
        switch byte {
        case UInt8(ascii: "["):
            place = .control
            parameters = keepsColors ? [] : nil
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            place = .string
        case 0x20...0x2F: place = .escapeIntermediate
        case 0x30...0x7E: place = .text
        default:
            place = .text
            plain(byte, &text)
        }
    }

    private mutating func inControl(_ byte: UInt8, _ text: inout [UInt8]) {
        length += 1
        switch byte {
        case 0x20...0x3F where length < Self.longestSequence:
            if Self.isParameter(byte), length <= Self.longestParameters {
                parameters?.append(byte)
            } else {
                parameters = nil
            }
        case 0x40...0x7E:
            place = .text
            guard byte == UInt8(ascii: "m"), let parameters else { return }
            text += [0x1B, UInt8(ascii: "[")]
            text += parameters
            text.append(byte)
        default:
            place = .text
            plain(byte, &text)
        }
    }

    private static func isParameter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ";")
    }

    private mutating func inString(_ byte: UInt8, _ text: inout [UInt8]) {
        length += 1
        switch byte {
        case 0x07: place = .text
        case 0x1B: place = .stringEscape
        // Nobody's title has several lines: its end was lost.
        case 0x0A:
            place = .text
            plain(byte, &text)
        default:
            if length >= Self.longestSequence { place = .text }
        }
    }
}
