package import Domain
import Foundation
import Mustache

/// The texts of mails: layouts and words under `templates/mail`, and what recipes have of their own, read once at start.
package struct MailTemplates: Sendable {
    /// A recipe, as far as its mails' texts go.
    package struct Source: Sendable {
        package var recipe: RecipeID
        /// The recipe's folder; its texts lie in `mail` below it, if it has any.
        package var folder: String
        package var fields: Set<String>
        package var languages: [LanguageTag]

        package init(_ recipe: Recipe, folder: String) {
            self.recipe = recipe.id
            self.folder = folder
            fields = Set(recipe.fields.map(\.name.text))
            languages = recipe.mail.languages
        }
    }

    /// What is wrong with the recipes' own texts; those are left out, and the shared ones stand in for them.
    package private(set) var faults: [MailTextFault] = []
    private let shared: MailTextFolder
    private var own: [RecipeID: MailTextFolder] = [:]
    private var voices: [RecipeID?: [LanguageTag: MailVoice]] = [:]

    /// Reads files and returns when all is read: to be called at the start of the process.
    /// - Throws: what is wrong with the shared texts, which nothing can stand in for.
    package init(directory: String, recipes: [Source] = []) throws(MailComposerError) {
        shared = MailTextFolder("\(directory)/mail", base: nil, fields: nil)
        if let fault = shared.faults.first { throw .unusableText(fault) }
        for kind in MailKind.allCases {
            for form in ["txt", "html"] where shared.templates[MailVoice.layout(kind, form)] == nil {
                throw .missingTemplate(MailVoice.layout(kind, form))
            }
        }
        guard shared.words[.english]?.forms != nil else { throw .missingTemplate("mail/words/en.json") }
        for source in recipes {
            let folder = MailTextFolder("\(source.folder)/mail", base: shared, fields: source.fields)
            own[source.recipe] = folder
            faults += folder.faults
            faults += languageFaults(source)
        }
        for recipe in [nil] + recipes.map({ Optional($0.recipe) }) {
            for language in languages(of: recipe) {
                voices[recipe, default: [:]][language] = voice(recipe, language)
            }
        }
    }

    /// The languages that a recipe's mails can be written in, sorted by their tags.
    package func languages(of recipe: RecipeID?) -> [LanguageTag] {
        let tags = Set(shared.words.keys).union(recipe.flatMap { own[$0]?.words.keys.map { $0 } } ?? [])
        return tags.sorted { $0.text < $1.text }
    }

    /// The words that there are, for checks and tests.
    func words(of language: LanguageTag) -> [String: MailWord] { shared.words[language]?.words ?? [:] }

    /// What mails of a recipe are written with.
    /// - Parameter languages: those that the recipe allows; empty: all.
    func voice(for recipe: RecipeID?, reader: LanguageTag, languages: [LanguageTag]) -> MailVoice {
        let recipe = recipe.flatMap { voices[$0] == nil ? nil : $0 }
        let known = voices[recipe] ?? [:]
        let wanted = reader.likely.first { known[$0] != nil && (languages.isEmpty || languages.contains($0)) }
        let chosen = wanted ?? languages.first?.likely.first { known[$0] != nil } ?? .english
        return known[chosen] ?? voice(recipe, .english)
    }

    private func voice(_ recipe: RecipeID?, _ language: LanguageTag) -> MailVoice {
        let own: MailTextFolder? = if let recipe { self.own[recipe] } else { nil }
        var words: [String: MailWord] = [:]
        var ownWords: Set<String> = []
        for tag in language.likely {
            if let file = own?.words[tag] {
                ownWords.formUnion(file.words.keys)
                words.merge(file.words) { first, _ in first }
            }
            words.merge(shared.words[tag]?.words ?? [:]) { first, _ in first }
        }
        words.merge(own?.words[.english]?.words ?? [:]) { first, _ in first }
        words.merge(shared.words[.english]?.words ?? [:]) { first, _ in first }
        let forms = (language.likely + [.english]).lazy.compactMap { [shared] in shared.words[$0]?.forms }.first
        return MailVoice(
            language: language, words: words, ownWords: ownWords, forms: forms,
            library: MustacheLibrary(
                templates: shared.templates.merging(own?.templates ?? [:]) { _, recipes in recipes }))
    }

    private func languageFaults(_ source: Source) -> [MailTextFault] {
        let known = languages(of: source.recipe)
        return source.languages.filter { !known.contains($0) }.map { language in
            MailTextFault(
                file: "\(source.folder)/recipe.yml",
                problem: "mail.languages: there are no words in `\(language)`",
                mend: "there are \(known.map(\.text).joined(separator: ", ")); or write "
                    + "\(source.folder)/mail/words/\(language).json")
        }
    }
}

extension LanguageTag {
    /// The tag and what it falls back to, with the script that Chinese is written in where the tag says only where.
    var likely: [LanguageTag] {
        var tags = lookup
        let parts = text.split(separator: "-")
        if parts.first == "zh", parts.count == 1 || ["CN", "SG", "MY"].contains(parts[1]),
            let simplified = LanguageTag("zh-Hans")
        {
            tags.append(simplified)
        }
        return tags
    }

    /// Whether it is written from right to left.
    var isRightToLeft: Bool {
        ["ar", "he", "fa", "ur", "ps", "yi", "dv", "ckb", "sd", "ug"].contains(text.prefix { $0 != "-" })
    }
}
