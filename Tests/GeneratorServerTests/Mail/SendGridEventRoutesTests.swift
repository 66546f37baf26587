import Crypto
import Domain
import Foundation
import Mailer
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct SendGridEventRoutesTests {
    private let key = P256.Signing.PrivateKey()

    private var options: LiveServer.Options {
        var options = LiveServer.Options()
        let text = key.publicKey.derRepresentation.base64EncodedString()
        options.mailReports = { store in
            MailReportDoors(reports: DeliveryReports(desk: store), sendGridKey: SendGridWebhookKey(text))
        }
        return options
    }

    private func post(
        _ server: LiveServer, _ body: String, age: Int64 = 0, signedBy other: P256.Signing.PrivateKey? = nil,
        as signed: String? = nil
    ) async throws -> TestClient.Answer {
        let time = "\(server.clock.now().milliseconds / 1000 - age)"
        let proof = try (other ?? key).signature(for: Data((time + (signed ?? body)).utf8)).derRepresentation
        return try await server.client.post(
            "/mail/sendgrid/events",
            [
                "Content-Type": "application/json",
                "X-Twilio-Email-Event-Webhook-Signature": proof.base64EncodedString(),
                "X-Twilio-Email-Event-Webhook-Timestamp": time,
            ], body: Array(body.utf8))
    }

    private static func event(_ mail: MailedBuild, _ members: String, build: BuildID? = nil) -> String {
        #"{"email":"ada@example.org","entry":"\#(mail.entry)","build":"\#(build ?? mail.build)",\#(members)}"#
    }

    private static let bounce = #""event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 nobody""#

    @Test func `Events move a delivery, in any order, and hearing them again changes nothing`() async throws {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 2, 0, 1, 0]] {
            try await LiveServer.with(options) { server in
                let mail = try await MailedBuild.make(server)
                let events = [
                    Self.event(mail, #""event":"deferred","response":"450 later""#),
                    Self.event(mail, #""event":"delivered","response":"250 OK""#), Self.event(mail, Self.bounce),
                ]
                for place in order {
                    #expect(try await post(server, "[\(events[place])]").status == 204)
                }
                let delivery = try #require(try await server.store.delivery(mail.entry))
                #expect(delivery.status == .bounced, "\(order)")
                #expect(delivery.lastError?.contains("nobody") == true)
                let kept = try await server.store.suppression(of: MailedBuild.address, at: server.clock.now())
                #expect(kept?.reason == .bounced)
            }
        }
    }

    @Test func `An event with another build's id is not about this mail (P4)`() async throws {
        try await LiveServer.with(options) { server in
            let mail = try await MailedBuild.make(server)
            let other = try await server.makeBuild().id
            let unknown = OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz")
            let stranger = MailedBuild(build: mail.build, entry: unknown)
            let events = [Self.event(mail, Self.bounce, build: other), Self.event(stranger, Self.bounce)]
            #expect(try await post(server, "[\(events.joined(separator: ","))]").status == 204)
            #expect(try await server.store.delivery(mail.entry)?.status == .accepted)
        }
    }

    @Test func `What is not signed by SendGrid, or long ago, changes nothing`() async throws {
        try await LiveServer.with(options) { server in
            let mail = try await MailedBuild.make(server)
            let body = "[\(Self.event(mail, Self.bounce))]"
            #expect(try await server.client.post("/mail/sendgrid/events", body: Array(body.utf8)).status == 403)
            #expect(try await post(server, body, signedBy: .init()).status == 403)
            #expect(try await post(server, body, as: "[]").status == 403)
            #expect(try await post(server, body, age: 601).status == 403)
            #expect(try await post(server, body, age: -601).status == 403)
            #expect(try await server.store.delivery(mail.entry)?.status == .accepted)
        }
    }

    @Test func `Without a key there is no such address, and a body is bounded (P6)`() async throws {
        try await LiveServer.with { server in
            let answer = try await post(server, "[]")
            #expect(answer.status == 404)
        }
        try await LiveServer.with(options) { server in
            let large = try await post(server, "[" + String(repeating: " ", count: 2 << 20) + "]")
            #expect(large.status == 413)
            #expect(try await post(server, "{}").status == 400)
            #expect(try await post(server, "[]").status == 204)
        }
    }

    @Test func `A thousand events at once are all taken`() async throws {
        try await LiveServer.with(options) { server in
            let mail = try await MailedBuild.make(server)
            let one = Self.event(mail, #""event":"deferred","response":"450 later""#)
            #expect(
                try await post(server, "[\(Array(repeating: one, count: 1000).joined(separator: ","))]").status == 204)
            #expect(try await server.store.delivery(mail.entry)?.status == .deferred)
        }
    }
}
