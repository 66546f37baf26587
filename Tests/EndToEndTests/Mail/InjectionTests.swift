import Foundation
import TestSupport
import Testing

/// P5: whatever is written into whichever field, a mail has its own headers, its own parts and one recipient.
@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server")) struct InjectionTests {
    private struct Field: Sendable {
        var name: String
        var type: String
        var choices: [String]

        /// Of a member of the form's JSON Schema.
        init(_ name: String, _ schema: [String: Any]) {
            self.name = name
            let items = schema["items"] as? [String: Any]
            choices = (items ?? schema)["enum"] as? [String] ?? []
            let format = schema["format"] as? String
            let accepted = schema["accept"] as? [String]
            type =
                if let accepted {
                    accepted.contains("image/png") ? "image" : accepted.contains("text/plain") ? "file" : "archive"
                } else if let format {
                    format == "uri" ? "url" : format
                } else if items != nil {
                    "multichoice"
                } else if !choices.isEmpty {
                    "choice"
                } else {
                    schema["type"] as? String ?? ""
                }
        }
    }

    private static func fields(of recipe: String, at server: KilnServer) async throws -> [Field] {
        let answer = try await server.http.get("/api/v1/recipes/\(recipe)")
        let form = try #require(try answer.json()["form"] as? [String: Any], "\(answer.text)")
        let members = ["properties", "x-kiln-files"].flatMap {
            (form[$0] as? [String: [String: Any]] ?? [:]).map(Field.init)
        }
        try #require(members.count > 5 && members.contains { $0.type == "email" }, "\(answer.text)")
        return members.sorted { $0.name < $1.name }
    }

    /// What a good submission says in a field.
    private static func good(_ field: Field, for address: String) -> String? {
        switch field.type {
        case "email": address
        case "string": "Ada"
        case "url": "https://example.org/"
        case "choice", "multichoice": field.choices.first
        case "number", "integer": "1"
        case "boolean": "true"
        default: nil
        }
    }

    private static func form(_ fields: [Field], for address: String, _ field: Field, says text: String) -> Form {
        var form = Form()
        for other in fields where other.name != field.name {
            if let value = good(other, for: address) { form.add(other.name, value) }
        }
        switch field.type {
        case "image": form.add(field.name, file: fileName(text), type: "image/png", Pictures.png(width: 64, height: 64))
        case "file": form.add(field.name, file: fileName(text), type: "text/plain", Array("words\n".utf8))
        case "archive": form.add(field.name, file: fileName(text), type: "application/zip", [])
        default: form.add(field.name, text)
        }
        return form
    }

    /// A line break in a file's name would end the header of its own part.
    private static func fileName(_ text: String) -> String {
        text.filter { !"\r\n\r\n\"\0".contains($0) }
    }

    /// - Returns: how many submissions were accepted, and their mails' addresses.
    private static func attack(_ server: KilnServer, recipe: String) async throws -> [String: String] {
        let fields = try await fields(of: recipe, at: server)
        var builds: [String: String] = [:]
        for field in fields {
            let texts = field.type == "email" ? HostileText.addresses(of: recipe) : HostileText.texts
            for (number, text) in texts.enumerated() {
                let address = "\(recipe)-\(field.name.replacingOccurrences(of: "_", with: "-"))-\(number)@example.org"
                let form = form(fields, for: address, field, says: text)
                let answer = try await server.http.post("/recipes/\(recipe)/builds", form)
                if answer.status == 202 {
                    let isAddress = field.type == "email"
                    // Space around an address is no part of it.
                    let meant = text.trimmingCharacters(in: .whitespacesAndNewlines)
                    #expect(
                        !isAddress || meant == "\(recipe)@example.org", "taken as an address: \(text.debugDescription)")
                    builds[isAddress ? meant : address] = try answer.json()["id"] as? String
                } else {
                    #expect(answer.status == 422 || answer.status == 400 || answer.status == 415, "\(field): \(text)")
                    #expect(field.type != "email" || answer.faults[field.name] != nil || answer.status == 400)
                }
            }
        }
        return builds
    }

    private static func expectHarmless(_ mail: ReadMail, to address: String, about build: String) {
        mail.expectGood(to: address, about: build)
        let words = mail.plain + mail.subject
        #expect(!words.contains("https://\(HostileText.host)"), "a link of the requester's: \(words)")
        for start in ["href=\"https://", "href='https://", "<img src=\"https://", "<h1>Another body"] {
            #expect(!mail.html.contains(start + (start.hasSuffix("//") ? HostileText.host : "")), "\(start)")
        }
        #expect(!mail.structure.contains("message/"), "\(mail.structure)")
        for character in words.unicodeScalars {
            let isControl = character.value < 0x20 && !"\r\n\t".unicodeScalars.contains(character)
            #expect(!isControl && character != "\u{202E}", "U+\(String(character.value, radix: 16))")
        }
    }

    @Test func `nothing gets out of a field of a recipe that ships (P5)`() async throws {
        try await SMTPServer.running { smtp in
            let settings = smtp.settings().merging([
                "KILN_MAIL_CONFIRM": "true", "KILN_LIMITS_CONFIRMATIONS_PER_SOURCE_PER_HOUR": "0",
                "KILN_QUEUE_MAX_WAITING": "10000", "KILN_MAIL_PER_DOMAIN_PER_MINUTE": "0",
            ]) { $1 }
            let server = try KilnServer(recipes: [], settings)
            try Self.copyShippedRecipes(into: server.folder.path("recipes"))
            do {
                try await server.start()
                for recipe in ["meilix", "meilix-mini"] {
                    let builds = try await Self.attack(server, recipe: recipe)
                    #expect(builds.count >= 10, "some of it is text like any other: \(builds.count)")
                    try await Self.expectMails(builds, at: smtp, of: server)
                }
            } catch {
                await server.end()
                Issue.record("the server's log ends with:\n\(server.log.suffix(3000))")
                throw error
            }
            await server.end()
        }
    }

    /// Offered, all of them.
    private static func copyShippedRecipes(into folder: String) throws {
        for recipe in ["meilix", "meilix-mini"] {
            let copy = "\(folder)/\(recipe)"
            try FileManager.default.copyItem(atPath: "\(KilnServer.root)/recipes/\(recipe)", toPath: copy)
            let text = try String(contentsOfFile: "\(copy)/recipe.yml", encoding: .utf8)
            try text.replacingOccurrences(of: "offered: false", with: "offered: true")
                .write(toFile: "\(copy)/recipe.yml", atomically: true, encoding: .utf8)
        }
    }

    @Test func `nothing gets out of a field of any type, in a mail with a subject from it (P5)`() async throws {
        try await SMTPServer.running { smtp in
            let settings = smtp.settings().merging([
                "KILN_QUEUE_MAX_WAITING": "10000", "KILN_MAIL_PER_DOMAIN_PER_MINUTE": "0",
            ]) { $1 }
            try await KilnServer.running(recipes: [.letter], settings) { server in
                let builds = try await Self.attack(server, recipe: "letter")
                #expect(builds.count >= 20, "\(builds.count)")
                try await Self.expectMails(builds, at: smtp, of: server)
            }
        }
    }

    private static func expectMails(
        _ builds: [String: String], at smtp: SMTPServer, of server: KilnServer
    ) async throws {
        let addresses = Set(builds.keys)
        let stored = try await smtp.events("stored", within: .seconds(300)) { events in
            addresses.isSubset(of: Set(events.flatMap { $0.recipients ?? [] }))
        }
        let own = stored.filter { event in event.recipients?.contains { addresses.contains($0) } == true }
        #expect(own.allSatisfy { $0.recipients?.count == 1 }, "one recipient")
        for (event, mail) in zip(own, try await smtp.read(own)) {
            let address = event.recipients?.first ?? ""
            expectHarmless(mail, to: address, about: builds[address] ?? "")
        }
        let strangers = smtp.events("command").compactMap(\.line).filter { $0.contains(HostileText.host) }
        #expect(strangers.isEmpty, "\(strangers)")
    }
}
