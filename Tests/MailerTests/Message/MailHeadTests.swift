import Domain
import Mailer
import Testing

/// The fields that servers and mail programs act on, and what never gets into one (P5).
@Suite struct MailHeadTests {
    @Test func `a plain text needs no parts`() async throws {
        let read = try ReadMail.parse(try await MailMessageTests.bytes(of: MailMessageTests.message(html: "")))
        #expect(read.structure == ["text/plain"])
    }

    @Test func `mails about a build belong to one thread, and a later one follows an earlier one`() async throws {
        let first = try MailMessageTests.message()
        var second = first
        second.entry = OutboxEntryID(unchecked: "01hyyyyyyyyyyyyyyyyyyyyyyy")
        second.earlier = first.entry
        let one = try ReadMail.parse(try await MailMessageTests.bytes(of: first))
        let two = try ReadMail.parse(try await MailMessageTests.bytes(of: second))
        #expect(one.headers["References"] == "<build.01haaaaaaaaaaaaaaaaaaaaaaa@example.org>")
        #expect(one.headers["In-Reply-To"] == nil)
        #expect(two.headers["In-Reply-To"] == one.headers["Message-ID"])
        #expect(two.headers["References"] == "\(first.threadID) \(first.messageID)")
    }

    @Test func `mails can be stopped with one click over https, and by the page over http`() async throws {
        var message = try MailMessageTests.message()
        message.stopLink = try StopLink("https://kiln.example.org/mail/stop/abc")
        let secure = try ReadMail.parse(try await MailMessageTests.bytes(of: message)).headers
        #expect(secure["List-Unsubscribe"] == "<https://kiln.example.org/mail/stop/abc>")
        #expect(secure["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
        message.stopLink = try StopLink("http://localhost:8080/mail/stop/abc")
        let plain = try ReadMail.parse(try await MailMessageTests.bytes(of: message)).headers
        #expect(plain["List-Unsubscribe"] == "<http://localhost:8080/mail/stop/abc>")
        #expect(plain["List-Unsubscribe-Post"] == nil)
        #expect(
            try StopLink("https://bücher.example:8443/ä?ö").text == "https://xn--bcher-kva.example:8443/%C3%A4?%C3%B6")
    }

    @Test func `nobody answers it by a machine`() async throws {
        let headers = try ReadMail.parse(try await MailMessageTests.bytes(of: MailMessageTests.message())).headers
        #expect(headers["Auto-Submitted"] == "auto-generated")
        #expect(headers["X-Auto-Response-Suppress"] == "All")
        #expect(headers["MIME-Version"] == "1.0")
    }

    @Test func `hosts of other scripts stand in ASCII, and local parts make the header UTF-8`() async throws {
        var message = try MailMessageTests.message(sender: "Kiln <kiln@bücher.example>")
        message.to = try MailAddress(checked: "leser@bücher.example")
        let plain = try await MailMessageTests.bytes(of: message)
        #expect(!message.needsUTF8 && plain.allSatisfy { $0 < 0x80 })
        let read = try ReadMail.parse(plain)
        #expect(read.headers["To"] == "leser@xn--bcher-kva.example")
        #expect(read.sender == ["Kiln", "kiln@xn--bcher-kva.example"])
        #expect(read.headers["Message-ID"] == "<01hzzzzzzzzzzzzzzzzzzzzzzz@xn--bcher-kva.example>")
        message.to = try MailAddress(checked: "用户@例子.广告")
        #expect(message.needsUTF8)
        let unicode = try ReadMail.parse(try await MailMessageTests.bytes(of: message))
        #expect(unicode.headers["To"] == "用户@xn--fsqu00a.xn--4rr70v")
    }

    @Test func `the envelope's sender is the one that was given, or the sender`() throws {
        var message = try MailMessageTests.message()
        #expect(message.envelopeSender.text == "kiln@example.org")
        message.envelopeFrom = try MailAddress(checked: "bounces+x@example.org")
        #expect(message.envelopeSender.text == "bounces+x@example.org")
    }

    static let attacks = [
        "\r\nBcc: evil@example.net", "\nBcc: evil@example.net", "\rBcc: evil@example.net", "\u{0}", "\u{B}", "\u{C}",
        "\u{1B}[2J", "\u{7F}", "\u{85}", "\u{9B}", "\u{2028}", "\u{2029}", "\u{202A}", "\u{202D}", "\u{202E}",
        "\u{2066}", "\u{2067}", "\u{2069}", "\u{FFFF}",
    ]

    @Test(arguments: attacks, ["", "before "])
    func `what could begin another header or turn a text round is refused everywhere (P5)`(
        attack: String, start: String
    ) async throws {
        let text = start + "x" + attack + "y"
        #expect(throws: MailMessageError.badHeaderText) { try HeaderText(text) }
        #expect(throws: MailMessageError.badAddress) { try MailAddress(checked: "x\(attack)@example.org") }
        #expect(throws: MailMessageError.badAddress) { try MailAddress(checked: "x@exa\(attack)mple.org") }
        #expect(throws: MailMessageError.self) { try NamedMailAddress(parsing: "\(text) <x@example.org>") }
        #expect(throws: MailMessageError.self) { try NamedMailAddress(parsing: "x <x@example.org>\(attack)") }
        #expect(throws: MailMessageError.badStopLink) { try StopLink("https://example.org/\(attack)") }
        for type in ["text/plain\(attack)", "text\(attack)/plain", "text/plain; charset=\(attack)utf-8"] {
            let part = MailPart(name: try HeaderText("x"), contentType: type, bytes: 0) { _, _ in [] }
            let message = try MailMessageTests.message(attachments: [part])
            await #expect(throws: MailMessageError.badContentType) {
                try await message.write { _ in Issue.record("something was written") }
            }
        }
    }

    @Test(arguments: [
        "", "text", "text/", "/plain", "a/b/c", "text/plain;", "text/plain; x", "text/plain; =y", "te xt/plain",
        "text/plain; x=a b", "text/plain; x=\"a\"b\"", "text/plain; x=ü", String(repeating: "a", count: 500) + "/b",
    ])
    func `what is no content type is refused`(type: String) async throws {
        let part = MailPart(name: try HeaderText("x"), contentType: type, bytes: 0) { _, _ in [] }
        let message = try MailMessageTests.message(attachments: [part])
        await #expect(throws: MailMessageError.badContentType) { try await message.write { _ in } }
    }

    @Test(arguments: [
        "", "example.org", "mailto:a@b.cd", "javascript:x", "https://" + String(repeating: "a", count: 1000),
    ])
    func `what is no page is no place to stop mails`(address: String) {
        #expect(throws: MailMessageError.badStopLink) { try StopLink(address) }
    }
}
