package import Domain

/// The mails owed.
package protocol OutboxStore: Sendable {
    /// Leases deliveries that are due and which nobody holds. The try is counted here, so that one that ends the process
    /// counts too: `attempts` of what is returned includes it. Oldest due first, as far as the pace allows; entries to
    /// a suppressed address are settled as `.refused` instead.
    func claimDueDeliveries(
        limit: Int, leaseFor: Duration, pace: MailPace, at now: Timestamp
    ) async throws(StorageError) -> [ClaimedDelivery]

    /// Writes down how tries ended, each with the transport that was tried last: one transaction for all of them.
    /// - Returns: those whose lease was lost; nothing is written for them.
    func settle(
        _ tries: [(claimed: ClaimedDelivery, outcome: DeliveryOutcome, transport: String)], at now: Timestamp
    ) async throws(StorageError) -> Set<OutboxEntryID>

    /// Oldest first. A group's are its lead's.
    func deliveries(of build: BuildID) async throws(StorageError) -> [Delivery]
    /// What a mail about the build is made from, as of one moment; no builds if it is gone.
    func correspondence(about build: BuildID) async throws(StorageError) -> Correspondence
    /// When `claimDueDeliveries` can find something next.
    func nextDeliveryAt(pace: MailPace, at now: Timestamp) async throws(StorageError) -> Timestamp?
    func outboxSummary() async throws(StorageError) -> OutboxSummary
}

/// The mails owed, as operators and the transports' reports see them.
package protocol OutboxDesk: Sendable {
    /// What was heard of a mail after a transport had taken it. Something final (`bounced`, `dropped`, `delivered`) is
    /// not replaced by `deferred`; a bounce replaces everything. Posts `.build`.
    /// - Parameter suppressFor: how long an address that the report condemns gets nothing.
    /// - Returns: whether there is such an entry.
    func record(
        _ report: DeliveryReport, of id: OutboxEntryID, suppressFor: Duration
    ) async throws(StorageError) -> Bool

    func delivery(_ id: OutboxEntryID) async throws(StorageError) -> Delivery?
    /// Newest first, made before `before` (all, if `nil`).
    func deliveries(
        matching filter: OutboxFilter, before: OutboxEntryID?, limit: Int
    ) async throws(StorageError) -> [Delivery]
    /// Oldest first.
    func tries(of id: OutboxEntryID) async throws(StorageError) -> [DeliveryTry]
    /// Makes an entry due now, for another three days of patience: one that waits, or was refused, bounced or cancelled.
    /// - Returns: `false` if there is nothing to do again: it was taken, or is on its way.
    func retryDelivery(_ id: OutboxEntryID, at now: Timestamp) async throws(StorageError) -> Bool
    /// The same for an entry that was taken, too, because its reader says that it is not there; whoever calls bounds how
    /// often. A `.confirmation` is sent again only while its build waits for one.
    /// - Returns: `false` if it waits already, or is on its way.
    func sendAgain(_ id: OutboxEntryID, at now: Timestamp) async throws(StorageError) -> Bool
    /// Takes an entry that waits out of the outbox.
    /// - Returns: `false` if it does not wait, or is on its way.
    func cancelDelivery(_ id: OutboxEntryID, at now: Timestamp) async throws(StorageError) -> Bool
}

/// What is known of mail addresses: which are confirmed, which want nothing, or nothing from somebody.
package protocol AddressStore: Sendable {
    /// The owner of a build's address says that it is wanted: the address is confirmed until `rememberUntil`, and all
    /// builds that wait for it go into the queue (timeline entry `confirmed`), their turn counted from now. Doing it
    /// again changes nothing but the time.
    /// - Throws: `.unknownBuild`.
    func confirm(
        _ id: BuildID, rememberUntil: Timestamp, at now: Timestamp
    ) async throws(StorageError) -> Confirmation

    /// The owner says that nothing was asked for: the address is confirmed no more, takes no submission from the build's
    /// source until `blockUntil`, and what that source asked for with it and nobody confirmed ends (`expired`, without a
    /// mail). The source is kept as a digest only.
    /// - Throws: `.unknownBuild`.
    func disown(_ id: BuildID, blockUntil: Timestamp, at now: Timestamp) async throws(StorageError)

    /// Builds whose time for confirming is over: they are to expire, without a mail.
    func unconfirmedOverdue(limit: Int, at now: Timestamp) async throws(StorageError) -> [BuildID]

    /// One that is in force.
    func suppression(of address: String, at now: Timestamp) async throws(StorageError) -> Suppression?
    /// Newest first.
    func suppressions(limit: Int, at now: Timestamp) async throws(StorageError) -> [Suppression]
    func suppress(_ suppression: Suppression) async throws(StorageError)
    /// - Returns: whether there was one.
    func liftSuppression(of address: String) async throws(StorageError) -> Bool
}
