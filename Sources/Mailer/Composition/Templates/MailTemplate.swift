/// A mustache text of a mail, parsed once, that is written for each mail at little cost.
///
/// Of mustache it takes what `MailTextCheck` lets through: values, sections, inverted sections, partials and comments.
/// What it writes is what swift-mustache writes, which looks each name up by casting whatever it may be, and took most of
/// the time of a mail; a test holds one against the other.
struct MailTemplate: Sendable {
    indirect enum Piece: Sendable {
        case text([UInt8])
        case value(MailName)
        case section(MailName, [Piece])
        /// Written where there is no such thing, or an empty list, or `false`.
        case inverted(MailName, [Piece])
        /// Another template; `indentation` goes before each of its lines but the first, where it stands on its own line.
        case partial(String, indentation: [UInt8]?)
    }

    /// As it was written.
    let source: String
    let pieces: [Piece]

    /// - Throws: `MailTemplateFault` for what is none, or takes more of mustache than mails do.
    init(_ source: String) throws(MailTemplateFault) {
        self.source = source
        var parser = MailTemplateParser(source)
        pieces = try parser.pieces(of: nil, atLineStart: true)
    }
}

/// It is no template; what is wrong with it in detail, `MailTextCheck` says.
struct MailTemplateFault: Error {}

/// A name in a template, in its parts.
enum MailName: Sendable {
    /// `.`: what the section is about.
    case here
    /// Looked for in what the sections around are about, from the inside out.
    case path(String, rest: [String])
    /// `.name`: looked for in what the innermost section is about.
    case ofHere([String])
    /// `words.key`: one of the language's words.
    case word(String)

    init(_ text: String) {
        let parts = text.split(separator: ".").map(String.init)
        if parts.isEmpty {
            self = .here
        } else if text.hasPrefix(".") {
            self = .ofHere(parts)
        } else if parts.count == 2, parts[0] == "words" {
            self = .word(parts[1])
        } else {
            self = .path(parts[0], rest: Array(parts.dropFirst()))
        }
    }
}

/// What a name stands for.
enum MailValue: Hashable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([MailValue])
    case record([String: MailValue])

    /// What a section over it does not show.
    var isNothing: Bool {
        switch self {
        case .flag(let isOn): !isOn
        case .list(let values): values.isEmpty
        case .text, .number, .record: false
        }
    }

    func member(_ names: some Sequence<String>) -> MailValue? {
        var value = self
        for name in names {
            guard case .record(let members) = value, let member = members[name] else { return nil }
            value = member
        }
        return value
    }
}
