import Curl
import Domain
import Foundation
import Mailer
import NIOConcurrencyHelpers
import TestSupport

/// SendGrid's `/v3/mail/send` as its description and its limits say. Every request is held to the description where
/// KILN_CONTRACTS names it; what SendGrid would refuse is refused.
final class SendGridPlayer: Sendable {
    static let key = "SG.s3cret-k3y"
    static let path = "/v3/mail/send"

    let server: PlayerServer
    let folder: TemporaryDirectory
    let clock: ManualClock
    let transport: SendGridTransport
    private let sent: NIOLockedValueBox<[JSONValue]>
    private let faults: NIOLockedValueBox<[String]>

    /// The bodies that were accepted, or would have been in sandbox mode.
    var mails: [JSONValue] { sent.withLockedValue { $0 } }
    /// What was wrong with requests by the description.
    var problems: [String] { faults.withLockedValue { $0 } }

    init(key: String = SendGridPlayer.key, sender: String = "Kiln <kiln@example.org>") async throws {
        let contract = try ContractValidator.find("sendgrid/mail-send.json")
        let (sent, faults) = (NIOLockedValueBox<[JSONValue]>([]), NIOLockedValueBox<[String]>([]))
        (self.sent, self.faults) = (sent, faults)
        server = try await PlayerServer { request in
            guard request.method == "POST", request.path == Self.path else {
                return Self.error(404, "not found", nil)
            }
            guard request.headers["authorization"] == "Bearer \(Self.key)" else {
                return Self.error(401, "The provided authorization grant is invalid, expired, or revoked", nil)
            }
            guard request.headers["content-type"] == "application/json", let body = JSONValue(request.body) else {
                return Self.error(400, "Bad Request", nil)
            }
            if request.body.count >= 30_000_000 { return Self.error(413, "payload too large", nil) }
            let found = contract?.problems(ofRequest: "POST", Self.path, body: body) ?? []
            faults.withLockedValue { $0 += found }
            if let (field, words) = Self.complaint(body) { return Self.error(400, words, field) }
            sent.withLockedValue { $0.append(body) }
            if body["mail_settings"]?["sandbox_mode"]?["enable"] == true { return PlayerServer.Answer(200) }
            return PlayerServer.Answer(202, headers: ["X-Message-Id": "14c5d75ce93"])
        }
        folder = try TemporaryDirectory()
        clock = ManualClock()
        transport = SendGridTransport(
            key: key, baseURL: server.url, sender: try NamedMailAddress(parsing: sender),
            transfers: HTTPTransfers(TransferSettings(userAgent: "kiln-test")), scratch: folder.path, clock: clock)
    }

    /// What is described in words only.
    private static func complaint(_ body: JSONValue) -> (field: String, words: String)? {
        let people = body["personalizations"]?.elements ?? []
        guard people.count == 1, let to = people[0]["to"]?.elements, to.count == 1 else {
            return ("personalizations", "You must have at least one personalization.")
        }
        guard let address = to[0]["email"]?.string, address.contains("@"), address.utf8.allSatisfy({ $0 < 0x80 }) else {
            return ("personalizations.0.to.0.email", "Does not contain a valid address.")
        }
        let from = [body["from"]?["email"]?.string, body["from"]?["name"]?.string].compactMap { $0 }.joined()
        guard from.utf8.allSatisfy({ $0 < 0x80 }) else { return ("from", "Unicode is not supported.") }
        let types = (body["content"]?.elements ?? []).compactMap { $0["type"]?.string }
        guard [["text/plain"], ["text/plain", "text/html"], ["text/html"]].contains(types) else {
            return ("content", "If present, text/plain must be first, followed by text/html.")
        }
        let reserved: Set = [
            "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to",
            "from", "subject", "reply-to", "cc", "bcc",
        ]
        for name in body["headers"]?.members?.keys.map({ $0.lowercased() }) ?? [] where reserved.contains(name) {
            return ("headers", "The \(name) header is reserved.")
        }
        for file in body["attachments"]?.elements ?? [] {
            guard file["type"]?.string?.contains(";") == false else {
                return ("attachments.0.type", "The attachment type cannot contain ';'.")
            }
        }
        return nil
    }

    static func error(_ status: Int, _ message: String, _ field: String?, headers: [String: String] = [:])
        -> PlayerServer.Answer
    {
        let entry: JSONValue = ["message": .text(message), "field": field.map { .text($0) } ?? nil, "help": nil]
        return .json(
            String(decoding: JSONValue.object(["errors": [entry]]).bytes, as: UTF8.self), status: status,
            headers: headers)
    }
}
