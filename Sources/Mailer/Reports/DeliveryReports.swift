package import Domain
package import Storage

/// Writes down what is heard of mails that were taken: from mail servers (RFC 3464) and from SendGrid. Hearing the same
/// again, or in another order, changes nothing.
package struct DeliveryReports: Sendable {
    /// What became of a message.
    package enum Taken: Hashable, Sendable {
        case recorded(OutboxEntryID, DeliveryReport)
        /// It is for an entry of ours, and says nothing that is not known: an automatic answer, a mail that was forgotten.
        case nothingNew(OutboxEntryID)
        case notOurs
    }

    private let desk: any OutboxDesk
    /// How long an address that was condemned gets nothing.
    private let suppressFor: Duration

    /// The same whether the address is refused at once or the mail comes back later: which of them happens is chance.
    package static let suppressionTime = Duration.seconds(180 * 86400)

    /// Events that are written at the same time, so that they share commits.
    private static let atOnce = 32

    package init(desk: any OutboxDesk, suppressFor: Duration = DeliveryReports.suppressionTime) {
        self.desk = desk
        self.suppressFor = suppressFor
    }

    /// A message that came to the bounce address.
    ///
    /// - Parameter recipient: see `BounceReading`.
    package func take(
        bounce message: [UInt8], recipient: String? = nil, verp: VERP, at now: Timestamp
    ) async throws(StorageError) -> Taken {
        switch BounceReading(message, recipient: recipient, verp: verp) {
        case .notOurs: return .notOurs
        case .noReport(let entry): return .nothingNew(entry)
        case .report(let entry, let notification):
            guard let delivery = try await desk.delivery(entry),
                let report = notification.report(on: delivery.to, at: now),
                try await desk.record(report, of: entry, suppressFor: suppressFor)
            else { return .nothingNew(entry) }
            return .recorded(entry, report)
        }
    }

    /// Events of SendGrid's that were found genuine.
    /// - Returns: how many were about mails of this Kiln.
    package func take(_ events: [SendGridEvent], at now: Timestamp) async throws -> Int {
        var count = 0
        for start in stride(from: 0, to: events.count, by: Self.atOnce) {
            count += try await withThrowingTaskGroup(of: Bool.self) { group in
                for event in events[start..<min(start + Self.atOnce, events.count)] {
                    group.addTask { try await record(event, at: now) }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
        }
        return count
    }

    private func record(_ event: SendGridEvent, at now: Timestamp) async throws(StorageError) -> Bool {
        // The account may send for others too; both ids together are no coincidence.
        guard let delivery = try await desk.delivery(event.entry), delivery.build == event.build else { return false }
        return try await desk.record(event.report(heardAt: now), of: event.entry, suppressFor: suppressFor)
    }
}
