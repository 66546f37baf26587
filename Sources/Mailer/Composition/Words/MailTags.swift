/// The mustache tags of a text, with their places.
struct MailTags {
    struct Tag: Hashable {
        /// `#`, `^`, `/`, `>`, `!`, `%`, `&`, `{`, `=`, `<`, `$`; a space for a plain value.
        var sign: Character
        var name: String
        var line: Int
        var column: Int
    }

    private(set) var all: [Tag] = []

    init(_ text: String) {
        var line = 1
        var column = 1
        var index = text.startIndex
        func advance(to end: String.Index, _ text: String, _ index: inout String.Index) {
            while index < end {
                if text[index].isNewline {
                    line += 1
                    column = 1
                } else {
                    column += text[index].unicodeScalars.count
                }
                index = text.index(after: index)
            }
        }
        while let start = text[index...].firstRange(of: "{{") {
            advance(to: start.lowerBound, text, &index)
            guard let end = text[start.upperBound...].firstRange(of: "}}") else { return }
            let inside = text[start.upperBound..<end.lowerBound]
            let sign = inside.first.flatMap { "#^/>!%&{=<$".contains($0) ? $0 : nil }
            let name = (sign == nil ? inside : inside.dropFirst()).filter { !$0.isWhitespace }
            all.append(Tag(sign: sign ?? " ", name: String(name), line: line, column: column))
            advance(to: end.upperBound, text, &index)
        }
    }

    /// The names that are shown or asked for.
    var names: [Tag] { all.filter { " #^&{".contains($0.sign) } }
}
