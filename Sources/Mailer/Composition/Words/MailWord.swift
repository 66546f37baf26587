import Mustache

/// A text of a mail in one language: a small mustache text, or one for each plural form of a number.
struct MailWord: Sendable {
    /// The name of the number that the form goes by; `nil`: there is one form.
    let number: String?
    /// By plural category; `other` is always there.
    let forms: [String: Form]

    struct Form: Sendable {
        let source: String
        let text: MustacheTemplate
        /// The same for HTML: what is not a tag is escaped.
        let html: MustacheTemplate

        init(_ source: String) throws {
            self.source = source
            text = try MustacheTemplate(string: source)
            html = try MustacheTemplate(string: Self.escaped(source))
        }

        private static func escaped(_ source: String) -> String {
            var escaped = ""
            var rest = source[...]
            while let tag = rest.firstRange(of: "{{") {
                let end = rest[tag.upperBound...].firstRange(of: "}}")?.upperBound ?? rest.endIndex
                escaped += rest[..<tag.lowerBound].escapedForHTML + rest[tag.lowerBound..<end]
                rest = rest[end...]
            }
            return escaped + rest.escapedForHTML
        }
    }

    func form(_ category: String) -> Form? { forms[category] ?? forms["other"] }
}

/// A word as it is written in a file.
enum WrittenWord: Decodable {
    case text(String)
    case forms([String: String])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .forms(try container.decode([String: String].self))
        }
    }
}

extension StringProtocol {
    var escapedForHTML: String {
        var escaped = ""
        for character in self {
            switch character {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
