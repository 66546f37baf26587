import Foundation
import TestSupport
import Testing

/// A mail that was taken, and came back: Postfix hands it on to a server that says no, and its report reaches Kiln.
@Suite(.enabled(if: MailHost.isAvailable && SMTPServer.python != nil, "needs mail servers, and to be root"))
struct BouncedMailTests {
    enum Way: CaseIterable, Sendable { case command, post }

    @Test(arguments: Way.allCases)
    func `a mail that comes back is shown, and its address gets no more (P2, P8)`(_ way: Way) async throws {
        let host = try await MailHost.shared
        try await SMTPServer.running { next in
            try next.meet(.init("rcpt", "550 5.1.1 nobody of that name here", match: "gone"))
            let name = "k\(UUID().uuidString.lowercased().prefix(8))"
            let settings = host.settings(.tls).merging([
                "KILN_MAIL_CONFIRM": "false", "KILN_MAIL_BOUNCE_ADDRESS": "bounces@\(name).bounces.example",
                "KILN_MAIL_BOUNCE_TOKEN": "token-of-the-mail-server",
            ]) { $1 }
            let (gone, here) = ("gone@port\(next.plain).relay.example", "here@port\(next.plain).relay.example")
            try await KilnServer.running(settings) { server in
                try Self.takeBounces(way, of: server, at: "\(host.facts.bounces)/\(name)")
                let id = try await server.submit(FaultyServerTests.form(gone))
                let back = try await server.deliveries(of: id) { $0.map(\.status) == ["bounced"] }
                #expect(back[0].last_error?.contains("nobody of that name") == true, "\(back)")
                let page = try await server.http.get("/builds/\(id)", ["Accept": "text/html"]).text
                #expect(page.contains("came back"), "the page says so")
                let again = try await server.http.post("/recipes/quick/builds", FaultyServerTests.form(gone))
                #expect(again.status == 422 && again.faults["email"] != nil, "\(again.status) \(again.text)")

                let other = try await server.submit(FaultyServerTests.form(here))
                #expect(try await server.told(other, within: .seconds(300)).isTold)
                let stored = try await next.events("stored", within: .seconds(120)) { !$0.isEmpty }
                #expect(stored.map(\.recipients) == [[here]])
                let sender = try #require(stored.first?.sender)
                #expect(sender.hasPrefix("bounces+") && sender.hasSuffix("@\(name).bounces.example"), "\(sender)")
            }
        }
    }

    /// What an operator's mail server does with a bounce.
    private static func takeBounces(_ way: Way, of server: KilnServer, at path: String) throws {
        switch way {
        case .command:
            try server.writeProgram(["bounce"], to: path)
        case .post:
            let script = """
                #!/bin/sh
                exec curl -sS -f --data-binary @- -H 'Content-Type: message/rfc822' \
                    -H 'Authorization: Bearer token-of-the-mail-server' http://127.0.0.1:\(server.port)/mail/bounces

                """
            try Data(script.utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
    }
}
