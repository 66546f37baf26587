package import Domain

extension MailMessage {
    /// Writes the message as RFC 5322 with CRLF line ends, in pieces of bounded size:
    /// `multipart/mixed { multipart/alternative { text, multipart/related { html, pictures } }, attachments }`,
    /// without the layers that have nothing to hold.
    package func write(to sink: (_ bytes: [UInt8]) async throws -> Void) async throws {
        try await sink(Array(headers.utf8))
        guard !attachments.isEmpty else {
            try await writeAlternative(to: sink)
            return
        }
        let boundary = boundary("mixed")
        try await sink(
            Array("Content-Type: multipart/mixed;\r\n boundary=\"\(boundary)\"\r\n\r\n--\(boundary)\r\n".utf8))
        try await writeAlternative(to: sink)
        for part in attachments {
            try await sink(Array("\r\n--\(boundary)\r\n".utf8))
            try await write(part, disposition: "attachment", contentID: nil, to: sink)
        }
        try await sink(Array("\r\n--\(boundary)--\r\n".utf8))
    }

    /// Its picture's Content-ID, as the HTML names it after `cid:`.
    package static func contentID(ofPicture index: Int, entry: OutboxEntryID) -> String {
        "picture\(index).\(entry)@kiln"
    }

    private var headers: String {
        var text = ""
        text += "Date: \(date.rfc5322)\r\n"
        text += "From:" + EncodedWord.folded(mailbox(from), column: 5) + "\r\n"
        text += "To: \(to)\r\n"
        text += EncodedWord.header("Subject", subject)
        text += "Message-ID: \(messageID)\r\n"
        text += "References: \(threadID)\r\n"
        text += "Auto-Submitted: auto-generated\r\n"
        text += "X-Auto-Response-Suppress: All\r\n"
        text += "MIME-Version: 1.0\r\n"
        return text
    }

    private func mailbox(_ sender: NamedMailAddress) -> [String] {
        guard let name = sender.name else { return ["\(sender.address)"] }
        return EncodedWord.phrase(name) + ["<\(sender.address)>"]
    }

    private func writeAlternative(to sink: (_ bytes: [UInt8]) async throws -> Void) async throws {
        let boundary = boundary("alternative")
        var head = "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n\r\n"
        head += "--\(boundary)\r\n" + textPartHeaders("plain")
        try await sink(Array(head.utf8) + QuotedPrintable.encode(text))
        try await sink(Array("\r\n--\(boundary)\r\n".utf8))
        try await writeRelated(to: sink)
        try await sink(Array("\r\n--\(boundary)--\r\n".utf8))
    }

    private func writeRelated(to sink: (_ bytes: [UInt8]) async throws -> Void) async throws {
        guard !inlinePictures.isEmpty else {
            try await sink(Array(textPartHeaders("html").utf8) + QuotedPrintable.encode(html))
            return
        }
        let boundary = boundary("related")
        var head = "Content-Type: multipart/related; type=\"text/html\";\r\n boundary=\"\(boundary)\"\r\n\r\n"
        head += "--\(boundary)\r\n" + textPartHeaders("html")
        try await sink(Array(head.utf8) + QuotedPrintable.encode(html))
        for (index, part) in inlinePictures.enumerated() {
            try await sink(Array("\r\n--\(boundary)\r\n".utf8))
            let contentID = Self.contentID(ofPicture: index, entry: entry)
            try await write(part, disposition: "inline", contentID: contentID, to: sink)
        }
        try await sink(Array("\r\n--\(boundary)--\r\n".utf8))
    }

    private func write(
        _ part: MailPart, disposition: String, contentID: String?, to sink: (_ bytes: [UInt8]) async throws -> Void
    ) async throws {
        var head = "Content-Type: \(part.contentType)\r\nContent-Transfer-Encoding: base64\r\n"
        if let contentID { head += "Content-ID: <\(contentID)>\r\n" }
        head += "Content-Disposition: \(disposition);\r\n " + Self.filenameParameters(part.name) + "\r\n\r\n"
        try await sink(Array(head.utf8))
        // 57 bytes make one line of 76 characters; whole lines only, so that pieces can be encoded one by one.
        let pieceBytes = 57 * 1024
        var offset: Int64 = 0
        while offset < part.bytes {
            let piece = try await part.read(offset, pieceBytes)
            guard !piece.isEmpty else { throw MailPartError.ended(at: offset, expected: part.bytes) }
            var lines: [UInt8] = []
            lines.reserveCapacity(piece.count / 57 * 78 + 80)
            for start in stride(from: 0, to: piece.count, by: 57) {
                lines += Base64.encode(piece[start..<min(start + 57, piece.count)]) + [0x0D, 0x0A]
            }
            try await sink(lines)
            offset += Int64(piece.count)
        }
    }

    /// `filename="..."`, or `filename*=` of RFC 2231 in pieces where it is long or not ASCII.
    static func filenameParameters(_ name: HeaderText) -> String {
        let isPlain = name.text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        if isPlain, name.text.utf8.count <= 60 { return "filename=\"\(name.text)\"" }
        let safe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var pieces: [String] = ["UTF-8''"]
        for byte in name.text.utf8 {
            let coded =
                safe.contains(byte)
                ? String(decoding: [byte], as: UTF8.self)
                : String(decoding: [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
            if pieces[pieces.count - 1].utf8.count + coded.utf8.count > 55 { pieces.append("") }
            pieces[pieces.count - 1] += coded
        }
        if pieces.count == 1 { return "filename*=" + pieces[0] }
        return pieces.enumerated().map { "filename*\($0.offset)*=\($0.element)" }.joined(separator: ";\r\n ")
    }

    private func textPartHeaders(_ subtype: String) -> String {
        "Content-Type: text/\(subtype); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    }

    /// No line of a part can be it: `=_` occurs in neither quoted-printable nor base64 (RFC 2045 section 6.7).
    private func boundary(_ layer: String) -> String { "=_\(layer).\(entry)" }
}

/// A part gave fewer bytes than it announced.
package enum MailPartError: Error, Hashable, Sendable {
    case ended(at: Int64, expected: Int64)
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
