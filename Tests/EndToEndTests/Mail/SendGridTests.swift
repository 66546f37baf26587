import Crypto
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// Mail by SendGrid's API, played as its description says, and what the vendor tells of it afterwards.
@Suite struct SendGridTests {
    private static func settings(_ vendor: PlayerServer, _ key: P256.Signing.PublicKey) -> [String: String] {
        [
            "KILN_MAIL_SERVICE": "sendgrid", "KILN_MAIL_SENDGRID_KEY": "SG.the-key",
            "KILN_MAIL_SENDGRID_BASE_URL": vendor.url, "KILN_MAIL_FROM": "Kiln <kiln@kiln.example>",
            "KILN_MAIL_CONFIRM": "false",
            "KILN_MAIL_SENDGRID_WEBHOOK_KEY": key.derRepresentation.base64EncodedString(),
        ]
    }

    private static func vendor() async throws -> PlayerServer {
        let count = NIOLockedValueBox(0)
        return try await PlayerServer { request in
            guard request.path == "/v3/mail/send", request.method == "POST" else { return PlayerServer.Answer(404) }
            guard request.headers["authorization"] == "Bearer SG.the-key" else {
                return .json(#"{"errors":[{"message":"The provided authorization grant is invalid"}]}"#, status: 401)
            }
            // Looked at and thrown away.
            if isSandboxed(request) { return PlayerServer.Answer(200) }
            let number = count.withLockedValue {
                $0 += 1
                return $0
            }
            return PlayerServer.Answer(202, headers: ["X-Message-Id": "message-\(number)"])
        }
    }

    private static func isSandboxed(_ request: PlayerServer.Request) -> Bool {
        let body = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
        let settings = body?["mail_settings"] as? [String: Any]
        return (settings?["sandbox_mode"] as? [String: Any])?["enable"] as? Bool == true
    }

    @Test func `a mail goes to SendGrid, later if it says so, and its bounce is shown (P2)`() async throws {
        let vendor = try await Self.vendor()
        let key = P256.Signing.PrivateKey()
        let reset = Int(Date().timeIntervalSince1970) + 3
        vendor.plan(
            .answer(
                .json(
                    #"{"errors":[{"message":"too many requests"}]}"#, status: 429,
                    headers: ["X-RateLimit-Reset": "\(reset)", "X-RateLimit-Remaining": "0"])))
        try await KilnServer.running(recipes: [.letter], Self.settings(vendor, key.publicKey)) { server in
            let form = TestRecipe.letter(named: "Ada", to: "ada@example.org")
            let id = try await server.submit(form, to: "letter")
            let build = try await server.told(id, within: .seconds(300))
            #expect(build.deliveries.map(\.attempts) == [2], "\(build.deliveries)")
            #expect(Date().timeIntervalSince1970 >= Double(reset))

            let sends = vendor.requests.filter { $0.path == "/v3/mail/send" && !Self.isSandboxed($0) }
            #expect(sends.count == 2 && sends.first?.body == sends.last?.body, "the same mail again")
            let entry = try Self.expectMail(#require(sends.last), about: build)

            let event = """
                [{"email":"ada@example.org","timestamp":\(reset),"event":"bounce","type":"bounce","status":"5.1.1",\
                "reason":"550 5.1.1 nobody here","sg_event_id":"e1","sg_message_id":"message-1.x",\
                "build":"\(id)","entry":"\(entry)"}]
                """
            let forged = try await Self.tell(server, event, signedBy: P256.Signing.PrivateKey())
            #expect(forged.status == 403, "\(forged.status)")
            #expect(try await server.build(id).deliveries.map(\.status) == ["accepted"])

            for _ in 1...2 {
                let told = try await Self.tell(server, event, signedBy: key)
                #expect((200..<300).contains(told.status), "\(told.status) \(told.text)")
            }
            let back = try await server.deliveries(of: id) { $0.map(\.status) == ["bounced"] }
            #expect(back[0].last_error?.contains("nobody here") == true, "\(back)")
            let again = try await server.http.post("/recipes/letter/builds", form)
            #expect(again.status == 422 && again.faults["email"] != nil, "\(again.status) \(again.text)")
            #expect(!server.log.contains("SG.the-key"), "P7")
        }
    }

    /// - Returns: the outbox entry that it names.
    private static func expectMail(_ request: PlayerServer.Request, about build: RemoteBuild) throws -> String {
        struct Body: Decodable {
            struct Person: Decodable { var email: String }
            struct Personalization: Decodable {
                var to: [Person]
                var custom_args: [String: String]?
            }
            struct Content: Decodable {
                var type: String
                var value: String
            }
            struct Attachment: Decodable {
                var content: String
                var filename: String
                var disposition: String?
            }

            var personalizations: [Personalization]
            var from: Person
            var subject: String
            var content: [Content]
            var attachments: [Attachment]?
            var custom_args: [String: String]?
        }
        let body = try JSONDecoder().decode(Body.self, from: Data(request.body))
        #expect(body.personalizations.map { $0.to.map(\.email) } == [["ada@example.org"]])
        #expect(body.from.email == "kiln@kiln.example" && body.subject == "Ada is ready")
        #expect(body.content.map(\.type) == ["text/plain", "text/html"])
        let numbers = try #require(build.artifacts.first { $0.name == "numbers.gz" })
        let path = try #require(URL(string: numbers.url)?.path)
        #expect(body.content.allSatisfy { $0.value.contains(path) })
        let attached = try #require(body.attachments?.first { $0.filename == "numbers.gz" })
        #expect(sha256(Array(try #require(Data(base64Encoded: attached.content)))) == numbers.sha256)
        let arguments = try #require(body.custom_args ?? body.personalizations.first?.custom_args)
        #expect(arguments["build"] == build.id)
        return try #require(arguments["entry"])
    }

    /// As SendGrid signs its events.
    private static func tell(
        _ server: KilnServer, _ events: String, signedBy key: P256.Signing.PrivateKey
    ) async throws -> Answer {
        let stamp = "\(Int(Date().timeIntervalSince1970))"
        let signature = try key.signature(for: Data((stamp + events).utf8))
        let headers = [
            "Content-Type": "application/json", "Content-Length": "\(events.utf8.count)",
            "X-Twilio-Email-Event-Webhook-Signature": signature.derRepresentation.base64EncodedString(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        ]
        return try await server.http.send("POST", "/mail/sendgrid/events", headers, body: Array(events.utf8))
    }
}
