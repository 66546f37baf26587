import Domain
import Mailer
import Storage
import TestSupport
import Testing

/// One mail for all builds of a submission.
@Suite struct GroupMailTests {
    static func recipe() -> Recipe {
        var recipe = Recipe.sample()
        let name = FieldName(unchecked: "architecture")
        let choices = [Choice(value: "amd64", label: "64-bit PC"), Choice(value: "i386", label: "32-bit PC")]
        recipe.fields.append(Field(name: name, label: "Architecture", kind: .multichoice(choices, default: [])))
        recipe.build.targets = name
        return recipe
    }

    static func builds(_ states: [(target: String, state: BuildState)]) -> [Build] {
        states.enumerated().map { number, target in
            var build = MailComposerTests.build(target.state)
            if number > 0 { build.id = BuildID(unchecked: "01hbbbbbbbbbbbbbbbbbbbbbb\(number)") }
            build.group = MailComposerTests.id
            build.target = target.target
            return build
        }
    }

    static let failure = Failure(
        kind: .build, message: "The script ended with 3.", errorLine: "error: no such <thing>",
        context: "making it\nerror: no such <thing>\nstopped")

    static func read(_ kind: MailKind, _ builds: [Build]) async throws -> ReadMail {
        let message = try await MailComposerTests.composer().message(
            for: MailComposerTests.delivery(kind), about: builds, recipe: recipe())
        return try ReadMail.parse(try await MailMessageTests.bytes(of: message))
    }

    @Test func `each target is told of: its links, or why it failed, with the lines around the error and its log`()
        async throws
    {
        let builds = Self.builds([("amd64", .succeeded), ("i386", .failed(Self.failure))])
        let mail = try await Self.read(.succeeded, builds)
        #expect(mail.headers["Subject"] == "Ready in part: Sample")
        for (part, escaped) in zip(mail.parts.prefix(2), ["<thing>", "&lt;thing&gt;"]) {
            let text = try #require(part.text)
            #expect(text.contains("64-bit PC") && text.contains("32-bit PC"))
            #expect(text.contains("https://kiln.example.org/builds/\(builds[0].id)/artifacts/my.iso"))
            #expect(!text.contains("\(builds[1].id)/artifacts"))
            #expect(text.contains("The script ended with 3.") && text.contains("error: no such \(escaped)"))
            #expect(text.contains("making it") && text.contains("stopped"))
            #expect(text.contains("https://kiln.example.org/builds/\(builds[1].id)/log"))
            #expect(text.contains("1 of 2"))
            #expect(!text.contains("{{"))
        }
        let lines = mail.parts[0].text?.split(whereSeparator: \.isNewline) ?? []
        #expect(lines.contains("  > error: no such <thing>") && lines.contains("  | stopped"))
        #expect(mail.parts.count == 3, "logs are linked, not attached; the picture is inside")
    }

    @Test func `all ready is said without a part`() async throws {
        let mail = try await Self.read(.succeeded, Self.builds([("amd64", .succeeded), ("i386", .succeeded)]))
        #expect(mail.headers["Subject"] == "Ready: Sample")
        #expect(mail.parts[0].text?.contains("/builds/01hbbbbbbbbbbbbbbbbbbbbbb1/artifacts/my.iso") == true)
    }

    @Test func `none ready is a failure that names each, with whose fault it was`() async throws {
        let timeout = Failure(kind: .timeout, message: "It ran for an hour.")
        let builds = Self.builds([("amd64", .failed(Self.failure)), ("i386", .failed(timeout)), ("arm64", .expired)])
        let mail = try await Self.read(.failed, builds)
        #expect(mail.headers["Subject"] == "Not built: Sample")
        for part in mail.parts.prefix(2) {
            let text = try #require(part.text)
            #expect(text.contains("The build itself stopped") && text.contains("It took longer"))
            #expect(text.contains("It ran for an hour.") && text.contains("not started in time"))
            #expect(text.contains("arm64"), "the form does not know it: its value")
        }
        #expect(mail.parts.count == 2)
    }

    @Test func `the only target is named with the recipe`() async throws {
        var build = MailComposerTests.build(.succeeded)
        build.target = "i386"
        let mail = try await Self.read(.succeeded, [build])
        #expect(mail.headers["Subject"] == "Ready: Sample, 32-bit PC")
    }

    @Test func `a log is attached without its colours`() async throws {
        var files = MailComposerTests.Files()
        files.log = Array("\u{1B}[0;1;31merror: no\u{1B}[0m\n".utf8)
        let message = try await MailComposerTests.composer(files: files).message(
            for: MailComposerTests.delivery(.failed), about: [MailComposerTests.build(.failed(Self.failure))],
            recipe: nil)
        let mail = try ReadMail.parse(try await MailMessageTests.bytes(of: message))
        #expect(mail.parts.last?.text == "error: no\n")
    }

    @Test func `without a log none is attached or linked`() async throws {
        var files = MailComposerTests.Files()
        files.log = []
        let message = try await MailComposerTests.composer(files: files).message(
            for: MailComposerTests.delivery(.failed), about: [MailComposerTests.build(.failed(Self.failure))],
            recipe: nil)
        #expect(message.attachments.isEmpty)
        let mail = try ReadMail.parse(try await MailMessageTests.bytes(of: message))
        #expect(mail.parts[0].text?.contains("/log") == false && mail.parts[0].text?.contains("attached") == false)
    }
}
