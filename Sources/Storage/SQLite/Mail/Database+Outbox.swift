import Domain
import GRDB

extension Database {
    /// Read by `RowReader.delivery()`.
    static let selectDelivery = """
        SELECT id, build, kind, address, language, status, attempts, last_error, created_at, patience_since, settled_at, \
        next_try_at, transport, receipt FROM outbox
        """

    func delivery(_ id: OutboxEntryID) throws -> Delivery? {
        try firstRow("\(Self.selectDelivery) WHERE id = ?", [id.text]) { try $0.delivery() }
    }

    /// A second mail for the same cause is not an error but is not written either (P2).
    func owe(_ mail: TransitionWrites.OwedMail, for id: BuildID, at now: Timestamp) throws {
        var generator = SystemRandomNumberGenerator()
        try run(
            """
            INSERT INTO outbox (id, build, cause, kind, address, address_key, domain, language, status, attempts,
                created_at, patience_since, next_try_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', 0, ?9, ?9, ?9) ON CONFLICT (build, cause) DO NOTHING
            """,
            [
                OutboxEntryID.make(at: now, using: &generator).text, id.text, mail.kind.cause, mail.kind.rawValue,
                mail.to, mail.to.addressKey, mail.to.mailDomain, mail.language.text, now.milliseconds,
            ])
    }

    /// Whether the build, or another one of the group that it leads, still waits for its address' owner.
    func waitsForOwner(_ lead: BuildID) throws -> Bool {
        try integer(
            "SELECT count(*) FROM builds WHERE (id = ?1 OR lead = ?1) AND \(Condition.unconfirmed)", [lead.text]) > 0
    }

    /// Takes the mail that asks to confirm out of the outbox, if there is nothing left to confirm. One that is on its way
    /// is left alone; should it come back, whoever would claim it next drops it.
    func cancelConfirmation(of lead: BuildID, at now: Timestamp) throws {
        guard try !waitsForOwner(lead) else { return }
        try run(
            """
            UPDATE outbox SET status = 'cancelled', settled_at = ?, next_try_at = NULL, lease_token = NULL,
                lease_expires_at = NULL
            WHERE build = ? AND cause = 'confirmation' AND status = 'waiting' AND \(Condition.unleased)
            """,
            [now.milliseconds, lead.text, now.milliseconds])
    }

    /// The same for all mails to an address.
    func cancelConfirmations(to address: String, at now: Timestamp) throws {
        try run(
            """
            UPDATE outbox SET status = 'cancelled', settled_at = ?, next_try_at = NULL, lease_token = NULL,
                lease_expires_at = NULL
            WHERE cause = 'confirmation' AND address_key = ? AND status = 'waiting' AND \(Condition.unleased)
            """,
            [now.milliseconds, address.addressKey, now.milliseconds])
    }
}

extension MailKind {
    /// A build owes one mail for each.
    fileprivate var cause: String {
        switch self {
        case .confirmation: "confirmation"
        case .succeeded, .failed, .cancelled, .expired: "ended"
        }
    }
}

extension RowReader {
    /// In the order of `Database.selectDelivery`.
    mutating func delivery() throws(StorageError) -> Delivery {
        Delivery(
            id: OutboxEntryID(unchecked: try text()), build: BuildID(unchecked: try text()),
            kind: try name(MailKind.self), to: try text(), language: try language(),
            status: try name(Delivery.Status.self), attempts: Int(try integer()), lastError: try textOrNil(),
            createdAt: try moment(), patienceSince: try moment(), settledAt: try momentOrNil(),
            nextTryAt: try momentOrNil(), transport: try textOrNil(), receipt: try textOrNil())
    }
}
