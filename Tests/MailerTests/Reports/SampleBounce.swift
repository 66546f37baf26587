import Crypto
import Domain
import Foundation

@testable import Mailer

/// Reports as mail servers write them, made for one outbox entry.
enum SampleBounce {
    static let entry = OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz")
    static let address = "reader@example.net"

    static var verp: VERP {
        get throws {
            let address = try MailAddress(checked: "bounces@kiln.example")
            guard let verp = VERP(address: address, secret: SymmetricKey(data: [UInt8](repeating: 7, count: 32))) else {
                throw MailMessageError.badAddress
            }
            return verp
        }
    }

    /// What varies from server to server.
    struct Ways {
        var lineEnd = "\r\n"
        var action = "failed"
        var status: String? = "5.1.1"
        var diagnostic: String? = "smtp; 550 5.1.1 <reader@example.net>: Recipient address rejected:\n    User unknown"
        var finalRecipient: String? = "rfc822; reader@example.net"
        var originalRecipient: String?
        var envelopeID: String?
        /// Of the part that machines read.
        var encoding: String?
        /// Whether the report is a part of another mail.
        var isWrapped = false
        /// Whether an empty line stands between the mail's fields and the recipient's.
        var hasGroups = true
        /// `nil`: the entry's own address.
        var deliveredTo: String?? = .some(nil)
        var messageID = "<01hzzzzzzzzzzzzzzzzzzzzzzz@kiln.example>"
        var returnPath: String?
        var reportType = "; report-type=delivery-status"
    }

    static func message(_ ways: Ways = Ways()) throws -> [UInt8] {
        var status = "Reporting-MTA: dns; mx.example.net\nX-Postfix-Queue-ID: 4F1D2\n"
        if let id = ways.envelopeID { status += "Original-Envelope-Id: \(id)\n" }
        status += "Arrival-Date: Sat, 21 Nov 2026 09:45:10 +0000\n" + (ways.hasGroups ? "\n" : "")
        if let recipient = ways.finalRecipient { status += "Final-Recipient: \(recipient)\n" }
        if let recipient = ways.originalRecipient { status += "Original-Recipient: \(recipient)\n" }
        status += "Action: \(ways.action)\n"
        if let code = ways.status { status += "Status: \(code)\n" }
        if let words = ways.diagnostic { status += "Diagnostic-Code: \(words)\n" }
        var head = "Content-Description: Delivery report\nContent-Type: message/delivery-status\n"
        if let encoding = ways.encoding { head += "Content-Transfer-Encoding: \(encoding)\n" }
        switch ways.encoding {
        case "base64":
            status = Data(status.utf8).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        case "quoted-printable": status = status.replacing("=", with: "=3D").replacing("Status", with: "Sta=\ntu=73")
        default: break
        }
        var returned = "Content-Type: text/rfc822-headers\n\n"
        if let path = ways.returnPath { returned += "Return-Path: \(path)\n" }
        returned += "Message-ID: \(ways.messageID)\nSubject: Ready\n"
        let report = """
            Content-Type: multipart/report\(ways.reportType);
            \tboundary="4F1D2.1/mx.example.net"

            This is a MIME-encapsulated message.

            --4F1D2.1/mx.example.net
            Content-Type: text/plain; charset=us-ascii

            I'm sorry to have to inform you that your message could not
            be delivered to one or more recipients.

            --4F1D2.1/mx.example.net
            \(head)
            \(status)
            --4F1D2.1/mx.example.net
            \(returned)
            --4F1D2.1/mx.example.net--

            """
        let outer = """
            Return-Path: <>
            Delivered-To: DELIVERED
            From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
            Subject: Undelivered Mail Returned to Sender
            Auto-Submitted: auto-replied
            MIME-Version: 1.0

            """
        let wrapped = """
            Content-Type: multipart/mixed; boundary=outer

            --outer
            \(report)
            --outer
            Content-Type: text/plain

            Checked by a gateway.
            --outer--
            """
        let to: String?
        switch ways.deliveredTo {
        case .some(nil): to = try verp.sender(of: entry)?.text
        case .some(let other?): to = other
        case nil: to = nil
        }
        let text = outer + (ways.isWrapped ? wrapped : report)
        return Array(
            text.replacing("DELIVERED", with: to ?? "somebody@kiln.example").replacing("\n", with: ways.lineEnd).utf8)
    }

    /// One with these ways.
    static func message(_ change: (inout Ways) -> Void) throws -> [UInt8] {
        var ways = Ways()
        change(&ways)
        return try message(ways)
    }
}
