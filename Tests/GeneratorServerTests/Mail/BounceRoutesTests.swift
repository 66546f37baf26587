import Domain
import Foundation
import Mailer
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct BounceRoutesTests {
    private static let token = "t0ken-of-the-mail-server"

    private static var options: LiveServer.Options {
        var options = LiveServer.Options()
        options.mailReports = { store in
            MailReportDoors(
                reports: DeliveryReports(desk: store), verp: try MailedBuild.verp(), bounceToken: token)
        }
        return options
    }

    private static func post(
        _ server: LiveServer, _ body: [UInt8], token: String = token, type: String = "message/rfc822",
        path: String = "/mail/bounces"
    ) async throws -> TestClient.Answer {
        try await server.client.post(path, ["Authorization": "Bearer \(token)", "Content-Type": type], body: body)
    }

    @Test func `A report of a dead mailbox bounces the delivery, and nothing more is sent there`() async throws {
        try await LiveServer.with(Self.options) { server in
            let mail = try await MailedBuild.make(server)
            let bounce = mail.bounce(try MailedBuild.verp())
            for _ in 0..<2 { #expect(try await Self.post(server, bounce).status == 204) }
            let delivery = try #require(try await server.store.delivery(mail.entry))
            #expect(delivery.status == .bounced && delivery.lastError == "550 5.1.1 nobody here")
            #expect(try await server.store.suppression(of: MailedBuild.address, at: server.clock.now()) != nil)
        }
    }

    @Test(arguments: [
        ("5.2.2", "failed", Delivery.Status.bounced), ("5.7.1", "failed", .bounced), ("4.4.1", "delayed", .deferred),
        ("2.0.0", "delivered", .delivered), ("2.0.0", "relayed", .accepted),
    ])
    func `Other reports are shown, and condemn no address`(
        status: String, action: String, shown: Delivery.Status
    ) async throws {
        try await LiveServer.with(Self.options) { server in
            let mail = try await MailedBuild.make(server)
            let bounce = mail.bounce(try MailedBuild.verp(), status: status, action: action)
            #expect(try await Self.post(server, bounce).status == 204)
            #expect(try await server.store.delivery(mail.entry)?.status == shown)
            #expect(try await server.store.suppression(of: MailedBuild.address, at: server.clock.now()) == nil)
        }
    }

    @Test func `Nobody without the token or the proof is heard (P4)`() async throws {
        try await LiveServer.with(Self.options) { server in
            let mail = try await MailedBuild.make(server)
            let bounce = mail.bounce(try MailedBuild.verp())
            #expect(try await Self.post(server, bounce, token: "t0ken-of-the-mail-serves").status == 403)
            #expect(try await Self.post(server, bounce, token: "").status == 403)
            #expect(try await server.client.post("/mail/bounces", body: bounce).status == 403)
            let forged = mail.bounce(try MailedBuild.verp([UInt8](repeating: 8, count: 32)))
            #expect(try await Self.post(server, forged).status == 422)
            #expect(try await server.store.delivery(mail.entry)?.status == .accepted)
        }
    }

    @Test func `The recipient can stand in the query, where the message does not have it`() async throws {
        try await LiveServer.with(Self.options) { server in
            let mail = try await MailedBuild.make(server)
            let bounce = mail.bounce(try MailedBuild.verp(), deliveredTo: "somebody@kiln.example")
            #expect(try await Self.post(server, bounce).status == 422)
            let sender = try #require(try MailedBuild.verp().sender(of: mail.entry)).text
            let path = "/mail/bounces?recipient=" + sender.replacing("+", with: "%2B")
            #expect(try await Self.post(server, bounce, path: path).status == 204)
            #expect(try await server.store.delivery(mail.entry)?.status == .bounced)
        }
    }

    @Test func `What is no message is not taken, and a large one is refused (P6)`() async throws {
        try await LiveServer.with(Self.options) { server in
            let other = try await Self.post(server, [], type: "application/json")
            #expect(other.status == 415)
            // Said before the body comes.
            let connection = try RawConnection(port: server.port)
            let head = """
                POST /mail/bounces HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: message/rfc822\r\n\
                Authorization: Bearer \(Self.token)\r\nContent-Length: \((10 << 20) + 1)\r\n\r\n
                """
            try await connection.send(Array(head.utf8))
            #expect(try TestClient.Answer(parsing: try await connection.receiveAll()).status == 413)
        }
        try await LiveServer.with { server in
            let answer = try await Self.post(server, [])
            #expect(answer.status == 404)
        }
    }

    @Test func `A token is the token, and an empty one is none`() {
        #expect(MailReportDoors.isToken("a", "a"))
        #expect(!MailReportDoors.isToken("a", "b") && !MailReportDoors.isToken("", ""))
    }
}
