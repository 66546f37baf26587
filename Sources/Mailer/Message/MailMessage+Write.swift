package import Domain

extension MailMessage {
    /// Writes the message as RFC 5322 with CRLF line ends, in pieces of bounded size; the first one is the header.
    ///
    /// - Throws: `MailMessageError` for what cannot stand in a mail, before the first piece; `MailPartError` for a part that
    ///   is shorter than it said; what the parts throw when they are read, and what the sink throws.
    package func write(to sink: (_ bytes: [UInt8]) async throws -> Void) async throws {
        try await sink(try head)
        try await writeBody(to: sink)
    }

    /// What comes after the header.
    func writeBody(to sink: (_ bytes: [UInt8]) async throws -> Void) async throws {
        try await layout().writeBody(to: sink)
    }

    /// Its picture's Content-ID, as the HTML names it after `cid:`.
    package static func contentID(ofPicture index: Int, entry: OutboxEntryID) -> String {
        "picture\(index).\(entry)@kiln"
    }

    /// `multipart/mixed { multipart/alternative { text, multipart/related { html, pictures } }, attachments }`, without
    /// the layers that have nothing to hold.
    func layout() throws(MailMessageError) -> MIMEEntity {
        let readable = try readable()
        guard !attachments.isEmpty else { return readable }
        var children = [readable]
        for part in attachments { children.append(try .file(part, disposition: "attachment")) }
        return .multipart("mixed", entry: entry, children)
    }

    private func readable() throws(MailMessageError) -> MIMEEntity {
        let plain = MIMEEntity.text(text, subtype: "plain")
        guard !html.isEmpty else { return plain }
        var rich = MIMEEntity.text(html, subtype: "html")
        if !inlinePictures.isEmpty {
            var children = [rich]
            for (index, part) in inlinePictures.enumerated() {
                let contentID = Self.contentID(ofPicture: index, entry: entry)
                children.append(try .file(part, disposition: "inline", contentID: contentID))
            }
            rich = .multipart("related", parameters: " type=\"text/html\";", entry: entry, children)
        }
        return .multipart("alternative", entry: entry, [plain, rich])
    }
}
