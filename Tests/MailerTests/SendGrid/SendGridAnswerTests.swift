import Curl
import Domain
import TestSupport
import Testing

@testable import Mailer

@Suite struct SendGridAnswerTests {
    enum Kind: Hashable {
        case accepted, refused(MailFault.Scope), notNow(after: Duration?), unknown
    }

    static func kind(_ answer: TransportAnswer) -> Kind {
        switch answer {
        case .accepted: .accepted
        case .refused(let fault): .refused(fault.scope)
        case .notNow(let fault, let after):
            fault.scope == .transport ? .notNow(after: after) : .refused(.domain)
        case .unknown: .unknown
        }
    }

    static let clock = ManualClock()
    private static let now = clock.now().milliseconds / 1000

    static let answers: [(PlayerServer.Answer, Kind)] = [
        (.init(202), .accepted),
        (.init(200), .unknown),
        (.init(204), .unknown),
        (.init(302, headers: ["Location": "/"]), .notNow(after: nil)),
        (
            SendGridPlayer.error(400, "Does not contain a valid address.", "personalizations.0.to.0.email"),
            .refused(.address)
        ),
        (
            SendGridPlayer.error(400, "Does not contain a valid address.", "personalizations[0].to[0].email"),
            .refused(.address)
        ),
        (SendGridPlayer.error(400, "no", "personalizations.to"), .refused(.address)),
        (SendGridPlayer.error(400, "no", "personalizations.0.custom_args"), .refused(.message)),
        (SendGridPlayer.error(400, "no", "from.email"), .notNow(after: nil)),
        (SendGridPlayer.error(400, "no", "reply_to"), .notNow(after: nil)),
        (SendGridPlayer.error(400, "no", "attachments.0.content"), .refused(.message)),
        (SendGridPlayer.error(400, "Bad Request", nil), .refused(.message)),
        (.init(400, body: Array("<html>Bad Request".utf8)), .notNow(after: nil)),
        (.json(#"{"errors":[]}"#, status: 400), .notNow(after: nil)),
        (.json(#"{"errors":"#, status: 400), .notNow(after: nil)),
        (SendGridPlayer.error(401, "Maximum credits exceeded", nil), .notNow(after: nil)),
        (
            SendGridPlayer.error(403, "The from address does not match a verified Sender Identity.", "from"),
            .notNow(after: nil)
        ),
        (SendGridPlayer.error(404, "not found", nil), .notNow(after: nil)),
        (.init(405), .notNow(after: nil)),
        (SendGridPlayer.error(413, "too large", nil), .refused(.message)),
        (.init(413, body: Array("<html>nginx".utf8)), .refused(.message)),
        (SendGridPlayer.error(415, "no", nil), .refused(.message)),
        (SendGridPlayer.error(429, "too many requests", nil), .notNow(after: nil)),
        (
            SendGridPlayer.error(429, "too many requests", nil, headers: ["X-RateLimit-Reset": "\(now + 90)"]),
            .notNow(after: .seconds(90))
        ),
        (
            SendGridPlayer.error(429, "too many requests", nil, headers: ["X-RateLimit-Reset": "\(now - 5)"]),
            .notNow(after: .seconds(1))
        ),
        (
            SendGridPlayer.error(429, "no", nil, headers: ["X-RateLimit-Reset": "99999999999999999999"]),
            .notNow(after: nil)
        ),
        (
            SendGridPlayer.error(429, "no", nil, headers: ["X-RateLimit-Reset": "\(now + 1_000_000)"]),
            .notNow(after: .seconds(3600))
        ),
        (SendGridPlayer.error(429, "no", nil, headers: ["Retry-After": "17"]), .notNow(after: .seconds(17))),
        (SendGridPlayer.error(500, "internal", nil), .notNow(after: nil)),
        (.init(500), .unknown),
        (.init(502, body: Array("<html>".utf8)), .unknown),
        (.init(503, headers: ["Retry-After": "5"]), .notNow(after: .seconds(5))),
        (.init(504), .unknown),
        (.init(418), .notNow(after: nil)),
    ]

    @Test(arguments: answers.indices)
    func `Every answer is a yes, a no, a not-now or a nobody-knows`(place: Int) async throws {
        let player = try await SendGridPlayer()
        let (answer, meaning) = Self.answers[place]
        player.server.plan(.answer(answer))
        let found = await player.transport.deliver(try MailMessageTests.message())
        #expect(Self.kind(found) == meaning, "\(found)")
        switch found {
        case .refused(let fault), .notNow(let fault, _), .unknown(let fault): #expect(fault.code == answer.status)
        case .accepted(let receipt): #expect(receipt == nil)
        }
    }

    @Test(arguments: ["answerLost", "refused", "cut"])
    func `A mail whose answer was lost may have been taken (P2)`(trouble: String) async throws {
        let player = try await SendGridPlayer()
        let troubles: [String: PlayerServer.Trouble] = ["answerLost": .answerLost, "refused": .refused, "cut": .cut]
        player.server.plan(try #require(troubles[trouble]))
        let found = await player.transport.deliver(try MailMessageTests.message())
        // Of an answer that is cut, the status is there: 202 without a body is whole.
        #expect(Self.kind(found) == (trouble == "cut" ? .accepted : .unknown), "\(found)")
        #expect(player.server.requests.count == 1)
    }

    @Test func `Who cannot be reached has taken nothing`() async throws {
        let folder = try TemporaryDirectory()
        // Nobody listens there.
        let transport = SendGridTransport(
            key: "k", baseURL: "http://127.0.0.1:1/", sender: try NamedMailAddress(parsing: "kiln@example.org"),
            transfers: HTTPTransfers(TransferSettings(userAgent: "kiln-test")), scratch: folder.path,
            clock: ManualClock())
        let found = await transport.deliver(try MailMessageTests.message())
        #expect(Self.kind(found) == .notNow(after: nil), "\(found)")
        guard case .broken(_, let mend) = await transport.check() else {
            Issue.record("expected it to be broken")
            return
        }
        #expect(mend.contains("network.proxy"))
    }

    @Test(arguments: [
        (HTTPFailure.timedOut, true), (.interrupted("reset"), true), (.tooLarge, true), (.stopped, true),
        (.unreachable("no route"), false), (.badRequest("a header"), false), (.file("gone"), false),
    ])
    func `What was sent may have been taken, what was not was not (P2)`(failure: HTTPFailure, mayBe: Bool) {
        let found = SendGridAnswer(purpose: .sending, now: Self.clock.now(), secret: "k").meaning(of: failure)
        #expect(Self.kind(found) == (mayBe ? .unknown : .notNow(after: nil)))
    }
}
