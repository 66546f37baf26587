import Foundation
import TestSupport
import Testing

/// Servers that say later, no, or nothing; connections that break at the worst time.
@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server")) struct FaultyServerTests {
    static func form(_ address: String, _ name: String = "Ada") -> Form {
        Form([("email", address), ("name", name)])
    }

    @Test(arguments: [("mail", "451 4.3.0 later"), ("rcpt", "450 4.2.0 greylisted"), ("data", "452 4.3.1 no room")])
    func `what a server puts off comes later, once (P2)`(_ stage: String, _ words: String) async throws {
        try await SMTPServer.running { smtp in
            try smtp.meet(.init(stage, words, times: 1))
            try await KilnServer.running(smtp.settings()) { server in
                let id = try await server.submit(Self.form("ada@example.org"))
                let build = try await server.told(id, within: .seconds(300))
                #expect(build.deliveries.map(\.attempts) == [2], "\(build.deliveries)")
                let mails = try await smtp.read(smtp.stored(for: "ada@example.org"))
                #expect(mails.count == 1)
                mails.first?.expectGood(to: "ada@example.org", about: id)
            }
        }
    }

    @Test func `an address that is none is shown, and written to no more (P8)`() async throws {
        try await SMTPServer.running { smtp in
            try smtp.meet(.init("rcpt", "550 5.1.1 no such person", match: "gone@example.org"))
            try await KilnServer.running(smtp.settings()) { server in
                let id = try await server.submit(Self.form("gone@example.org"))
                let refused = try await server.deliveries(of: id) { $0.map(\.status) == ["refused"] }
                #expect(refused[0].attempts == 1)
                #expect(refused[0].last_error?.contains("no such person") == true, "\(refused)")
                let page = try await server.http.get("/builds/\(id)", ["Accept": "text/html"]).text
                #expect(page.contains("gone@example.org"), "the page says that the mail did not go out")

                let again = try await server.http.post("/recipes/quick/builds", Self.form("gone@example.org"))
                #expect(again.status == 422 && again.faults["email"] != nil, "\(again.status) \(again.text)")
                #expect(smtp.stored(for: "gone@example.org").isEmpty)
                let other = try await server.submit(Self.form("here@example.org"))
                #expect(try await server.told(other).isTold)

                let listed = try await server.kiln("outbox", "suppressed")
                #expect(listed.code == 0 && listed.text.contains("gone@example.org"), "\(listed.text)")
            }
        }
    }

    @Test(arguments: ["drop", "reset"])
    func `a connection that breaks in the midst of a mail costs none (P2)`(_ how: String) async throws {
        try await SMTPServer.running { smtp in
            try smtp.meet(.init("body", how, times: 1, after: 300))
            try await KilnServer.running(smtp.settings()) { server in
                let id = try await server.submit(Self.form("ada@example.org"))
                _ = try await server.told(id, within: .seconds(300))
                #expect(smtp.stored(for: "ada@example.org").count == 1)
                #expect(smtp.events("fault").count == 1)
            }
        }
    }

    @Test func `a mail whose receipt was lost comes twice at most, as one (P2)`() async throws {
        try await SMTPServer.running { smtp in
            try smtp.meet(.init("stored", "drop", times: 1))
            try await KilnServer.running(smtp.settings()) { server in
                let id = try await server.submit(Self.form("ada@example.org"))
                let build = try await server.told(id, within: .seconds(300))
                #expect(build.deliveries.map(\.attempts) == [2], "\(build.deliveries)")
                let stored = smtp.stored(for: "ada@example.org")
                #expect(stored.count == 2)
                let mails = try await smtp.read(stored)
                #expect(Set(mails.map { $0.header("Message-ID") }).count == 1)
                #expect(stored[1].at - stored[0].at > 50, "not at once: the first may still be on its way")
                let contents = try stored.compactMap(\.message).map(smtp.message)
                #expect(contents.first == contents.last, "the same bytes")
            }
        }
    }

    @Test func `a server that falls silent holds up nobody else's mail, and not for ever (P6)`() async throws {
        try await SMTPServer.running { smtp in
            let stages = ["rcpt", "data", "body", "stored"]
            try smtp.meet(
                .init("connect", "hang", times: 1), .init("ehlo", "hang", times: 1), .init("mail", "hang", times: 1),
                .init("rcpt", "hang", times: 1, match: "slow-rcpt"),
                .init("data", "hang", times: 1, match: "slow-data"),
                .init("body", "hang", times: 1, match: "slow-body", after: 300),
                .init("stored", "hang", times: 1, match: "slow-stored"))
            let more = ["KILN_MAIL_SMTP_CONNECTIONS": "12", "KILN_MAIL_PER_DOMAIN_AT_ONCE": "32"]
            try await KilnServer.running(smtp.settings().merging(more) { $1 }) { server in
                var slow: [String] = []
                for stage in ["1", "2", "3"] + stages {
                    slow.append(try await server.submit(Self.form("slow-\(stage)@example.org")))
                    // Each meets the fault that is meant for it.
                    let count = slow.count
                    _ = try await smtp.events("fault", within: .seconds(120)) { $0.count == count }
                }
                let quick = try await server.submit(Self.form("quick@example.org"))
                let told = try await server.told(quick, within: .seconds(120))
                #expect(told.isTold)
                var hung = 0
                for id in slow where try await !server.build(id).isTold { hung += 1 }
                #expect(hung >= 4, "it overtook those that hang: \(hung)")

                // After a message's last byte the answer may take long; all else is bounded by a minute and tried again.
                for (place, id) in slow.enumerated() where place < 5 {
                    let build = try await server.told(id, within: .seconds(400))
                    #expect(smtp.stored(for: build.deliveries[0].to).count == 1, "\(build.deliveries)")
                }
            }
        }
    }

    @Test func `a product too large for the server comes as a link`() async throws {
        try await SMTPServer.running(try SMTPServer.options(size: 60_000)) { smtp in
            try await KilnServer.running(recipes: [.letter], smtp.settings()) { server in
                let form = TestRecipe.letter(named: "Large", to: "ada@example.org")
                let id = try await server.submit(form, to: "letter")
                let build = try await server.told(id, within: .seconds(300))
                #expect(build.deliveries.map(\.attempts) == [1], "\(build.deliveries)")
                let mail = try #require(try await smtp.read(smtp.stored(for: "ada@example.org")).first)
                mail.expectGood(to: "ada@example.org", about: id)
                #expect(mail.size < 60_000 && mail.attachment("numbers.gz") == nil)
                let path = try #require(build.artifacts.first.flatMap { URL(string: $0.url) }?.path)
                #expect(mail.links.contains { $0.hasSuffix(path) })
            }
        }
    }
}
