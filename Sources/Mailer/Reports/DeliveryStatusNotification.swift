/// A delivery status notification (RFC 3464): what a mail server says of a mail that it took.
package struct DeliveryStatusNotification: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable, CaseIterable {
        case failed, delayed, delivered, relayed, expanded
    }

    /// What it says of one recipient.
    package struct Recipient: Hashable, Sendable {
        package var action: Action
        package var status: EnhancedStatus?
        /// The other server's own words, one line.
        package var diagnostic: String?
        /// As the last server knew it, and as the sender wrote it.
        package var finalAddress: String?
        package var originalAddress: String?
    }

    package var recipients: [Recipient]
    /// What its sender called the mail's transport (`ENVID`).
    package var originalEnvelopeID: String?
    /// Of the mail that is reported: its `Return-Path` and `Message-ID`, where it came back.
    package var returnedPath: String?
    package var returnedMessageID: String?

    /// What is looked at of the machine-readable part.
    private static let mostStatusBytes = 256 << 10
    private static let mostRecipients = 100

    /// `nil` for any other mail: a report that says what people read only, an automatic answer.
    package init?(_ message: [UInt8]) {
        self.init(ReceivedPart(message))
    }

    init?(_ message: ReceivedPart) {
        guard let report = Self.report(in: message),
            let status = report.parts.first(where: { Self.statusTypes.contains($0.type.name) })
        else { return nil }
        recipients = []
        var rest = status.decoded(most: Self.mostStatusBytes)[...]
        while !rest.isEmpty, recipients.count < Self.mostRecipients {
            let fields = ReceivedPart.fields(takenFrom: &rest, most: 64 << 10)
            func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
            // The first group is about the mail; some servers forget the empty line behind it.
            if let id = value("original-envelope-id"), originalEnvelopeID == nil { originalEnvelopeID = id }
            if let recipient = Recipient(value) { recipients.append(recipient) }
        }
        guard !recipients.isEmpty else { return nil }
        guard let returned = report.parts.first(where: { Self.returnedTypes.contains($0.type.name) }) else { return }
        let headers = ReceivedPart(returned.decoded(most: 64 << 10))
        returnedPath = headers.value("return-path")
        returnedMessageID = headers.value("message-id")
    }

    private static let statusTypes: Set = ["message/delivery-status", "message/global-delivery-status"]
    private static let returnedTypes: Set = [
        "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers",
    ]

    /// The report itself: the mail, or a part of one that something on its way has wrapped.
    private static func report(in part: ReceivedPart) -> ReceivedPart? {
        let type = part.type
        if type.name == "multipart/report",
            type.parameter("report-type").map({ $0.lowercased() == "delivery-status" }) ?? true
        {
            return part
        }
        return part.parts.lazy.compactMap { report(in: $0) }.first
    }

    /// The recipient whose fate counts most: a mail of Kiln has one, and a list behind it may have many.
    package var foremost: Recipient? {
        let order: [Action] = [.failed, .delayed, .delivered]
        return order.lazy.compactMap { action in recipients.first { $0.action == action } }.first
    }
}

extension DeliveryStatusNotification.Recipient {
    /// `nil` if it does not say what happened.
    init?(_ value: (String) -> String?) {
        let word = value("action")?.prefix { $0.isLetter }.lowercased()
        let stated = value("status").flatMap { EnhancedStatus($0) }
        let said = value("diagnostic-code").map { Self.typed($0).shownWords(limit: 1000) }
        // "Failed" in whatever way, while the words say in which.
        let spoken = said.flatMap { EnhancedStatus(in: $0) }
        let status = stated.map { $0.isGeneral && spoken?.kind == $0.kind ? spoken ?? $0 : $0 } ?? spoken
        guard let action = word.flatMap({ DeliveryStatusNotification.Action(rawValue: $0) }) else { return nil }
        self.action = action
        self.status = status
        diagnostic = said.flatMap { $0.isEmpty ? nil : $0 }
        finalAddress = value("final-recipient").map(Self.address)
        originalAddress = value("original-recipient").map(Self.address)
    }

    /// The value behind its type: `smtp; 550 no`, `rfc822; ada@example.org`.
    private static func typed(_ text: String) -> String {
        guard let semicolon = text.firstIndex(of: ";") else { return text.trimmingSpaces() }
        return text[text.index(after: semicolon)...].trimmingSpaces()
    }

    private static func address(_ text: String) -> String {
        typed(text).shownWords(limit: 320).withoutAngles
    }
}
