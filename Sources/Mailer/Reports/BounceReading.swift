package import Domain

/// What a mail to the bounce address is: which entry it is about, and what it says of it.
package enum BounceReading: Hashable, Sendable {
    /// It was not sent to an address that Kiln made: nothing in it can be trusted.
    case notOurs
    /// It was sent to an entry's address, and is no report: an automatic answer, or words for people only.
    case noReport(OutboxEntryID)
    case report(OutboxEntryID, DeliveryStatusNotification)

    /// Of a message, larger ones by their beginning.
    package static let mostBytes = 10 << 20

    /// - Parameter recipient: whom the message was sent to, where the mail server says it; else the message is asked.
    package init(_ message: [UInt8], recipient: String? = nil, verp: VERP) {
        let mail = ReceivedPart(message)
        let notification = DeliveryStatusNotification(mail)
        guard let entry = Self.entry(of: mail, notification, recipient: recipient, verp: verp) else {
            self = .notOurs
            return
        }
        self = notification.map { .report(entry, $0) } ?? .noReport(entry)
    }

    /// Every hint counts only with its proof: anybody can send a report that names anything.
    private static func entry(
        of mail: ReceivedPart, _ notification: DeliveryStatusNotification?, recipient: String?, verp: VERP
    ) -> OutboxEntryID? {
        if let entry = recipient.flatMap({ verp.entry(ofRecipient: $0.withoutAngles) }) { return entry }
        let names = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to"]
        let named = names.flatMap { mail.values($0).prefix(20) }.flatMap { addresses(in: $0) }
        for address in named + (notification?.returnedPath.map { [$0.withoutAngles] } ?? []) {
            if let entry = verp.entry(ofRecipient: address) { return entry }
        }
        let marks = [notification?.originalEnvelopeID, notification?.returnedMessageID].compactMap { $0 }
        return marks.lazy.compactMap { verp.entry(ofMark: $0.withoutAngles.prefix { $0 != "@" }) }.first
    }

    /// What can be an address in a header of many: `Kiln <bounces@example.org>, other@example.org`.
    private static func addresses(in value: String) -> [String] {
        value.prefix(4000).split { " ,;<>\t\"".contains($0) }.filter { $0.contains("@") }.prefix(50).map(String.init)
    }
}

extension DeliveryStatusNotification {
    /// What it says of a mail to an address; `nil` if that is nothing that can be told from what was known.
    package func report(on address: String, at now: Timestamp) -> DeliveryReport? {
        guard let recipient = foremost else { return nil }
        let fate: DeliveryReport.Fate
        switch recipient.action {
        case .failed: fate = .bounced
        case .delayed: fate = .deferred
        case .delivered: fate = .delivered
        case .relayed, .expanded: return nil
        }
        return DeliveryReport(
            fate: fate, words: recipient.words,
            condemnsAddress: fate == .bounced && (recipient.status?.condemnsAddress ?? false)
                && recipient.isNamed(address), at: now)
    }
}

extension DeliveryStatusNotification.Recipient {
    /// The status and the other server's words, as far as they are not the same.
    var words: String {
        let status = status.map(\.description)
        guard let diagnostic else { return status ?? action.rawValue }
        guard let status, !diagnostic.contains(status) else { return diagnostic }
        return "\(status) \(diagnostic)"
    }

    /// Whether this is the address itself, and not another one that it leads to. One that is not named is taken for it.
    func isNamed(_ address: String) -> Bool {
        let names = [finalAddress, originalAddress].compactMap { $0?.lowercased() }.filter { !$0.isEmpty }
        return names.isEmpty || names.contains(address.lowercased())
    }
}
