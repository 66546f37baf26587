import Crypto
import Domain
import Mailer
import Testing

@Suite struct MailMessageTests {
    static func message(
        subject: String = "Ready", text: String = "Hello", html: String = "<p>Hello</p>",
        sender: String = "Kiln <kiln@example.org>", inline: [MailPart] = [], attachments: [MailPart] = []
    ) throws -> MailMessage {
        MailMessage(
            from: try NamedMailAddress(parsing: sender), to: try MailAddress(checked: "reader@example.net"),
            subject: try HeaderText(subject), date: Timestamp(milliseconds: 1_795_254_310_042),
            entry: OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz"),
            build: BuildID(unchecked: "01haaaaaaaaaaaaaaaaaaaaaaa"), text: text, html: html, inlinePictures: inline,
            attachments: attachments)
    }

    static func part(_ name: String, _ type: String, _ bytes: [UInt8]) throws -> MailPart {
        MailPart(name: try HeaderText(name), contentType: type, bytes: Int64(bytes.count)) { offset, length in
            Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + length)])
        }
    }

    static func bytes(of message: MailMessage) async throws -> [UInt8] {
        var written: [UInt8] = []
        try await message.write { written += $0 }
        return written
    }

    @Test func `a plain message has text before HTML and the headers that every reader wants`() async throws {
        let read = try ReadMail.parse(try await Self.bytes(of: Self.message()))
        #expect(read.structure == ["multipart/alternative", "text/plain", "text/html"])
        #expect(read.headers["From"] == "Kiln <kiln@example.org>")
        #expect(read.headers["To"] == "reader@example.net")
        #expect(read.headers["Date"] == "Sat, 21 Nov 2026 09:45:10 +0000")
        #expect(read.headers["Message-ID"] == "<01hzzzzzzzzzzzzzzzzzzzzzzz@example.org>")
        #expect(read.headers["Auto-Submitted"] == "auto-generated")
        #expect(read.parts[0].text?.contains("Hello") == true)
    }

    @Test func `every try of an entry gives the same bytes (P2)`() async throws {
        let once = try await Self.bytes(of: Self.message(subject: "Größe"))
        #expect(try await Self.bytes(of: Self.message(subject: "Größe")) == once)
    }

    @Test(arguments: [
        "Ready", "Grüße aus Köln", "مرحبا بالعالم", "👩‍👩‍👧‍👦 família " + String(repeating: "é", count: 200),
        String(repeating: "a", count: 300), "=?UTF-8?B?SGk=?=", "two  spaces", "trailing =?x",
    ]) func `any subject comes back as it was`(subject: String) async throws {
        let written = try await Self.bytes(of: Self.message(subject: subject))
        #expect(try ReadMail.parse(written).headers["Subject"] == subject)
        let head = written.prefix { $0 != 0 }.split(separator: 0x0A).prefix { $0 != [0x0D] }
        #expect(head.allSatisfy { $0.count <= 79 && $0.allSatisfy { $0 < 0x80 } }, "folded at 78, ASCII only")
    }

    @Test(arguments: [
        "From here\n.\n..dots\nFrom there", "trailing space \nand tab\t\n", "=3D\n",
        "日本語のテキスト\n" + String(repeating: "長", count: 400),
        String(repeating: "x", count: 5000), "crlf\r\nlines\r\n", "",
    ]) func `any text comes back as it was`(text: String) async throws {
        let read = try ReadMail.parse(try await Self.bytes(of: Self.message(text: text)))
        func lines(_ text: String) -> [Substring] {
            var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            while lines.last?.isEmpty == true { lines.removeLast() }
            return lines
        }
        #expect(lines(read.parts[0].text ?? "-") == lines(text))
    }

    @Test func `pictures stand beside the HTML and attachments come byte for byte`() async throws {
        let blob = (0..<200_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let hash = SHA256.hash(data: blob).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let message = try Self.message(
            inline: [Self.part("screen.png", "image/png", blob)],
            attachments: [
                Self.part("log.txt", "text/plain; charset=utf-8", Array("one\ntwo\n".utf8)),
                Self.part(
                    "Müller \"x\" — ein sehr langer Name, der in keine Zeile passt, wirklich nicht.bin",
                    "application/octet-stream", blob),
                Self.part("empty.bin", "application/octet-stream", []),
            ])
        let read = try ReadMail.parse(try await Self.bytes(of: message))
        #expect(
            read.structure == [
                "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
                "text/plain", "application/octet-stream", "application/octet-stream",
            ])
        #expect(read.parts[2].disposition == "inline")
        #expect(read.parts[2].contentID == "<picture0.01hzzzzzzzzzzzzzzzzzzzzzzz@kiln>")
        #expect(read.parts[2].sha256 == hash)
        #expect(read.parts[4].sha256 == hash)
        #expect(
            read.parts[4].filename
                == "Müller \"x\" — ein sehr langer Name, der in keine Zeile passt, wirklich nicht.bin")
        #expect(read.parts[3].filename == "log.txt")
        #expect(read.parts[5].bytes == 0)
    }

    @Test(arguments: [
        "Müller & Söhne <kiln@example.org>", "\"Kiln, Inc. \\o/\" <kiln@example.org>", "kiln@example.org",
    ])
    func `the sender's name is quoted or encoded`(sender: String) async throws {
        let read = try ReadMail.parse(try await Self.bytes(of: Self.message(sender: sender)))
        #expect(read.headers["From"]?.contains("kiln@example.org") == true)
    }

    @Test func `a part that ends early is an error, never a shorter attachment`() async throws {
        let part = MailPart(name: try HeaderText("a"), contentType: "a/b", bytes: 10) { offset, _ in
            offset == 0 ? [1, 2, 3] : []
        }
        let message = try Self.message(attachments: [part])
        await #expect(throws: MailPartError.ended(at: 3, expected: 10)) { try await message.write { _ in } }
    }
}
