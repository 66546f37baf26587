/// How a stretch of a log looks in a terminal: what of SGR (`ESC [ ... m`) is kept.
///
/// Its `code` is the one form in which a style is stored: `ESC [ 0 ; ... m`, which says the whole style anew, so that a
/// reader may begin anywhere.
struct TextStyle: Hashable, Sendable {
    private enum Color: Hashable, Sendable {
        /// 0...15: the terminal's own.
        case basic(UInt8)
        case palette(UInt8)
        case rgb(UInt8, UInt8, UInt8)
    }

    /// Bits 1...9: bold, faint, italic, underlined, slow and rapid blinking, reversed, hidden, struck.
    private var attributes: UInt16 = 0
    private var foreground: Color?
    private var background: Color?

    static let plain = TextStyle()

    /// The bytes that bring a terminal from any style to this one.
    var code: [UInt8] {
        var codes = ["0"]
        for bit in 1...9 where attributes & (1 << UInt16(bit)) != 0 { codes.append("\(bit)") }
        if let foreground { codes.append(Self.text(foreground, 30)) }
        if let background { codes.append(Self.text(background, 40)) }
        return Array("\u{1B}[\(codes.joined(separator: ";"))m".utf8)
    }

    /// Takes a sequence's parameters over; those that are none of the known ones change nothing.
    mutating func apply(_ parameters: [UInt8]) {
        var codes: [Int] = []
        var number = 0
        var digits = 0
        for byte in parameters + [UInt8(ascii: ";")] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                guard digits <= 3 else { return }
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
            case UInt8(ascii: ";"):
                codes.append(number)
                (number, digits) = (0, 0)
            default:
                return
            }
        }
        var rest = codes[...]
        while let code = rest.popFirst() { apply(code, &rest) }
    }

    private mutating func apply(_ code: Int, _ rest: inout ArraySlice<Int>) {
        switch code {
        case 0: self = .plain
        case 1...9: attributes |= 1 << UInt16(code)
        case 22: attributes &= ~0b110
        case 23: attributes &= ~(1 << 3)
        case 24: attributes &= ~(1 << 4)
        case 27: attributes &= ~(1 << 7)
        case 29: attributes &= ~(1 << 9)
        case 30...37: foreground = .basic(UInt8(code - 30))
        case 90...97: foreground = .basic(UInt8(code - 90 + 8))
        case 40...47: background = .basic(UInt8(code - 40))
        case 100...107: background = .basic(UInt8(code - 100 + 8))
        case 38: if let color = Self.extended(&rest) { foreground = color }
        case 48: if let color = Self.extended(&rest) { background = color }
        case 39: foreground = nil
        case 49: background = nil
        default: break
        }
    }

    /// What follows 38 or 48; nothing that follows a broken one can be understood.
    private static func extended(_ rest: inout ArraySlice<Int>) -> Color? {
        let count = rest.first == 5 ? 1 : rest.first == 2 ? 3 : 0
        let values = rest.dropFirst().prefix(count).compactMap { UInt8(exactly: $0) }
        guard count > 0, values.count == count else {
            rest = []
            return nil
        }
        rest = rest.dropFirst(1 + count)
        return count == 1 ? .palette(values[0]) : .rgb(values[0], values[1], values[2])
    }

    private static func text(_ color: Color, _ base: Int) -> String {
        switch color {
        case .basic(let number): "\(number < 8 ? base + Int(number) : base + 60 + Int(number) - 8)"
        case .palette(let number): "\(base + 8);5;\(number)"
        case .rgb(let red, let green, let blue): "\(base + 8);2;\(red);\(green);\(blue)"
        }
    }
}
