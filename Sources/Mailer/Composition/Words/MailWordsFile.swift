import Domain
import Foundation
import Mustache

/// What one file `words/<tag>.json` says.
struct MailWordsFile: Sendable {
    private struct Contents: Decodable {
        let forms: LanguageForms?
        let words: [String: WrittenWord]
    }

    private(set) var forms: LanguageForms?
    private(set) var words: [String: MailWord] = [:]
    private(set) var faults: [MailTextFault] = []
    private let file: String
    private let text: String

    /// - Parameters:
    ///   - known: the words that there are; `nil` for the file that says it.
    ///   - fields: the form's fields, for a recipe's own words; `nil` for the shared ones, which know no recipe.
    init(_ text: String, file: String, known: Set<String>?, fields: Set<String>?) {
        self.file = file
        self.text = text
        let contents: Contents
        do { contents = try JSONDecoder().decode(Contents.self, from: Data(text.utf8)) } catch {
            report("cannot be read: \(Self.reason(error))", mend: "write {\"words\": {\"again\": \"Build it again\"}}")
            return
        }
        if let forms = contents.forms { take(forms, isShared: fields == nil) }
        for (key, written) in contents.words.sorted(by: { $0.key < $1.key }) {
            if let known, !known.contains(key) {
                let near = EditDistance.nearest(to: key, among: known.sorted()).map { "; did you mean `\($0)`?" } ?? ""
                report("there is no word `\(key)`\(near)", mend: "use a word of templates/mail/words/en.json", at: key)
            } else if let word = word(written, key: key, fields: fields) {
                words[key] = word
            }
        }
    }

    private mutating func take(_ forms: LanguageForms, isShared: Bool) {
        if !isShared {
            report("`forms` belongs to templates/mail/words", mend: "remove it here", at: "forms")
        } else if let fault = forms.fault {
            report(fault, mend: "compare it with en.json", at: "forms")
        } else {
            for tag in MailTags(forms.date).names where !LanguageForms.dateNames.contains(tag.name) {
                report(
                    "`date` has no name `\(tag.name)`",
                    mend: "the names are \(LanguageForms.dateNames.sorted().joined(separator: ", "))", at: "date")
            }
            self.forms = forms
        }
    }

    private mutating func word(_ written: WrittenWord, key: String, fields: Set<String>?) -> MailWord? {
        switch written {
        case .text(let source):
            guard let form = form(source, key: key, fields: fields) else { return nil }
            return MailWord(number: nil, forms: ["other": form])
        case .forms(var sources):
            guard let number = sources.removeValue(forKey: "of"), MailNames.numbers.contains(number) else {
                report(
                    "`\(key)` does not say which number its forms go by",
                    mend: "add \"of\": one of \(MailNames.numbers.sorted().joined(separator: ", "))", at: key)
                return nil
            }
            if sources["other"] == nil {
                report("`\(key)` has no form `other`", mend: "add one, for all other numbers", at: key)
                return nil
            }
            for category in sources.keys where !PluralRule.categories.contains(category) {
                report(
                    "`\(key)` has a form `\(category)`, which no language has",
                    mend: "the forms are \(PluralRule.categories.joined(separator: ", "))", at: key)
            }
            let forms = sources.compactMapValues { form($0, key: key, fields: fields) }
            return forms.count == sources.count ? MailWord(number: number, forms: forms) : nil
        }
    }

    private mutating func form(_ source: String, key: String, fields: Set<String>?) -> MailWord.Form? {
        let before = faults.count
        if source.contains(where: \.isNewline) {
            report("`\(key)` has a line break", mend: "write it on one line", at: key)
        }
        for tag in MailTags(source).all { check(tag, key: key, fields: fields) }
        guard faults.count == before else { return nil }
        do { return try MailWord.Form(source) } catch {
            report("`\(key)` is no mustache text: \(MailTextCheck.reason(error))", mend: "close every tag", at: key)
            return nil
        }
    }

    private mutating func check(_ tag: MailTags.Tag, key: String, fields: Set<String>?) {
        guard " #^/!".contains(tag.sign), tag.name != "words", !tag.name.hasPrefix("words.") else {
            return report(
                "`\(key)` has the tag `{{\(tag.sign)\(tag.name)}}`, which words do not take",
                mend: "write {{name}}, or {{#name}}...{{/name}}", at: key)
        }
        guard tag.sign != "/", tag.sign != "!" else { return }
        if let problem = MailTextCheck.problem(ofName: tag.name, fields: fields) {
            report("`\(key)`: \(problem)", mend: "docs/mail-templates.md lists the names", at: key)
        }
    }

    private mutating func report(_ problem: String, mend: String, at key: String? = nil) {
        let place = key.flatMap { key in
            text.firstRange(of: "\"\(key)\"").map { range in
                let before = text[..<range.lowerBound]
                let start = before.lastIndex(where: \.isNewline).map { text.index(after: $0) } ?? text.startIndex
                return (before.count(where: \.isNewline) + 1, text[start..<range.lowerBound].unicodeScalars.count + 1)
            }
        }
        faults.append(
            MailTextFault(file: file, line: place?.0, column: place?.1 ?? 1, problem: problem, mend: mend))
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "`\(key.stringValue)` is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` is of the wrong kind"
        default: "it is no JSON"
        }
    }
}
