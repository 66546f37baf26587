import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import Mailer

/// A recipe's own texts.
@Suite struct MailTemplatesTests {
    /// A recipe's folder with files under `mail`.
    static func recipe(_ files: [String: String]) throws -> (
        directory: TemporaryDirectory, source: MailTemplates.Source
    ) {
        let directory = try TemporaryDirectory()
        for (name, text) in files {
            let path = directory.path("mail/\(name)")
            try FileManager.default.createDirectory(
                at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        return (directory, MailTemplates.Source(.sample(), folder: directory.path))
    }

    static func faults(_ files: [String: String]) throws -> [MailTextFault] {
        let (directory, source) = try recipe(files)
        defer { withExtendedLifetime(directory) {} }
        return try MailTemplates(directory: MailComposerTests.templates, recipes: [source]).faults
    }

    @Test func `a recipe's words and layouts win, in its language, and over its subject`() async throws {
        let (directory, source) = try Self.recipe([
            "words/de.json": #"{"words": {"succeededSubject": "{{fields.name}} & <mehr>", "why": "Weil & so."}}"#,
            "cancelled.txt.mustache": "Only {{recipe}}.\n",
        ])
        defer { withExtendedLifetime(directory) {} }
        let composer = try await MailComposerTests.composer(recipes: [source])
        var recipe = Recipe.sample()
        recipe.mail.subjectSuccess = "{{name}} is ready"
        var delivery = MailComposerTests.delivery(.succeeded)
        delivery.language = try #require(LanguageTag("de-CH"))
        let build = MailComposerTests.build(.succeeded)
        let german = try await composer.message(for: delivery, about: [build], recipe: recipe)
        #expect(german.subject.text == "My system & <mehr>")
        #expect(german.html.contains("Weil &amp; so.") && german.text.contains("Weil & so."))
        #expect(german.text.contains("Zur Seite dieses Builds"), "what it does not say is the shared words'")
        delivery.language = .english
        #expect(
            try await composer.message(for: delivery, about: [build], recipe: recipe).subject.text
                == "My system is ready")
        let cancelled = try await composer.message(
            for: MailComposerTests.delivery(.cancelled), about: [MailComposerTests.build(.cancelled)], recipe: recipe)
        #expect(cancelled.text == "Only Sample.\n")
    }

    @Test(arguments: [
        ("words/en.json", #"{"words": {"agan": "x"}}"#, 1, "did you mean `again`?"),
        ("words/en.json", "{\"words\": {\n  \"again\": \"{{recipee}}\"}}", 2, "did you mean `recipe`?"),
        ("words/en.json", "{\"words\": {\n\n \"again\": \"{{fields.nam}}\"}}", 3, "did you mean `name`?"),
        ("words/en.json", #"{"words": {"again": "{{{recipe}}}"}}"#, 1, "which words do not take"),
        ("words/en.json", #"{"words": {"again": "{{#recipe}}"}}"#, 1, "is no mustache text"),
        ("words/en.json", #"{"words": {"leftOut": {"other": "x"}}}"#, 1, "which number"),
        ("words/en.json", #"{"words": {"leftOut": {"of": "count", "one": "x"}}}"#, 1, "has no form `other`"),
        ("words/en.json", #"{"forms": 1}"#, nil, "cannot be read"), ("words/xx1.json", "{}", nil, "no language tag"),
        ("words/en.json", "{", nil, "it is no JSON"),
        ("failed.txt.mustache", "a\n{{#end}}\n", 3, "a section is not closed"),
        ("failed.txt.mustache", "a\n  {{pge}}\n", 2, "did you mean `page`?"),
        ("failed.html.mustache", "{{{recipe}}}", 1, "without escaping"),
        ("failed.html.mustache", "{{>mail/heat.html}}", 1, "did you mean `mail/head.html`?"),
        ("failed.html.mustache", "{{words.agan}}", 1, "did you mean `words.again`?"),
        ("faild.html.mustache", "x", nil, "no mail is made of"),
    ]) func `what is wrong with one is told with file, line and mend, and the shared text stands in`(
        file: String, text: String, line: Int?, problem: String
    ) throws {
        let faults = try Self.faults([file: text])
        let fault = try #require(faults.first)
        #expect(faults.count == 1)
        #expect(fault.file.hasSuffix("/mail/" + file) && fault.line == line)
        #expect(fault.problem.contains(problem), "\(fault.problem)")
        #expect(!fault.mend.isEmpty)
    }

    @Test func `a recipe's own part is taken where one of its layouts includes it`() throws {
        #expect(
            try Self.faults([
                "failed.txt.mustache": "{{>mail/own.txt}}", "own.txt.mustache": "{{fields.name}}",
            ]).isEmpty)
    }

    @Test func `a language that a recipe names and nobody wrote is told`() throws {
        var recipe = Recipe.sample()
        recipe.mail.languages = [.english, try #require(LanguageTag("tlh"))]
        let source = MailTemplates.Source(recipe, folder: "/nowhere")
        let faults = try MailTemplates(directory: MailComposerTests.templates, recipes: [source]).faults
        #expect(faults.map(\.problem) == ["mail.languages: there are no words in `tlh`"])
    }
}
