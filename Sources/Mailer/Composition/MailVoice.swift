import Domain

/// A language as mails of one recipe are written in it: words, forms of days and sizes, layouts.
struct MailVoice: Sendable {
    enum Form: Sendable { case text, html }

    let language: LanguageTag
    /// Words that the recipe wrote itself, in this language.
    let ownWords: Set<String>
    private let templates: [String: MailTemplate]
    private let forms: LanguageForms?
    private let words: [String: MailWord]

    init(
        language: LanguageTag, words: [String: MailWord], ownWords: Set<String>, forms: LanguageForms?,
        templates: [String: MailTemplate]
    ) {
        self.language = language
        self.ownWords = ownWords
        self.forms = forms
        self.templates = templates
        self.words = words
    }

    static func layout(_ kind: MailKind, _ form: String) -> String { "mail/\(kind.rawValue).\(form)" }

    func date(_ moment: Timestamp) -> String { forms?.text(of: moment) ?? moment.description }

    func size(_ bytes: Int64) -> String { forms?.text(ofSize: bytes) ?? bytes.sizeText }

    /// A word that has no tags.
    func plain(_ key: String) -> String { words[key]?.form("other")?.source ?? key }

    func render(_ view: MailView, as form: Form) -> String? {
        let name = Self.layout(view.kind, form == .text ? "txt" : "html")
        guard let template = templates[name] else { return nil }
        return MailRendering(view.values, templates: templates) { word($0, form, view.numbers) }
            .text(of: template, escapes: form == .html)
    }

    /// A subject: a word, over the same names.
    func subject(_ key: String, _ view: MailView) -> String {
        word(key, .text, view.numbers).map { Self.text($0, view.values) } ?? key
    }

    /// A template of text, without escaping.
    static func text(_ template: MailTemplate, _ values: [String: MailValue]) -> String {
        MailRendering(values).text(of: template, escapes: false)
    }

    /// A word, in the plural form that goes with its number.
    private func word(_ key: String, _ form: Form, _ numbers: [String: Int]) -> MailTemplate? {
        guard let word = words[key] else { return nil }
        let number = word.number.flatMap { numbers[$0] }
        let category = number.map { PluralRule.category(of: $0, in: language) } ?? "other"
        return form == .text ? word.form(category)?.text : word.form(category)?.html
    }
}
