import Domain
import Mustache

/// A language as mails of one recipe are written in it: words, forms of days and sizes, layouts.
struct MailVoice: Sendable {
    enum Form: Sendable { case text, html }

    let language: LanguageTag
    /// Words that the recipe wrote itself, in this language.
    let ownWords: Set<String>
    private let library: MustacheLibrary
    private let forms: LanguageForms?
    private let text: [String: MustacheTemplate]
    private let html: [String: MustacheTemplate]
    private let counted: [String: MailWord]

    init(
        language: LanguageTag, words: [String: MailWord], ownWords: Set<String>, forms: LanguageForms?,
        library: MustacheLibrary
    ) {
        self.language = language
        self.ownWords = ownWords
        self.forms = forms
        self.library = library
        text = words.compactMapValues { $0.form("other")?.text }
        html = words.compactMapValues { $0.form("other")?.html }
        counted = words.filter { $0.value.number != nil }
    }

    static func layout(_ kind: MailKind, _ form: String) -> String { "mail/\(kind.rawValue).\(form)" }

    func date(_ moment: Timestamp) -> String { forms?.text(of: moment) ?? moment.description }

    func size(_ bytes: Int64) -> String { forms?.text(ofSize: bytes) ?? bytes.sizeText }

    /// A word that has no tags.
    func plain(_ key: String) -> String { text[key]?.description ?? key }

    /// The words, each in the plural form that goes with its number.
    func words(for form: Form, numbers: [String: Int]) -> [String: MustacheTemplate] {
        var words = form == .text ? text : html
        for (key, word) in counted {
            guard let number = word.number.flatMap({ numbers[$0] }),
                let chosen = word.form(PluralRule.category(of: number, in: language))
            else { continue }
            words[key] = form == .text ? chosen.text : chosen.html
        }
        return words
    }

    func render(_ view: MailView, as form: Form) -> String? {
        var values = view.values
        values["words"] = words(for: form, numbers: view.numbers)
        return library.render(values, withTemplate: Self.layout(view.kind, form == .text ? "txt" : "html"))
    }

    /// A subject: a word, over the same names.
    func subject(_ key: String, _ view: MailView) -> String {
        words(for: .text, numbers: view.numbers)[key].map { Self.text($0, view.values) } ?? key
    }

    /// A template of text, without escaping.
    static func text(_ template: MustacheTemplate, _ values: [String: Any]) -> String {
        (try? MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + template.description))?.render(values) ?? ""
    }
}
