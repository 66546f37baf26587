extension JSON {
    /// The text as UTF-8 with every member and element on a line of its own, two blanks a level, and a line feed at the end:
    /// for people, and for shell scripts that read it by lines. A line `  "name": {` is always a member of the outermost
    /// object: inside of a text a quote is escaped.
    var prettyBytes: [UInt8] {
        var bytes: [UInt8] = []
        writePretty(to: &bytes, level: 0)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func writePretty(to bytes: inout [UInt8], level: Int) {
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                Self.newLine(to: &bytes, level: level + 1, isFirst: place == 0)
                element.writePretty(to: &bytes, level: level + 1)
            }
            Self.newLine(to: &bytes, level: level, isFirst: true)
            bytes.append(UInt8(ascii: "]"))
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (place, member) in members.enumerated() {
                Self.newLine(to: &bytes, level: level + 1, isFirst: place == 0)
                bytes += JSON.string(member.name).bytes
                bytes += ": ".utf8
                member.value.writePretty(to: &bytes, level: level + 1)
            }
            Self.newLine(to: &bytes, level: level, isFirst: true)
            bytes.append(UInt8(ascii: "}"))
        case .array, .object, .null, .bool, .integer, .number, .string:
            bytes += self.bytes
        }
    }

    private static func newLine(to bytes: inout [UInt8], level: Int, isFirst: Bool) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: level * 2)
    }
}
