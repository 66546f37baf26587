import Domain
import Foundation
import TestSupport
import Testing

@testable import Mailer

/// Signatures as dkimpy reads them, with DNS answering what the keys say it must.
@Suite struct DKIMSignerTests {
    /// Asks dkimpy, of every message, about every signature. A message with none has none that holds.
    static func verify(_ messages: [[UInt8]], records: [String: String], with python: String) throws -> [[Bool]] {
        let json = String(decoding: try JSONEncoder().encode(records), as: UTF8.self)
        let script = """
            import json, dkim
            records = json.loads(r'''\(json)''')
            def dns(name, timeout=5):
                name = name.decode() if isinstance(name, bytes) else name
                return records.get(name.rstrip("."), "").encode() or None
            results = []
            for data in messages:
                verifier = dkim.DKIM(data)
                count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
                holds = []
                for index in range(count):
                    try: holds.append(dkim.DKIM(data, minkey=2048).verify(idx=index, dnsfunc=dns))
                    except dkim.DKIMException: holds.append(False)
                results.append(holds)
            json.dump(results, sys.stdout)
            """
        return try JSONDecoder().decode([[Bool]].self, from: Tool.python(script, at: python, messages: messages))
    }

    static func signer() throws -> DKIMSigner {
        try DKIMSigner(
            domain: "Bücher.example",
            keys: [
                DKIMKey(selector: "rsa.2026", pem: TestKeys.rsa()), DKIMKey(selector: "ed", pem: TestKeys.ed25519),
            ])
    }

    static func records(of signer: DKIMSigner) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: signer.keys.map { ("\($0.selector)._domainkey.\(signer.domain)", $0.publicRecord) })
    }

    static func messages() throws -> [MailMessage] {
        let blob = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var full = try MailMessageTests.message(
            subject: "Größe: " + String(repeating: "建築 ", count: 50), text: "two  blanks \t\n\n\nend  \n\n\n",
            sender: "Müller <kiln@bücher.example>",
            attachments: [MailMessageTests.part("a.bin", "application/octet-stream", blob)])
        full.stopLink = try StopLink("https://kiln.example.org/mail/stop/" + String(repeating: "a", count: 200))
        full.replyTo = NamedMailAddress(name: nil, address: try MailAddress(checked: "help@example.org"))
        full.earlier = OutboxEntryID(unchecked: "01hyyyyyyyyyyyyyyyyyyyyyyy")
        var unicode = full
        unicode.to = try MailAddress(checked: "用户@例子.广告")
        var messages = [
            try MailMessageTests.message(html: ""), try MailMessageTests.message(text: "", html: ""),
            try MailMessageTests.message(), full, unicode,
        ]
        // A verifier refuses what was signed after its own clock.
        for index in messages.indices { messages[index].date = Timestamp(milliseconds: 1_600_000_000_000) }
        return messages
    }

    @Test(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs dkimpy"))
    func `both signatures hold, and neither does when a byte of what they sign is another`() async throws {
        let python = try #require(SMTPServer.python)
        let signer = try Self.signer()
        let folder = try TemporaryDirectory()
        var signed: [[UInt8]] = []
        for message in try Self.messages() {
            let spooled = try await SpooledMessage.write(message, in: folder.path, signer: signer)
            signed.append(try spooled.read(from: 0, length: Int(spooled.bytes)))
        }
        let found = try Self.verify(signed, records: Self.records(of: signer), with: python)
        #expect(found == Array(repeating: [true, true], count: signed.count))

        let full = String(decoding: signed[3], as: UTF8.self)
        let changed = [
            full.replacing("two", with: "twe"), full.replacing("\r\nTo: r", with: "\r\nTo: x"),
            full.replacing("\r\nFrom: ", with: "\r\nFrom: x"),
            full.replacing("\r\nSubject:", with: "\r\nSubject: Another\r\nSubject:"),
            full.replacing("\r\nDate:", with: "\r\nFrom: evil@example.net\r\nDate:"),
            full.replacing("/mail/stop/a", with: "/mail/stop/b"), full.replacing("One-Click", with: "Two-Click"),
            full.replacing("Reply-To: help", with: "Reply-To: evil"), full.replacing("auto-generated", with: "no"),
            full.replacing("t=1600000000", with: "t=1600000001"), full.replacing("multipart/mixed", with: "text/plain"),
            String(full.dropLast(1)) + "x\r\n",
        ]
        #expect(!changed.contains(full))
        let broken = try Self.verify(changed.map { Array($0.utf8) }, records: Self.records(of: signer), with: python)
        #expect(broken == Array(repeating: [false, false], count: changed.count))
    }

    @Test func `signatures stand in folded lines before all else`() async throws {
        let signer = try Self.signer()
        let message = try #require(try Self.messages().last)
        let spooled = try await SpooledMessage.write(message, signer: signer, memoryBytes: 1 << 20) {
            () throws(SpoolError) in
            throw SpoolError.diskFull
        }
        let head = String(decoding: try spooled.read(from: 0, length: 4000), as: UTF8.self)
        #expect(head.hasPrefix("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=xn--bcher-kva.example;"))
        let signatures = try #require(head.firstRange(of: "\r\nDate: ")).lowerBound
        #expect(head[..<signatures].split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test(arguments: [("", 1), ("localhost", 1), ("a b.example", 1), ("example.org", 0)])
    func `a signer needs a domain and a key`(domain: String, keys: Int) throws {
        let key = try DKIMKey(selector: "s", pem: TestKeys.ed25519)
        #expect(throws: DKIMError.self) { try DKIMSigner(domain: domain, keys: Array(repeating: key, count: keys)) }
    }

    @Test func `two keys need two selectors`() throws {
        let key = try DKIMKey(selector: "s", pem: TestKeys.ed25519)
        #expect(throws: DKIMError.doubleSelector) { try DKIMSigner(domain: "example.org", keys: [key, key]) }
    }

    @Test(arguments: [
        ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("\r\n\r\n", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        // RFC 6376 section 3.4.5's example, and RFC 8463's.
        (" C \r\nD \t E\r\n\r\n\r\n", nil),
        (
            "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n",
            "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
        ),
    ])
    func `a body's digest is the same however the body is cut`(body: String, digest: String?) throws {
        let bytes = Array(body.utf8)
        var whole = DKIMBodyDigest()
        whole.update(bytes)
        let expected = Base64.text(of: whole.finish())
        #expect(digest == nil || expected == digest)
        var plain = DKIMBodyDigest()
        plain.update(Array(" C\r\nD E\r\n".utf8))
        if digest == nil { #expect(Base64.text(of: plain.finish()) == expected) }
        var cut = DKIMBodyDigest()
        for byte in bytes { cut.update([byte]) }
        #expect(Base64.text(of: cut.finish()) == expected)
    }
}
