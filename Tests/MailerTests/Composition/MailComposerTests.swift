import Domain
import Foundation
import Mailer
import Storage
import TestSupport
import Testing

@Suite struct MailComposerTests {
    /// Objects and logs that a mail reads; the real ones are tested in their own room.
    struct Files: ObjectStore, LogStore {
        var log: [UInt8] = Array("line one\nerror: no such thing\n".utf8)

        func put(fileAt path: String, as key: ObjectKey) async throws(StorageError) {}
        func copy(_ key: ObjectKey, to other: ObjectKey) async throws(StorageError) {}
        func size(of key: ObjectKey) async throws(StorageError) -> Int64? { 5 }
        func read(_ key: ObjectKey, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] {
            Array("hello".utf8.dropFirst(Int(offset)).prefix(length))
        }
        func removeAll(of build: BuildID) async throws(StorageError) {}
        func append(_ bytes: [UInt8], at offset: Int64, to part: LogPart) async throws(StorageError) {}
        func size(of part: LogPart) async throws(StorageError) -> Int64 { Int64(log.count) }
        func size(of build: BuildID) async throws(StorageError) -> Int64 { Int64(log.count) }
        func read(_ build: BuildID, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] {
            Array(log.dropFirst(Int(offset)).prefix(length))
        }
    }

