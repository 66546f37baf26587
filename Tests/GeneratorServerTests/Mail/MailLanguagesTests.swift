import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

struct MailLanguagesTests {
    static let all = MailLanguages(
        offered: ["de", "en", "es", "fr", "hi", "zh-Hans"].compactMap { LanguageTag($0) }, standard: .english)

    @Test(arguments: [
        ("de", "de"), ("de-AT, en;q=0.5", "de"), ("en;q=0.4, fr;q=0.9", "fr"), ("pt, es;q=0.8", "es"),
        ("zh-CN,zh;q=0.9", "zh-Hans"), ("zh", "zh-Hans"), ("zh-Hans-CN", "zh-Hans"), ("zh-TW, de;q=0.1", "de"),
        ("zh-Hant", "en"), ("*", "en"), ("de;q=0", "en"), ("de;q=x", "en"), ("de;q=7, fr", "fr"), ("", "en"),
        (";;;,,,", "en"), ("DE", "de"), ("de, en", "de"), ("tlh, de;q=0.2", "de"),
        (String(repeating: "x,", count: 30) + "de", "en"), (String(repeating: "y", count: 2000) + ",de", "en"),
    ])
    func `what a browser prefers is read, and no further than people go (P6)`(header: String, tag: String) {
        #expect(Self.all.preferred(header).text == tag)
    }

    @Test func `no preference means the operator's language, or English where mails are not written in that`() {
        let german = MailLanguages(offered: Self.all.offered, standard: LanguageTag("de-CH") ?? .english)
        #expect(german.preferred(nil).text == "de" && german.preferred("pt").text == "de")
        let unknown = MailLanguages(offered: Self.all.offered, standard: LanguageTag("pt") ?? .english)
        #expect(unknown.standard == .english)
    }

    @Test func `languages are those whose words are there, each by its own name`() throws {
        let folder = try TemporaryDirectory()
        let words = folder.path("mail/words")
        try FileManager.default.createDirectory(atPath: words, withIntermediateDirectories: true)
        for name in ["en.json", "de.json", "zh-Hans.json", "hi.json", "README.md", "no language.json"] {
            try "{}".write(toFile: "\(words)/\(name)", atomically: false, encoding: .utf8)
        }
        let languages = MailLanguages(templatesDirectory: folder.path, standard: .english)
        #expect(languages.offered.map(\.text) == ["de", "en", "hi", "zh-Hans"])
        #expect(languages.offered.map(MailLanguages.name) == ["Deutsch", "English", "हिन्दी", "简体中文"])
        #expect(MailLanguages(templatesDirectory: folder.path("none"), standard: .english).offered == [.english])
    }

    private static var options: LiveServer.Options {
        var options = LiveServer.Options()
        options.mail.languages = all
        return options
    }

    @Test func `the form asks behind the address, preset to what the browser prefers`() async throws {
        try await LiveServer.with(Self.options) { server in
            let page = try await server.client.get("/recipes/sample", ["Accept-Language": "fr-CH, en;q=0.1"])
            #expect(page.text.contains("email=\n_language=fr\n"))
            let linked = try await server.client.get("/recipes/sample?_language=hi")
            #expect(linked.text.contains("_language=hi\n"))
        }
        try await LiveServer.with { server in
            let page = try await server.client.get("/recipes/sample", ["Accept-Language": "fr"])
            #expect(!page.text.contains("_language"))
        }
    }

    @Test func `a build keeps the language: the form's, else the browser's, else the operator's`() async throws {
        try await LiveServer.with(Self.options) { server in
            for (part, header, language) in [("de", "fr", "de"), ("", "fr", "fr"), ("", "", "en")] {
                let form = TestClient.form(
                    [("email", "ada@example.org"), ("name", "Ada")] + (part.isEmpty ? [] : [("_language", part)]))
                let answer = try await server.client.post(
                    "/recipes/sample/builds",
                    ["Content-Type": form.type, "Accept": "application/json", "Accept-Language": header],
                    body: form.body)
                let json = try JSON(parsing: answer.body)
                #expect(json["language"] == .string(language))
                #expect(json["inputs"]?["_language"] == nil)
                guard case .string(let id)? = json["id"], let build = BuildID(id) else { continue }
                #expect(try await server.store.build(build)?.language.text == language)
            }
        }
    }

    @Test func `a language that is not on offer is a fault of its field, and nothing typed is lost (P8)`() async throws
    {
        try await LiveServer.with(Self.options) { server in
            let form = TestClient.form([("email", "ada@example.org"), ("name", "Ada"), ("_language", "tlh")])
            let page = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "text/html"], body: form.body)
            #expect(page.status == 422)
            #expect(page.text.contains("fault _language not_a_choice Choose from: de, en, es, fr, hi, zh-Hans."))
            #expect(page.text.contains("name=Ada"))
            let program = try await server.client.post(
                "/api/v1/builds", ["Content-Type": "application/json"],
                body: Array(#"{"recipe":"sample","inputs":{"email":"a@b.example","name":"x","_language":"tlh"}}"#.utf8))
            #expect(program.status == 422)
        }
    }
}
