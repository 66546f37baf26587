import Domain
import Foundation
import Testing

@testable import Mailer

@Suite struct DeliveryStatusNotificationTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    @Test(arguments: ["\n", "\r\n"], [nil, "7bit", "base64", "quoted-printable", "BASE64 "])
    func `A report is read whatever its line ends and its encoding are`(lineEnd: String, encoding: String?) throws {
        let message = try SampleBounce.message {
            $0.lineEnd = lineEnd
            $0.encoding = encoding
            $0.originalRecipient = "rfc822;<Reader@Example.net>"
            $0.envelopeID = "an-id"
        }
        let notification = try #require(DeliveryStatusNotification(message))
        let recipient = try #require(notification.foremost)
        #expect(notification.recipients.count == 1)
        #expect(recipient.action == .failed && recipient.status == EnhancedStatus("5.1.1"))
        #expect(recipient.diagnostic == "550 5.1.1 <reader@example.net>: Recipient address rejected: User unknown")
        #expect(recipient.finalAddress == "reader@example.net" && recipient.originalAddress == "Reader@Example.net")
        #expect(notification.originalEnvelopeID == "an-id")
        #expect(notification.returnedMessageID == "<01hzzzzzzzzzzzzzzzzzzzzzzz@kiln.example>")
        let report = try #require(notification.report(on: SampleBounce.address, at: now))
        #expect(report.fate == .bounced && report.condemnsAddress)
        #expect(report.words == recipient.diagnostic)
    }

    @Test func `A report inside another mail, without groups or without its type's parameter is read too`() throws {
        let changes: [(inout SampleBounce.Ways) -> Void] = [
            { $0.isWrapped = true }, { $0.hasGroups = false }, { $0.reportType = "" },
            { $0.reportType = "; Report-Type=\"Delivery-Status\" (RFC 3464)" },
        ]
        for change in changes {
            #expect(DeliveryStatusNotification(try SampleBounce.message(change))?.foremost?.action == .failed)
        }
    }

    /// Status, diagnostic, whether the address is no good.
    @Test(
        arguments: [
            ("5.1.1", nil, true), ("5.1.2", nil, true), ("5.1.10", nil, true), ("5.2.1", nil, true),
            ("5.1.7", nil, false), ("5.1.8", nil, false), ("5.2.2", nil, false), ("5.7.1", nil, false),
            ("5.4.4", nil, false), ("4.1.1", nil, false), ("4.4.7", nil, false), (nil, nil, false),
            ("nonsense", nil, false),
            ("5.0.0", nil, false), ("5.0.0", "smtp; 550 5.1.1 unknown", true), ("5.0.0", "smtp; 550-5.2.2 full", false),
            ("5.0.0", "smtp; 550 4.2.2 full", false), (nil, "smtp; 550 5.1.1 unknown", true),
            ("5.7.1", "smtp; 550 5.1.1 no", false), ("5.1.1 (bad destination)", nil, true),
        ] as [(String?, String?, Bool)])
    func `Only what says that the mailbox is no good condemns the address`(
        status: String?, diagnostic: String?, condemns: Bool
    ) throws {
        let message = try SampleBounce.message {
            $0.status = status
            $0.diagnostic = diagnostic
        }
        let report = try #require(DeliveryStatusNotification(message)?.report(on: SampleBounce.address, at: now))
        #expect(report.fate == .bounced && report.condemnsAddress == condemns)
    }

    @Test(
        arguments: [
            ("failed", .bounced), ("Failed (for good)", .bounced), ("delayed", .deferred), ("delivered", .delivered),
            ("relayed", nil), ("expanded", nil), ("nonsense", nil), ("", nil),
        ] as [(String, DeliveryReport.Fate?)])
    func `What happened is what the report says, and a delay condemns nobody`(
        action: String, fate: DeliveryReport.Fate?
    ) throws {
        let message = try SampleBounce.message { $0.action = action }
        let report = DeliveryStatusNotification(message)?.report(on: SampleBounce.address, at: now)
        #expect(report?.fate == fate)
        if fate != .bounced { #expect(report?.condemnsAddress != true) }
    }

    @Test(
        arguments: [
            ("rfc822; elsewhere@example.com", nil, false),
            ("rfc822; elsewhere@example.com", "rfc822;READER@example.net", true),
            (nil, nil, true), ("utf-8; reader@example.net", nil, true), ("rfc822; <reader@example.net>", nil, true),
        ] as [(String?, String?, Bool)])
    func `A dead address behind the recipient's own condemns only itself`(
        last: String?, original: String?, condemns: Bool
    ) throws {
        let message = try SampleBounce.message {
            $0.finalRecipient = last
            $0.originalRecipient = original
        }
        let report = try #require(DeliveryStatusNotification(message)?.report(on: SampleBounce.address, at: now))
        #expect(report.fate == .bounced && report.condemnsAddress == condemns)
    }

    @Test func `A mail for people is no report`() {
        let mails = [
            "Subject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away until Monday.\r\n",
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/delivery-status\n\nAction: failed\n\n--a--",
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=a\n\n--a\n"
                + "Content-Type: message/delivery-status\n\nAction: failed\n--a--",
            "Content-Type: multipart/report; boundary=a\n\n--a\nContent-Type: message/delivery-status\n\n\n--a--",
            "", "\n", "no header at all", "From x\nContent-Type: multipart/report",
        ]
        for mail in mails { #expect(DeliveryStatusNotification(Array(mail.utf8)) == nil, "\(mail)") }
    }

    @Test func `What another server says becomes one line that controls nothing (P5)`() throws {
        let message = try SampleBounce.message {
            $0.diagnostic = "smtp; 550 5.1.1 \u{1B}[31m\u{202E}no\u{0} such\tuser" + String(repeating: "x", count: 5000)
        }
        let words = try #require(DeliveryStatusNotification(message)?.foremost?.words)
        #expect(words.hasPrefix("550 5.1.1 [31mno such userxxx") && words.unicodeScalars.count <= 1000)
    }
}
