import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import Mailer

@Suite struct MailLanguageTests {
    static let tags = ["de", "en", "es", "fr", "hi", "zh-Hans"]

    static func templates() throws -> MailTemplates { try MailTemplates(directory: MailComposerTests.templates) }

    static func message(
        _ kind: MailKind, _ build: Build, _ tag: String, recipe: Recipe? = .sample(), source: String? = nil
    ) async throws -> MailMessage {
        var delivery = MailComposerTests.delivery(kind)
        delivery.language = try #require(LanguageTag(tag))
        return try await MailComposerTests.composer().message(
            for: delivery, about: [build], recipe: recipe, source: source)
    }

    @Test func `the six languages are there`() throws {
        #expect(try Self.templates().languages(of: nil).map(\.text) == Self.tags)
    }

    @Test(arguments: tags) func `every language has every word, with the same names, and none left in English`(
        tag: String
    ) throws {
        let templates = try Self.templates()
        let english = templates.words(of: .english)
        let words = templates.words(of: try #require(LanguageTag(tag)))
        #expect(Set(words.keys) == Set(english.keys))
        for (key, word) in words {
            let original = try #require(english[key])
            #expect(word.number == original.number, "\(key)")
            let names = Self.names(try #require(word.form("other")))
            #expect(names == Self.names(try #require(original.form("other"))), "\(key)")
            // Marks, and what Spanish and English say alike.
            guard tag != "en", !["colon", "no"].contains(key) else { continue }
            let same = key == "build" && tag == "de"
            #expect(word.form("other")?.source != original.form("other")?.source || same, "\(key) is English")
        }
    }

    private static func names(_ form: MailWord.Form) -> Set<String> { Set(MailTags(form.source).names.map(\.name)) }

    @Test(arguments: tags, MailKind.allCases) func `every mail is whole in every language`(
        tag: String, kind: MailKind
    ) async throws {
        let failure = Failure(kind: .input, message: "No.", errorLine: "error: no")
        let states: [MailKind: BuildState] = [
            .succeeded: .succeeded, .failed: .failed(failure), .cancelled: .cancelled, .expired: .expired,
            .confirmation: .queued(attemptsUsed: 0),
        ]
        var build = MailComposerTests.build(try #require(states[kind]))
        build.confirmBy = build.createdAt + .seconds(86400)
        let message = try await Self.message(kind, build, tag, source: "192.0.2.17")
        for text in [message.subject.text, message.text, message.html] { #expect(!text.contains("{{")) }
        #expect(message.html.contains("<html lang=\"\(tag)\" dir=\"ltr\">"))
        let text = message.text.replacing("Sample", with: "")
        // Words that only English has; what is not a word of the mail is not in it here.
        for word in ["the", "was", "you", "and", "this", "is"] where tag != "en" {
            #expect(text.firstMatch(of: try Regex("(?i)(^|[ (])\(word)[ ,.]")) == nil, "\(word)")
        }
        for line in message.text.split(separator: "\n") where !line.contains("https://") && !line.contains("|") {
            #expect(line.reduce(0) { $0 + $1.columns } <= 78, "\(line)")
        }
    }

    @Test(arguments: [
        ("en", "21 November 2026, 09:45 UTC", "21.5\u{A0}MiB"), ("de", "21. November 2026, 09:45 Uhr", "21,5\u{A0}MiB"),
        ("fr", "21 novembre 2026 à 09:45 UTC", "21,5\u{A0}Mio"),
        ("es", "21 de noviembre de 2026, 09:45", "21,5\u{A0}MiB"),
        ("hi", "21 नवंबर 2026, 09:45 UTC", "21.5\u{A0}MiB"), ("zh-Hans", "2026年11月21日 09:45（UTC）", "21.5\u{A0}MiB"),
    ]) func `days and sizes are written as the language does`(tag: String, day: String, size: String) async throws {
        let text = try await Self.message(.succeeded, MailComposerTests.build(.succeeded), tag).text
            .replacing("\n", with: " ")
        #expect(text.contains(day) && text.contains(size))
    }

    @Test(arguments: [
        ("de-AT", [], "de"), ("zh-CN", [], "zh-Hans"), ("zh", [], "zh-Hans"), ("pt", [], "en"),
        ("hi", ["fr", "de"], "fr"), ("de", ["fr", "de"], "de"), ("pt", ["es"], "es"),
    ]) func `the reader's language is taken, else the recipe's first, else English`(
        wanted: String, allowed: [String], taken: String
    ) throws {
        let voice = try Self.templates().voice(
            for: nil, reader: try #require(LanguageTag(wanted)), languages: allowed.compactMap { LanguageTag($0) })
        #expect(voice.language.text == taken)
    }

    @Test(arguments: [
        ("en", 1, "one"), ("en", 0, "other"), ("fr", 0, "one"), ("hi", 1, "one"), ("zh-Hans", 1, "other"),
        ("pl", 22, "few"), ("pl", 12, "many"), ("ru", 21, "one"), ("ru", 11, "many"), ("ar", 2, "two"),
    ]) func `the plural is the language's`(tag: String, number: Int, category: String) throws {
        #expect(PluralRule.category(of: number, in: try #require(LanguageTag(tag))) == category)
    }

    @Test func `every name that a mail has may be used in templates, and no other`() throws {
        let failure = Failure(kind: .build, message: "No.", errorLine: "b", context: "a\nb")
        var success = MailComposerTests.build(.succeeded)
        success.group = success.id
        var builds = [success, MailComposerTests.build(.failed(failure))]
        builds[1].id = BuildID(unchecked: "01hbbbbbbbbbbbbbbbbbbbbbbb")
        var found: Set<String> = ["words", "text"]
        for kind in MailKind.allCases {
            let composer = MailComposer.Links(
                page: { "\($0)" }, artifact: { "\($0)\($1)" }, log: { "\($0)" }, stop: { "\($0.id)" })
            let view = MailView(
                delivery: MailComposerTests.delivery(kind), builds: builds, logged: Set(builds.map(\.id)),
                recipe: .sample(), source: "192.0.2.1", enclosed: .init(), links: composer,
                voice: try Self.templates().voice(for: nil, reader: .english, languages: []))
            Self.collect(view.values, into: &found)
        }
        #expect(found == MailNames.all)
    }

    private static func collect(_ value: Any, into names: inout Set<String>) {
        if let values = value as? [String: Any] {
            for (name, value) in values {
                names.insert(name)
                if !["kind", "fields"].contains(name) { collect(value, into: &names) }
            }
        } else if let list = value as? [Any] {
            for value in list { collect(value, into: &names) }
        }
    }
}
