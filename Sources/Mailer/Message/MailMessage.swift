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
    /// Empty: there is only the text.
    package var html: String
    /// Shown inside the HTML, by `cid:`; left out where there is no HTML.
    package var inlinePictures: [MailPart]
    package var attachments: [MailPart]
    /// Whom a reply goes to; `nil`: the sender.
    package var replyTo: NamedMailAddress?
    /// The sender that servers see, to whom a bounce goes; `nil`: see `envelopeSender`.
    package var envelopeFrom: MailAddress?
    /// Where its recipient can stop mails like it.
    package var stopLink: StopLink?
    /// An earlier mail about the build, which this one follows.
    package var earlier: OutboxEntryID?

    package init(
        from: NamedMailAddress, to: MailAddress, subject: HeaderText, date: Timestamp, entry: OutboxEntryID,
        build: BuildID, text: String, html: String, inlinePictures: [MailPart] = [], attachments: [MailPart] = [],
        replyTo: NamedMailAddress? = nil, envelopeFrom: MailAddress? = nil, stopLink: StopLink? = nil,
        earlier: OutboxEntryID? = nil
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
        self.replyTo = replyTo
        self.envelopeFrom = envelopeFrom
        self.stopLink = stopLink
        self.earlier = earlier
    }

    /// `<entry@domain of the sender>`: stable over tries.
    package var messageID: String { messageID(of: entry) }

    /// The Message-ID of another mail of the same sender.
    package func messageID(of entry: OutboxEntryID) -> String { "<\(entry)@\(from.address.asciiHost)>" }

    /// What all mails about the build refer to, the first one too, so that mail programs show them together.
    package var threadID: String { "<build.\(build)@\(from.address.asciiHost)>" }

    /// Whom the envelope names as the sender.
    package var envelopeSender: MailAddress { envelopeFrom ?? from.address }

    /// Whether it can only go to where SMTPUTF8 (RFC 6531) is spoken: an address' local part is not ASCII, and stands in a
    /// header as it is (RFC 6532).
    package var needsUTF8: Bool {
        to.needsUTF8 || from.address.needsUTF8 || envelopeSender.needsUTF8 || replyTo?.address.needsUTF8 == true
    }
}

/// A file in a mail; its bytes are read when the message is written.
package struct MailPart: Sendable {
    /// Safe file name, see `Artifact.name`; ASCII or not.
    package var name: HeaderText
    /// Such as `text/plain; charset=utf-8`.
    package var contentType: String
    package var bytes: Int64
    /// Gives bytes from `offset`, at most `length`; fewer, but some, before the end.
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
