import Domain

extension MailMessage {
    /// The header fields, each with its CRLF, then the empty line.
    var head: [UInt8] {
        get throws(MailMessageError) {
            var text = "Date: \(date.rfc5322)\r\n"
            text += Self.field("From", Self.mailbox(from))
            text += Self.field("To", [to.wireText])
            if let replyTo { text += Self.field("Reply-To", Self.mailbox(replyTo)) }
            text += EncodedWord.header("Subject", subject)
            text += Self.field("Message-ID", [messageID])
            if let earlier { text += Self.field("In-Reply-To", [messageID(of: earlier)]) }
            text += Self.field("References", [threadID] + (earlier.map { [messageID(of: $0)] } ?? []))
            if let stopLink {
                text += Self.field("List-Unsubscribe", ["<\(stopLink.text)>"])
                if stopLink.takesOneClick { text += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" }
            }
            // Nobody's absence notice shall answer it (RFC 3834; the second is what Exchange reads).
            text += "Auto-Submitted: auto-generated\r\n"
            text += "X-Auto-Response-Suppress: All\r\n"
            text += "MIME-Version: 1.0\r\n"
            text += try layout().fields + "\r\n"
            return Array(text.utf8)
        }
    }

    /// The name of a field and its value's words, folded.
    private static func field(_ name: String, _ words: [String]) -> String {
        name + ":" + EncodedWord.folded(words, column: name.utf8.count + 1) + "\r\n"
    }

    private static func mailbox(_ mailbox: NamedMailAddress) -> [String] {
        guard let name = mailbox.name else { return [mailbox.address.wireText] }
        return EncodedWord.phrase(name) + ["<\(mailbox.address.wireText)>"]
    }
}

extension Timestamp {
    /// As RFC 5322 section 3.3 writes dates: `Sat, 21 Nov 2026 09:45:10 +0000`.
    package var rfc5322: String {
        let (date, time) = components
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(days[weekday]), \(date.day.twoDigits) \(months[date.month - 1]) \(date.year) "
            + "\(time.hour.twoDigits):\(time.minute.twoDigits):\(time.second.twoDigits) +0000"
    }
}
