import Domain
import Foundation

/// A message as the body of `POST /v3/mail/send`
/// (https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send).
struct SendGridBody {
    let message: MailMessage
    /// Checked there, and sent to nobody.
    let isSandbox: Bool

    /// A whole number of base64's groups of three bytes, so that pieces can be encoded one by one.
    private static let pieceBytes = 3 * 64 * 1024

    /// What its files take at least.
    var fileBytes: Int64 {
        (message.inlinePictures + message.attachments).reduce(0) { $0 + ($1.bytes + 2) / 3 * 4 }
    }

    /// Writes it as JSON: everything but the files at once, then each file piece by piece.
    func write(to spool: inout SendGridSpool) async throws {
        try await spool.append(Self.open(SendGridMail(message, isSandbox: isSandbox)))
        let pictures = message.html.isEmpty ? [] : message.inlinePictures
        let files =
            pictures.enumerated().map { index, part in
                (part, SendGridFile(part, picture: MailMessage.contentID(ofPicture: index, entry: message.entry)))
            } + message.attachments.map { ($0, SendGridFile($0, picture: nil)) }
        // SendGrid refuses a file without a byte, and the whole mail with it.
        let sent = files.filter { $0.0.bytes > 0 }
        if !sent.isEmpty { try await spool.append(Array(",\"attachments\":[".utf8)) }
        for (index, (part, file)) in sent.enumerated() {
            if index > 0 { try await spool.append([UInt8(ascii: ",")]) }
            try await spool.append(Self.open(file) + Array(",\"content\":\"".utf8))
            try await Self.write(part, to: &spool)
            try await spool.append(Array("\"}".utf8))
        }
        try await spool.append(Array((sent.isEmpty ? "}" : "]}").utf8))
    }

    private static func write(_ part: MailPart, to spool: inout SendGridSpool) async throws {
        var offset: Int64 = 0
        var rest: [UInt8] = []
        while offset < part.bytes {
            let piece = try await part.read(offset, pieceBytes)
            guard !piece.isEmpty else { throw MailPartError.ended(at: offset, expected: part.bytes) }
            offset += Int64(piece.count)
            rest += piece
            let whole = rest.count / 3 * 3
            try await spool.append([UInt8](Data(rest.prefix(whole)).base64EncodedData()))
            rest.removeFirst(whole)
        }
        try await spool.append([UInt8](Data(rest).base64EncodedData()))
    }

    /// A JSON object without its closing brace, so that more can follow.
    private static func open(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(value)).dropLast()
    }
}

/// The names are SendGrid's.
private struct SendGridMail: Encodable {
    struct Mailbox: Encodable {
        var email: String
        var name: String?
    }

    struct Personalization: Encodable {
        var to: [Mailbox]
        var custom_args: [String: String]
    }

    struct Content: Encodable {
        var type: String
        var value: String
    }

    struct Switch: Encodable {
        var enable: Bool
    }

    struct ClickTracking: Encodable {
        var enable = false
        var enable_text = false
    }

    /// All off, whatever the account says: links are to lead where the mail says, and to be fetched where they lead (P9).
    struct Tracking: Encodable {
        var click_tracking = ClickTracking()
        var open_tracking = Switch(enable: false)
        var subscription_tracking = Switch(enable: false)
        var ganalytics = Switch(enable: false)
    }

    struct Settings: Encodable {
        var sandbox_mode: Switch
    }

    var personalizations: [Personalization]
    var from: Mailbox
    var reply_to: Mailbox?
    var subject: String
    var content: [Content]
    var headers: [String: String]
    var tracking_settings = Tracking()
    var mail_settings: Settings?

    init(_ message: MailMessage, isSandbox: Bool) {
        personalizations = [
            Personalization(
                to: [Mailbox(email: message.to.wireText)],
                custom_args: ["entry": message.entry.text, "build": message.build.text])
        ]
        from = Mailbox(
            email: message.from.address.wireText, name: message.from.name.flatMap { Self.plainLetters($0.text) })
        reply_to = message.replyTo.map { Mailbox(email: $0.address.wireText, name: $0.name?.text) }
        subject = message.subject.text
        // In this order, or SendGrid refuses them.
        content = [
            Content(type: "text/plain", value: message.text), Content(type: "text/html", value: message.html),
        ].filter { !$0.value.isEmpty }
        headers = [
            "Message-ID": message.messageID, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
        ]
        headers["References"] = message.threadID
        if let earlier = message.earlier.map({ message.messageID(of: $0) }) {
            headers["In-Reply-To"] = earlier
            headers["References"] = "\(message.threadID) \(earlier)"
        }
        if let link = message.stopLink {
            headers["List-Unsubscribe"] = "<\(link.text)>"
            if link.takesOneClick { headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click" }
        }
        mail_settings = isSandbox ? Settings(sandbox_mode: Switch(enable: true)) : nil
    }

    /// SendGrid takes no Unicode in `from`: letters lose their accents, and what still is not ASCII has no name there.
    static func plainLetters(_ name: String) -> String? {
        let plain = name.decomposedStringWithCanonicalMapping.unicodeScalars.filter {
            $0.properties.generalCategory != .nonspacingMark
        }
        guard plain.allSatisfy(\.isASCII) else { return nil }
        return String(String.UnicodeScalarView(plain))
    }
}

private struct SendGridFile: Encodable {
    var filename: String
    var type: String
    var disposition: String
    var content_id: String?

    /// - Parameter picture: the Content-ID of what the HTML shows; `nil` for an attachment.
    init(_ part: MailPart, picture: String?) {
        filename = part.name.text
        // No parameters: SendGrid refuses a type with a semicolon.
        type = part.contentType.split(separator: ";").first.map { $0.trimmingSpaces() } ?? "application/octet-stream"
        disposition = picture == nil ? "attachment" : "inline"
        content_id = picture
    }
}
