import Domain
import Foundation
import Mustache

/// The texts of one folder: `*.mustache`, and `words/<tag>.json`. What cannot be used is left out and told.
struct MailTextFolder: Sendable {
    private(set) var templates: [String: MustacheTemplate] = [:]
    private(set) var words: [LanguageTag: MailWordsFile] = [:]
    private(set) var faults: [MailTextFault] = []

    /// Larger files are not read.
    private static let mostBytes = 256 << 10

    /// - Parameters:
    ///   - base: the shared texts, for a recipe's own; `nil` for the shared ones themselves.
    ///   - fields: the recipe's fields; `nil` for the shared ones.
    init(_ path: String, base: MailTextFolder?, fields: Set<String>?) {
        let files = FileManager.default
        let names = ((try? files.contentsOfDirectory(atPath: path)) ?? []).sorted()
        let wordNames = ((try? files.contentsOfDirectory(atPath: "\(path)/words")) ?? []).sorted()
        readWords(wordNames.filter { $0.hasSuffix(".json") }, in: "\(path)/words", base: base, fields: fields)

        var sources: [(name: String, file: String, text: String)] = []
        for name in names where name.hasSuffix(".mustache") {
            let file = "\(path)/\(name)"
            guard let text = read(file) else { continue }
            sources.append(("mail/" + name.dropLast(".mustache".count), file, text))
        }
        let known = Set(sources.map(\.name)).union(base?.templates.keys.map { $0 } ?? [])
        let included = Set(sources.flatMap { MailTags($0.text).all.filter { $0.sign == ">" }.map(\.name) })
        // English has every word; without a base the first file that has is the measure.
        let allWords = Set((base ?? self).words[.english]?.words.keys.map { $0 } ?? [])
        for source in sources {
            if let base, base.templates[source.name] == nil, !included.contains(source.name) {
                let near = EditDistance.nearest(to: source.name, among: base.templates.keys.sorted())
                faults.append(
                    MailTextFault(
                        file: source.file, problem: "no mail is made of a template of this name",
                        mend: near.map { "rename it to \($0.dropFirst("mail/".count)).mustache" }
                            ?? "name it as one of templates/mail, or include it: {{>\(source.name)}}"))
                continue
            }
            let found = MailTextCheck.faults(
                ofTemplate: source.text, file: source.file, partials: known, words: allWords, fields: fields)
            faults += found
            // Texts are not escaped, so that a template cannot forget to say so.
            let text = source.name.hasSuffix(".txt") ? "{{% CONTENT_TYPE:TEXT}}\n" + source.text : source.text
            if found.isEmpty { templates[source.name] = try? MustacheTemplate(string: text) }
        }
    }

    private mutating func readWords(_ names: [String], in path: String, base: MailTextFolder?, fields: Set<String>?) {
        // English first: it says which words there are.
        let ordered = names.filter { $0 == "en.json" } + names.filter { $0 != "en.json" }
        for name in ordered {
            let file = "\(path)/\(name)"
            guard let tag = LanguageTag(name.dropLast(".json".count)), tag.text + ".json" == name else {
                faults.append(
                    MailTextFault(
                        file: file, problem: "its name is no language tag",
                        mend: "name it after its language: de.json, pt-BR.json, zh-Hans.json"))
                continue
            }
            guard let text = read(file) else { continue }
            let known = (base ?? self).words[.english].map { Set($0.words.keys) }
            let contents = MailWordsFile(text, file: file, known: known, fields: fields)
            faults += contents.faults
            words[tag] = contents
        }
    }

    private mutating func read(_ file: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            faults.append(
                MailTextFault(file: file, problem: "cannot be read", mend: "let the user that runs Kiln read it"))
            return nil
        }
        defer { try? handle.close() }
        let bytes = (try? handle.read(upToCount: Self.mostBytes + 1)) ?? Data()
        guard bytes.count <= Self.mostBytes, let text = String(bytes: bytes, encoding: .utf8) else {
            faults.append(
                MailTextFault(
                    file: file, problem: "is larger than \(Self.mostBytes >> 10) KiB, or not UTF-8",
                    mend: "save it as UTF-8, and keep it short"))
            return nil
        }
        return text
    }
}
