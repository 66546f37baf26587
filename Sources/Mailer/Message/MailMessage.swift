package import Domain

/// A mail, ready to be written: text and HTML of the same, pictures for the HTML, attachments.
package struct MailMessage: Sendable {
    package var from: NamedMailAddress
    package var to: MailAddress
    package var subject: HeaderText
    package var date: Timestamp
    /// The outbox entry that owes it: makes Message-ID and boundaries, so that every try gives the same bytes (P2).
    package var entry: OutboxEntryID
    /// The build it is about: mails about one build belong to one thread.
    package var build: BuildID
    package var text: String
    package var html: String
    /// Shown inside the HTML, by `cid:`.
    package var inlinePictures: [MailPart]
    package var attachments: [MailPart]

    package init(
        from: NamedMailAddress, to: MailAddress, subject: HeaderText, date: Timestamp, entry: OutboxEntryID,
        build: BuildID, text: String, html: String, inlinePictures: [MailPart], attachments: [MailPart]
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.date = date
        self.entry = entry
        self.build = build
        self.text = text
        self.html = html
        self.inlinePictures = inlinePictures
        self.attachments = attachments
    }

    /// `<entry@domain of the sender>`: stable over tries.
    package var messageID: String { "<\(entry)@\(asciiDomain)>" }

    /// What all mails about the build refer to, so that mail programs show them together.
    package var threadID: String { "<build.\(build)@\(asciiDomain)>" }

    private var asciiDomain: String {
        from.address.host.utf8.allSatisfy { $0 < 0x80 } ? String(from.address.host) : "kiln.invalid"
    }
}

/// A file in a mail; its bytes are read when the message is written.
package struct MailPart: Sendable {
    /// Safe file name, see `Artifact.name`; ASCII or not.
    package var name: HeaderText
    package var contentType: String
    package var bytes: Int64
    package var read: @Sendable (_ offset: Int64, _ length: Int) async throws -> [UInt8]

    package init(
        name: HeaderText, contentType: String, bytes: Int64,
        read: @escaping @Sendable (_ offset: Int64, _ length: Int) async throws -> [UInt8]
    ) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
        self.read = read
    }
}
