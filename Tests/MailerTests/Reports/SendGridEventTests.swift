import Crypto
import Domain
import Foundation
import Testing

@testable import Mailer

@Suite struct SendGridEventTests {
    private static let now = Timestamp(milliseconds: 1_795_000_000_000)
    private static let ids = #""entry":"01hzzzzzzzzzzzzzzzzzzzzzzz","build":"01haaaaaaaaaaaaaaaaaaaaaaa""#

    static func report(_ members: String) -> DeliveryReport? {
        let body = "[{\"email\":\"a@example.org\",\(ids),\(members)}]"
        return SendGridEvent.events(in: Array(body.utf8))?.first?.report(heardAt: now)
    }

    @Test(
        arguments: [
            (#""event":"delivered","response":"250 OK""#, .delivered, "250 OK", false),
            (
                #""event":"deferred","response":"400 try again later","attempt":"5""#, .deferred, "400 try again later",
                false
            ),
            (
                #""event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 unknown""#, .bounced,
                "550 5.1.1 unknown", true
            ),
            (
                #""event":"bounce","type":"bounce","status":"5.0.0","reason":"500 unknown recipient""#, .bounced,
                "500 unknown recipient", true
            ),
            (#""event":"bounce","type":"bounce""#, .bounced, "", true),
            (#""event":"bounce","status":"5.2.1""#, .bounced, "", true),
            (#""event":"bounce","type":"bounce","reason":"550 5.1.1 unknown""#, .bounced, "550 5.1.1 unknown", true),
            (#""event":"bounce","type":"bounce","status":"5.2.2","reason":"full""#, .bounced, "full", false),
            (#""event":"bounce","type":"bounce","status":"5.7.1""#, .bounced, "", false),
            (#""event":"bounce","type":"bounce","status":"4.4.7""#, .bounced, "", false),
            (#""event":"bounce","type":"blocked","status":"5.1.1""#, .bounced, "", false),
            (#""event":"dropped","reason":"Bounced Address","status":"5.0.0""#, .dropped, "Bounced Address", true),
            (#""event":"dropped","reason":"Unsubscribed Address""#, .dropped, "Unsubscribed Address", true),
            (#""event":"dropped","reason":"Spam Content""#, .dropped, "Spam Content", false),
            (#""event":"dropped","reason":"Invalid SMTPAPI header""#, .dropped, "Invalid SMTPAPI header", false),
            (#""event":"dropped""#, .dropped, "", false),
        ] as [(String, DeliveryReport.Fate, String, Bool)])
    func `An event says what became of a mail, and whether its address is no good`(
        members: String, fate: DeliveryReport.Fate, words: String, condemns: Bool
    ) throws {
        let report = try #require(Self.report(members))
        #expect(report.fate == fate && report.words == words && report.condemnsAddress == condemns)
    }

    @Test(
        arguments: [
            (#""timestamp":1794999000"#, 1_794_999_000_000), (#""timestamp":1999999999"#, 1_795_000_000_000),
            (#""timestamp":-5"#, 1_795_000_000_000), (#""attempt":1"#, 1_795_000_000_000),
        ] as [(String, Int64)])
    func `An event's time is its own, unless it lies ahead`(members: String, at: Int64) throws {
        #expect(try #require(Self.report("\"event\":\"delivered\",\(members)")).at.milliseconds == at)
    }

    @Test func `What is not about a mail of Kiln's is passed over, and holds up nothing`() throws {
        let body = """
            [{"event":"processed",\(Self.ids)}, {"event":"open",\(Self.ids)}, {"event":"bounce"}, 7, null, [],
             {"event":"bounce","entry":"x","build":"y"}, {"event":5,\(Self.ids)}, {"event":"delivered",\(Self.ids)}]
            """
        let events = try #require(SendGridEvent.events(in: Array(body.utf8)))
        #expect(events.map(\.kind) == [.delivered])
        #expect(SendGridEvent.events(in: Array("[]".utf8)) == [])
        for text in ["", "{}", "nonsense", "[", "null"] { #expect(SendGridEvent.events(in: Array(text.utf8)) == nil) }
    }

    @Test func `Words of another server control nothing (P5)`() throws {
        let report = try #require(Self.report(#""event":"deferred","response":"450\r\n\u001b[31m\u202e later""#))
        #expect(report.words == "450 [31m later")
    }

    @Test func `A request is genuine with SendGrid's signature over its own time and bytes, and with no other`() throws
    {
        let private1 = P256.Signing.PrivateKey()
        let key = try #require(SendGridWebhookKey(private1.publicKey.derRepresentation.base64EncodedString() + "\n"))
        let body = Array("[{}]".utf8)
        func sign(_ text: String, _ key: P256.Signing.PrivateKey) throws -> String {
            try key.signature(for: Data(text.utf8)).derRepresentation.base64EncodedString()
        }
        let good = try sign("1795000000[{}]", private1)
        #expect(key.isGenuine(body, signature: good, timestamp: "1795000000"))
        #expect(!key.isGenuine(body, signature: good, timestamp: "1795000001"))
        #expect(!key.isGenuine(body + [0x0A], signature: good, timestamp: "1795000000"))
        #expect(!key.isGenuine(body, signature: try sign("1795000000[{}]", .init()), timestamp: "1795000000"))
        #expect(!key.isGenuine(body, signature: try sign("[{}]", private1), timestamp: "1795000000"))
        for text in ["", "nonsense", "AAAA", String(repeating: "A", count: 100_000)] {
            #expect(!key.isGenuine(body, signature: text, timestamp: "1795000000"))
        }
        for text in ["", "nonsense", "AAAA"] { #expect(SendGridWebhookKey(text) == nil) }
    }

    @Test(arguments: [
        ("1795000000", true), ("1794999400", true), ("1795000600", true), ("1794999399", false),
        ("1795000601", false), ("", false), ("x", false), ("-1", false), ("99999999999999999999", false),
    ])
    func `A request that was kept for ten minutes is stale`(timestamp: String, isFresh: Bool) {
        #expect(SendGridWebhookKey.isFresh(timestamp, at: Self.now) == isFresh)
    }
}
