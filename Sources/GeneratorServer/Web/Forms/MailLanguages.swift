import Domain
import Foundation

/// The languages that mails are written in, and which of them a requester reads.
struct MailLanguages: Hashable, Sendable {
    /// Not empty; in the order of the list.
    let offered: [LanguageTag]
    /// Of those who do not say which they read.
    let standard: LanguageTag

    /// The part of a submission that says which; recipes cannot have such a field, since names begin with a letter.
    static let part = FieldName(unchecked: "_language")

    /// - Parameter standard: what the operator wants; English if mails are not written in it.
    init(offered: [LanguageTag] = [.english], standard: LanguageTag = .english) {
        self.offered = offered.isEmpty ? [.english] : offered
        self.standard = standard.lookup.first { offered.contains($0) } ?? .english
    }

    /// Those whose words lie in the templates' folder.
    init(templatesDirectory: String, standard: LanguageTag) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(templatesDirectory)/mail/words")) ?? []
        let found = names.compactMap { $0.hasSuffix(".json") ? LanguageTag($0.dropLast(5)) : nil }
        self.init(offered: Set(found + [.english]).sorted { Self.name(of: $0) < Self.name(of: $1) }, standard: standard)
    }

    // MARK: What a browser prefers

    /// The offered language that an `Accept-Language` (RFC 9110, 12.5.4) asks for first; `standard` if it asks for none.
    func preferred(_ header: String?) -> LanguageTag {
        for range in Self.ranges(header ?? "") {
            if range == "*" { return standard }
            if let tag = LanguageTag(range), let match = match(tag) { return match }
        }
        return standard
    }

    /// Most wanted first. What is too long is not read to its end: people read few languages.
    private static func ranges(_ header: String) -> [String] {
        let parts = header.prefix(Self.mostHeaderCharacters).split(separator: ",").prefix(Self.mostRanges)
        let weighted = parts.compactMap { part -> (range: String, weight: Double)? in
            let pieces = part.split(separator: ";").map { $0.trimmingASCIISpace() }
            guard let range = pieces.first, !range.isEmpty else { return nil }
            let quality = pieces.dropFirst().first { $0.lowercased().hasPrefix("q=") }
            let weight = quality.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return weight > 0 && weight <= 1 ? (String(range), weight) : nil
        }
        return weighted.enumerated().sorted { one, other in
            (-one.element.weight, one.offset) < (-other.element.weight, other.offset)
        }.map(\.element.range)
    }

    private static let mostHeaderCharacters = 1000
    private static let mostRanges = 20

    /// The tag itself or a wider one (RFC 4647 section 3.4), else one of the same language.
    private func match(_ tag: LanguageTag) -> LanguageTag? {
        if let exact = tag.lookup.first(where: { offered.contains($0) }) { return exact }
        guard let language = tag.lookup.last else { return nil }
        return offered.first { $0.text.hasPrefix("\(language.text)-") && !Self.differInScript(tag, $0) }
    }

    /// Who reads traditional Chinese characters is not given simplified ones unasked.
    private static func differInScript(_ one: LanguageTag, _ other: LanguageTag) -> Bool {
        func isTraditional(_ tag: LanguageTag) -> Bool {
            !Set(tag.text.split(separator: "-").dropFirst()).isDisjoint(with: ["Hant", "TW", "HK", "MO"])
        }
        return one.text.hasPrefix("zh") && isTraditional(one) != isTraditional(other)
    }

    // MARK: The form

    /// The recipe with the question behind its address, preset to `chosen`; as it is where there is nothing to ask.
    func asking(_ recipe: Recipe, _ chosen: LanguageTag) -> Recipe {
        guard offered.count > 1, let address = recipe.addressField else { return recipe }
        return adding(to: recipe, after: address, chosen)
    }

    /// The recipe as a submission is read: whoever says which language is heard, asked or not.
    func reading(_ recipe: Recipe, _ chosen: LanguageTag) -> Recipe {
        adding(to: recipe, after: recipe.addressField, chosen)
    }

    private func adding(to recipe: Recipe, after field: Field?, _ chosen: LanguageTag) -> Recipe {
        var recipe = recipe
        let place = recipe.fields.firstIndex { $0.name == field?.name }.map { $0 + 1 } ?? recipe.fields.count
        let choices = offered.map { Choice(value: $0.text, label: Self.name(of: $0)) }
        let question = Field(
            name: Self.part, label: "Language of the mail", group: field?.group, isRequired: true, isPrivate: true,
            kind: .choice(choices, default: chosen.text))
        recipe.fields.insert(question, at: place)
        return recipe
    }

    /// What was asked for, without the language that the mail is to be in; `nil` if it does not say.
    static func taken(from inputs: Inputs) -> (Inputs, LanguageTag?) {
        var rest = inputs
        rest.values.removeAll { $0.field == part }
        guard case .text(let text)? = inputs[part] else { return (rest, nil) }
        return (rest, LanguageTag(text))
    }

    /// As its readers call it.
    static func name(of tag: LanguageTag) -> String {
        names[tag.text] ?? Locale(identifier: tag.text).localizedString(forIdentifier: tag.text) ?? tag.text
    }

    private static let names = [
        "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "hi": "हिन्दी", "zh-Hans": "简体中文",
        "zh-Hant": "繁體中文",
    ]
}
