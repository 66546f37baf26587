import Domain
import Mustache

/// Whether a template of a mail can be used: it parses, names only what there is, and escapes what it shows.
enum MailTextCheck {
    /// - Parameters:
    ///   - partials: the templates that it can include, by their names (`mail/head.html`).
    ///   - words: the words that there are.
    static func faults(
        ofTemplate text: String, file: String, partials: Set<String>, words: Set<String>, fields: Set<String>?
    ) -> [MailTextFault] {
        do { _ = try MustacheTemplate(string: text) } catch {
            let context = (error as? MustacheTemplate.ParserError)?.context
            return [
                MailTextFault(
                    file: file, line: context.map(\.lineNumber) ?? 1, column: context.map(\.columnNumber) ?? 1,
                    problem: "is no mustache template: \(reason(error))",
                    mend: "close every tag with }} and every section with {{/name}}")
            ]
        }
        return MailTags(text).all.compactMap { tag in
            guard let (problem, mend) = fault(tag, partials, words, fields) else { return nil }
            return MailTextFault(file: file, line: tag.line, column: tag.column, problem: problem, mend: mend)
        }
    }

    private static func fault(
        _ tag: MailTags.Tag, _ partials: Set<String>, _ words: Set<String>, _ fields: Set<String>?
    ) -> (problem: String, mend: String)? {
        switch tag.sign {
        case "!", "/", "%": return nil
        case "{", "&":
            return (
                "`\(tag.name)` is shown without escaping",
                "write {{name}}: what is in it may have been typed by a stranger"
            )
        case "=", "<", "$":
            return ("the tag `{{\(tag.sign)` is not taken in mails", "use partials: {{>mail/head.html}}")
        case ">":
            guard !partials.contains(tag.name) else { return nil }
            let near = EditDistance.nearest(to: tag.name, among: partials.sorted()).map { "; did you mean `\($0)`?" }
            return (
                "there is no template `\(tag.name)`\(near ?? "")", "name one of templates/mail: {{>mail/head.html}}"
            )
        default:
            let parts = tag.name.split(separator: ".", omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == "words" {
                guard !words.contains(String(parts[1])) else { return nil }
                let near = EditDistance.nearest(to: String(parts[1]), among: words.sorted()).map {
                    "; did you mean `words.\($0)`?"
                }
                return (
                    "there is no word `\(parts[1])`\(near ?? "")", "use a word of templates/mail/words/en.json"
                )
            }
            return problem(ofName: tag.name, fields: fields).map { ($0, "docs/mail-templates.md lists the names") }
        }
    }

    /// What is wrong with a name; `nil` if there is nothing.
    static func problem(ofName name: String, fields: Set<String>?) -> String? {
        if name == "." { return nil }
        let parts = name.split(separator: ".").map(String.init)
        if parts.count == 2, parts[0] == "fields" {
            guard let fields else { return "`\(name)` names a field, which only a recipe's own texts can" }
            guard !fields.contains(parts[1]) else { return nil }
            let near = EditDistance.nearest(to: parts[1], among: fields.sorted()).map { "; did you mean `\($0)`?" }
            return "the form has no field `\(parts[1])`\(near ?? "")"
        }
        let isKind = parts.count == 2 && parts[0] == "kind"
        if isKind, MailKind(rawValue: parts[1]) != nil { return nil }
        guard let bad = isKind ? parts[1] : parts.first(where: { !MailNames.all.contains($0) }) else {
            return parts.isEmpty ? "a tag has no name" : nil
        }
        let near = EditDistance.nearest(to: bad, among: MailNames.all.sorted()).map { "; did you mean `\($0)`?" }
        return "there is no name `\(bad)`\(near ?? "")"
    }

    static func reason(_ error: any Error) -> String {
        switch (error as? MustacheTemplate.ParserError)?.error as? MustacheTemplate.Error {
        case .sectionCloseNameIncorrect: "a section is closed under another name"
        case .unfinishedName: "a tag is not closed"
        case .expectedSectionEnd: "a section is not closed"
        default: "a tag is malformed"
        }
    }
}
