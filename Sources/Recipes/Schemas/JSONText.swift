/// A JSON value whose members keep their order, so that what is written from it is the same every time.
package indirect enum JSONText: Sendable {
    case string(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case array([JSONText])
    case object([(String, JSONText)])

    /// The value, indented by two spaces a level, without a line break at its end.
    package var text: String {
        var out = ""
        write(to: &out, indent: 0)
        return out
    }

    private func write(to out: inout String, indent: Int) {
        switch self {
        case .string(let text): Self.write(text, to: &out)
        case .integer(let number): out += String(number)
        case .number(let number):
            if let whole = Int64(exactly: number) { out += String(whole) } else { out += String(number) }
        case .boolean(let flag): out += flag ? "true" : "false"
        case .array(let items) where items.isEmpty: out += "[]"
        case .array(let items) where items.allSatisfy(\.isScalar):
            out += "["
            for (index, item) in items.enumerated() {
                if index > 0 { out += ", " }
                item.write(to: &out, indent: indent)
            }
            out += "]"
        case .array(let items):
            Self.writeBlock(items.count, "[", "]", to: &out, indent: indent) { items[$0].write(to: &$1, indent: $2) }
        case .object(let members) where members.isEmpty: out += "{}"
        case .object(let members):
            Self.writeBlock(members.count, "{", "}", to: &out, indent: indent) { index, out, indent in
                Self.write(members[index].0, to: &out)
                out += ": "
                members[index].1.write(to: &out, indent: indent)
            }
        }
    }

    private static func writeBlock(
        _ count: Int, _ open: String, _ close: String, to out: inout String, indent: Int,
        item: (Int, inout String, Int) -> Void
    ) {
        out += open
        for index in 0..<count {
            out += index > 0 ? ",\n" : "\n"
            out += String(repeating: "  ", count: indent + 1)
            item(index, &out, indent + 1)
        }
        out += "\n" + String(repeating: "  ", count: indent) + close
    }

    private static func write(_ text: String, to out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || (0x80...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }

    private var isScalar: Bool {
        switch self {
        case .string, .integer, .number, .boolean: true
        case .array, .object: false
        }
    }
}