    static let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "templates").path

    static func composer(
        files: Files = Files(), recipes: [MailTemplates.Source] = []
    ) async throws -> MailComposer {
        MailComposer(
            templates: try MailTemplates(directory: templates, recipes: recipes),
            sender: try NamedMailAddress(parsing: "Kiln <kiln@example.org>"),
            links: MailComposer.Links(
                page: { "https://kiln.example.org/builds/\($0)" },
                artifact: { "https://kiln.example.org/builds/\($0)/artifacts/\($1)" },
                log: { "https://kiln.example.org/builds/\($0)/log" },
                confirm: { "https://kiln.example.org/confirm/\($0.id)" },
                notMe: { "https://kiln.example.org/confirm/\($0.id)?not-me" },
                stop: { "https://kiln.example.org/mail/stop/\($0.id)" }),
            objects: files, logs: files)
    }

    static let id = BuildID(unchecked: "01haaaaaaaaaaaaaaaaaaaaaaa")

    static func build(_ state: BuildState, name: String = "My system") -> Build {
        let inputs = Inputs(values: [
            InputValue(field: .sampleEmail, content: .text("reader@example.net")),
            InputValue(field: .sampleName, content: .text(name)),
        ])
        let artifacts = [
            Artifact(
                name: "my.iso", role: .product, contentType: "application/x-iso9660-image", bytes: 22_500_000,
                sha256: String(repeating: "ab", count: 32)),
            Artifact(
                name: "screen.png", role: .picture, contentType: "image/png", bytes: 5,
                sha256: String(repeating: "cd", count: 32)),
        ]
        return Build(
            id: id, recipe: .sample, recipeDigest: "", provider: "local", state: state, inputs: inputs,
            artifacts: state == .succeeded ? artifacts : [], address: "reader@example.net", priority: 0,
            createdAt: Timestamp(milliseconds: 1_795_254_310_042),
            finishedAt: Timestamp(milliseconds: 1_795_254_320_042),
            expiresAt: Timestamp(milliseconds: 1_795_854_310_042))
    }

    static func delivery(_ kind: MailKind) -> Delivery {
        Delivery(
            id: OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz"), build: id, kind: kind, to: "reader@example.net",
            status: .waiting, attempts: 0, lastError: nil, createdAt: Timestamp(milliseconds: 1_795_254_320_042),
            settledAt: nil)
    }

    static func read(_ kind: MailKind, _ build: Build, recipe: Recipe? = .sample()) async throws -> ReadMail {
        let message = try await composer().message(for: delivery(kind), about: [build], recipe: recipe)
        return try ReadMail.parse(try await MailMessageTests.bytes(of: message))
    }

    @Test(arguments: ["en", "de", "es", "fr", "hi", "zh-Hans"])
    func `the mail of an app says how it is installed, and leads to its page`(language: String) async throws {
        var build = Self.build(.succeeded)
        build.artifacts[0].name = "event.apk"
        build.artifacts[0].contentType = "application/vnd.android.package-archive"
        var delivery = Self.delivery(.succeeded)
        delivery.language = try #require(LanguageTag(language))
        let message = try await Self.composer().message(for: delivery, about: [build], recipe: .sample())
        let mail = try ReadMail.parse(try await MailMessageTests.bytes(of: message))
        let page = "https://kiln.example.org/builds/\(build.id)"
        for part in mail.parts.prefix(2) {
            let text = try #require(part.text)
            let note = try #require(text.range(of: "Android"))
            #expect(text[note.upperBound...].prefix(400).contains(page), "\(text)")
        }
    }

    @Test func `other mails say nothing of apps`() async throws {
        let mail = try await Self.read(.succeeded, Self.build(.succeeded))
        #expect(mail.parts.allSatisfy { $0.text?.contains("Android") != true })
    }

    @Test func `a success names the link, size, checksum and last day, repeats what was asked, and shows the picture`()
        async throws
    {
        let mail = try await Self.read(.succeeded, Self.build(.succeeded))
        #expect(mail.headers["Subject"] == "Ready: Sample")
        for part in mail.parts.prefix(2) {
            let text = try #require(part.text)
            #expect(text.contains("https://kiln.example.org/builds/\(Self.id)/artifacts/my.iso"))
            #expect(text.contains("21.5\u{A0}MiB"))
            #expect(text.contains(String(repeating: "ab", count: 32)))
            #expect(text.contains("28 November 2026"))
            #expect(text.contains("My system"))
            #expect(!text.contains("{{"), "nothing of a template is left")
        }
        #expect(mail.parts[2].contentID == "<picture0.\(Self.delivery(.succeeded).id)@kiln>")
        #expect(mail.parts[1].text?.contains("cid:picture0.\(Self.delivery(.succeeded).id)@kiln") == true)
    }

    @Test(arguments: Failure.Kind.allCases)
    func `a failure says whose it is, shows the first error, attaches the log and says what to do`(
        kind: Failure.Kind
    ) async throws {
        let failure = Failure(kind: kind, message: "The script ended with 3.", errorLine: "error: no such thing")
        let mail = try await Self.read(.failed, Self.build(.failed(failure)))
        #expect(mail.headers["Subject"] == "Not built: Sample")
        let whose = [
            Failure.Kind.input: "Something in what you asked for", .build: "The build itself stopped",
            .infrastructure: "It was not your doing", .timeout: "It took longer",
        ]
        for part in mail.parts.prefix(2) {
            let text = try #require(part.text)
            for (other, words) in whose { #expect(text.contains(words) == (other == kind), "\(other)") }
            #expect(text.contains("The script ended with 3."))
            #expect(text.contains("error: no such thing"))
            #expect(text.contains("https://kiln.example.org/builds/\(Self.id)"))
        }
        #expect(mail.parts[2].filename == "log.txt")
        #expect(mail.parts[2].text?.contains("line one") == true)
    }

    @Test(arguments: [MailKind.cancelled, .expired]) func `an end without a product is told too (P2)`(
        kind: MailKind
    ) async throws {
        let mail = try await Self.read(kind, Self.build(kind == .cancelled ? .cancelled : .expired))
        #expect(mail.parts.count == 2)
        #expect(mail.parts[0].text?.contains("https://kiln.example.org/builds/\(Self.id)") == true)
    }

    @Test func `what a requester typed is text in the HTML, never markup (P5)`() async throws {
        let hostile = "<script>alert(1)</script>{{page}}&\"'"
        let mail = try await Self.read(.succeeded, Self.build(.succeeded, name: hostile))
        #expect(mail.parts[0].text?.contains(hostile) == true)
        #expect(mail.parts[1].text?.contains("<script>") == false)
        #expect(mail.parts[1].text?.contains("&lt;script&gt;alert(1)&lt;/script&gt;{{page}}&amp;") == true)
    }

    @Test func `a recipe's own subject takes fields as one line of text (P5)`() async throws {
        var recipe = Recipe.sample()
        recipe.mail.subjectSuccess = "{{name}} & co are ready"
        let mail = try await Self.read(
            .succeeded, Self.build(.succeeded, name: "<Ä>\r\nBcc: x@example.org"), recipe: recipe)
        #expect(mail.headers["Subject"] == "<Ä>  Bcc: x@\u{200A}example.\u{200A}org & co are ready")
        #expect(mail.headers["Bcc"] == nil)
    }

    @Test func `a folder without templates is refused at start`() async throws {
        let empty = try TemporaryDirectory()
        await #expect(throws: MailComposerError.missingTemplate("mail/succeeded.txt")) {
            let files = Files()
            _ = try await MailComposer(
                templatesDirectory: empty.path, sender: NamedMailAddress(parsing: "kiln@example.org"),
                links: MailComposer.Links(page: { _ in "" }, artifact: { _, _ in "" }, log: { _ in "" }),
                objects: files, logs: files)
        }
    }
}
