import Curl
import Domain
import Foundation
import TestSupport
import Testing

@testable import Mailer

@Suite struct SendGridTransportTests {
    @Test func `A mail is sent as the published description wants it`() async throws {
        let player = try await SendGridPlayer()
        var message = try MailMessageTests.message(subject: "Fertig: Größe \"1\"", text: "Hallo\n☃", html: "<p>☃</p>")
        message.replyTo = try NamedMailAddress(parsing: "Help <help@example.org>")
        message.stopLink = try StopLink("https://kiln.example/mail/stop/abc")
        message.earlier = OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzy")
        #expect(await player.transport.deliver(message) == .accepted(receipt: "14c5d75ce93"))
        #expect(player.problems == [])
        let mail = try #require(player.mails.first)
        #expect(
            mail["personalizations"] == [
                [
                    "to": [["email": "reader@example.net"]],
                    "custom_args": ["entry": "01hzzzzzzzzzzzzzzzzzzzzzzz", "build": "01haaaaaaaaaaaaaaaaaaaaaaa"],
                ]
            ])
        #expect(mail["from"] == ["email": "kiln@example.org", "name": "Kiln"])
        #expect(mail["reply_to"] == ["email": "help@example.org", "name": "Help"])
        #expect(mail["subject"] == "Fertig: Größe \"1\"")
        #expect(
            mail["content"] == [
                ["type": "text/plain", "value": "Hallo\n☃"], ["type": "text/html", "value": "<p>☃</p>"],
            ])
        #expect(
            mail["headers"] == [
                "Message-ID": .text(message.messageID), "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All", "In-Reply-To": "<01hzzzzzzzzzzzzzzzzzzzzzzy@example.org>",
                "References": .text("\(message.threadID) <01hzzzzzzzzzzzzzzzzzzzzzzy@example.org>"),
                "List-Unsubscribe": "<https://kiln.example/mail/stop/abc>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            ])
        #expect(mail["categories"] == nil && mail["mail_settings"] == nil && mail["attachments"] == nil)
    }

    @Test func `Links lead where the mail says: no tracking rewrites them (P9)`() async throws {
        let player = try await SendGridPlayer()
        _ = await player.transport.deliver(try MailMessageTests.message())
        let tracking = try #require(player.mails.first?["tracking_settings"]?.members)
        #expect(Set(tracking.keys) == ["click_tracking", "open_tracking", "subscription_tracking", "ganalytics"])
        #expect(tracking.values.allSatisfy { $0["enable"] == false })
        #expect(tracking["click_tracking"]?["enable_text"] == false)
    }

    /// Around base64's groups, around a piece, and large enough to go through a file.
    @Test(arguments: [1, 2, 3, 56, 57, 58, 196_607, 196_608, 196_609, 2_000_003])
    func `Every byte of an attachment arrives, however it is read`(count: Int) async throws {
        let player = try await SendGridPlayer()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let part = MailPart(
            name: try HeaderText("größe.apk"), contentType: "text/plain; charset=utf-8", bytes: Int64(count)
        ) { offset, length in
            // Short pieces are allowed.
            Array(bytes[Int(offset)..<min(count, Int(offset) + max(1, length - 7))])
        }
        let answer = await player.transport.deliver(try MailMessageTests.message(attachments: [part]))
        #expect(answer == .accepted(receipt: "14c5d75ce93"))
        #expect(player.problems == [])
        let file = try #require(player.mails.first?["attachments"]?.elements?.first)
        #expect(file["filename"] == "größe.apk" && file["type"] == "text/plain")
        #expect(file["disposition"] == "attachment" && file["content_id"] == nil)
        #expect(Data(base64Encoded: file["content"]?.string ?? "").map { [UInt8]($0) } == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: player.folder.path).isEmpty)
    }

    @Test func `A picture is inline under the name by which the HTML shows it, before the attachments`() async throws {
        let player = try await SendGridPlayer()
        let message = try MailMessageTests.message(
            inline: [try MailMessageTests.part("boot.png", "image/png", [1, 2, 3])],
            attachments: [
                try MailMessageTests.part("empty.log", "text/plain", []),
                try MailMessageTests.part("a.log", "text/plain", [4]),
            ])
        _ = await player.transport.deliver(message)
        #expect(
            player.mails.first?["attachments"] == [
                [
                    "filename": "boot.png", "type": "image/png", "disposition": "inline", "content": "AQID",
                    "content_id": .text(MailMessage.contentID(ofPicture: 0, entry: message.entry)),
                ],
                ["filename": "a.log", "type": "text/plain", "disposition": "attachment", "content": "BA=="],
            ])
        #expect(player.problems == [])
    }

    @Test(arguments: [
        ("Küche für alle <kiln@example.org>", "Kuche fur alle", "kiln@example.org"),
        ("窯 <kiln@example.org>", nil, "kiln@example.org"),
        ("kiln@bücher.example", nil, "kiln@xn--bcher-kva.example"),
    ])
    func `The sender is written in ASCII, which is all that SendGrid takes there`(
        sender: String, name: String?, address: String
    ) async throws {
        let player = try await SendGridPlayer()
        _ = await player.transport.deliver(try MailMessageTests.message(sender: sender))
        #expect(player.mails.first?["from"]?["name"]?.string == name)
        #expect(player.mails.first?["from"]?["email"]?.string == address)
    }

    @Test func `A mail over SendGrid's bound is refused before a byte of it is read or sent (P6)`() async throws {
        let player = try await SendGridPlayer()
        let part = MailPart(name: try HeaderText("a.iso"), contentType: "a/b", bytes: 22_500_000) { _, _ in
            Issue.record("it was read")
            return []
        }
        let answer = await player.transport.deliver(try MailMessageTests.message(attachments: [part]))
        guard case .refused(let fault) = answer else {
            Issue.record("not refused: \(answer)")
            return
        }
        #expect(fault.scope == .message && player.server.requests.isEmpty)
        #expect(await player.transport.largestMessage() ?? 0 < 30_000_000)
    }

    @Test func `A part that ends too early sends nothing`() async throws {
        let player = try await SendGridPlayer()
        let part = MailPart(name: try HeaderText("a"), contentType: "a/b", bytes: 10) { _, _ in [] }
        guard
            case .notNow(let fault, _) = await player.transport.deliver(
                try MailMessageTests.message(attachments: [part]))
        else {
            Issue.record("expected a later try")
            return
        }
        #expect(fault.scope == .message && player.server.requests.isEmpty)
    }

    @Test func `The key goes nowhere but to SendGrid, and into no word (P7)`() async throws {
        let player = try await SendGridPlayer()
        let elsewhere = try await PlayerServer { _ in PlayerServer.Answer(202) }
        player.server.plan(.answer(.init(307, headers: ["Location": "\(elsewhere.url)/v3/mail/send"])))
        guard case .notNow(let fault, _) = await player.transport.deliver(try MailMessageTests.message()) else {
            Issue.record("expected a later try")
            return
        }
        #expect(fault.scope == .transport && elsewhere.requests.isEmpty)
        player.server.plan(.answer(SendGridPlayer.error(400, "no \(SendGridPlayer.key) here", "subject")))
        guard case .refused(let other) = await player.transport.deliver(try MailMessageTests.message()) else {
            Issue.record("expected a refusal")
            return
        }
        #expect(!other.words.contains(SendGridPlayer.key) && other.words.contains("<redacted>"))
    }

    @Test func `A check asks in sandbox mode, and no more than once a minute while all is well`() async throws {
        let player = try await SendGridPlayer()
        for _ in 0..<3 {
            guard case .working = await player.transport.check() else {
                Issue.record("expected it to work")
                return
            }
        }
        #expect(player.mails.map { $0["mail_settings"] } == [["sandbox_mode": ["enable": true]]])
        #expect(player.problems == [])
        player.clock.advance(by: .seconds(61))
        _ = await player.transport.check()
        #expect(player.mails.count == 2)
    }

    @Test func `A check with a wrong key says so and how to mend it`() async throws {
        let player = try await SendGridPlayer(key: "SG.wrong")
        guard case .broken(let problem, let mend) = await player.transport.check() else {
            Issue.record("expected it to be broken")
            return
        }
        #expect(problem.contains("401") && mend.contains("mail.sendgrid.key"))
        #expect(!problem.contains("SG.wrong"))
    }
}
