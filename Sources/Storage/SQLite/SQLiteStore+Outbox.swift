package import Domain
import GRDB

extension SQLiteStore {
    package func claimDueDeliveries(
        limit: Int, leaseFor: Duration, pace: MailPace, at now: Timestamp
    ) async throws(StorageError) -> [ClaimedDelivery] {
        try await writer.write { db, _ in
            let ids = try db.rows(
                """
                SELECT id FROM outbox WHERE status = 'waiting' AND next_try_at <= ? AND \(Condition.unleased)
                ORDER BY next_try_at, id LIMIT ?
                """,
                [now.milliseconds, now.milliseconds, limit]
            ) { try $0.text() }
            return try ids.compactMap { id in
                let lease = Self.newLease(for: leaseFor, at: now)
                try db.run(
                    "UPDATE outbox SET attempts = attempts + 1, lease_token = ?, lease_expires_at = ? WHERE id = ?",
                    [lease.token.text, lease.expiresAt.milliseconds, id])
                let delivery = try db.firstRow("\(Database.selectDelivery) WHERE id = ?", [id]) { try $0.delivery() }
                return delivery.map { ClaimedDelivery(delivery: $0, lease: lease.token) }
            }
        }
    }

    package func settle(
        _ tries: [(claimed: ClaimedDelivery, outcome: DeliveryOutcome, transport: String)], at now: Timestamp
    ) async throws(StorageError) -> Set<OutboxEntryID> {
        try await writer.write { db, hints in
            var lost: Set<OutboxEntryID> = []
            for (claimed, outcome, _) in tries {
                guard try db.settle(claimed, as: outcome, at: now) == 1 else {
                    lost.insert(claimed.delivery.id)
                    continue
                }
                hints.insert(.build(claimed.delivery.build))
                hints.insert(.mail)
            }
            return lost
        }
    }

    package func deliveries(of build: BuildID) async throws(StorageError) -> [Delivery] {
        try await read { db in
            try db.rows("\(Database.selectDelivery) WHERE build = ? ORDER BY id", [build.text]) { try $0.delivery() }
        }
    }

    package func nextDeliveryAt(pace: MailPace, at now: Timestamp) async throws(StorageError) -> Timestamp? {
        try await read { db in
            try db.firstRow(
                """
                SELECT min(max(next_try_at, coalesce(lease_expires_at, next_try_at))) FROM outbox
                WHERE status = 'waiting'
                """
            ) { try $0.momentOrNil() } ?? nil
        }
    }

    package func outboxSummary() async throws(StorageError) -> OutboxSummary {
        try await read { db in
            let waiting = try db.integer("SELECT count(*) FROM outbox WHERE status = 'waiting'")
            let refused = try db.integer("SELECT count(*) FROM outbox WHERE status = 'refused'")
            let oldest = try db.firstRow("SELECT min(created_at) FROM outbox WHERE status = 'waiting'") {
                try $0.momentOrNil()
            }
            return OutboxSummary(waiting: Int(waiting), refused: Int(refused), oldestWaitingAt: oldest ?? nil)
        }
    }
}

extension Database {
    fileprivate static let selectDelivery =
        "SELECT id, build, kind, address, status, attempts, last_error, created_at, settled_at FROM outbox"

    fileprivate func settle(
        _ claimed: ClaimedDelivery, as outcome: DeliveryOutcome, at now: Timestamp
    ) throws -> Int {
        let id = claimed.delivery.id.text
        let token = claimed.lease.text
        switch outcome {
        case .accepted:
            return try settleDelivery(id, token, as: .accepted, error: nil, at: now)
        case .refused(let reason, _):
            return try settleDelivery(id, token, as: .refused, error: reason, at: now)
        case .retry(let retryAt, let reason, _):
            return try run(
                """
                UPDATE outbox SET next_try_at = ?, last_error = ?, lease_token = NULL, lease_expires_at = NULL
                WHERE id = ? AND lease_token = ?
                """,
                [retryAt.milliseconds, reason, id, token])
        case .handedBack:
            return try run(
                """
                UPDATE outbox SET attempts = attempts - 1, lease_token = NULL, lease_expires_at = NULL
                WHERE id = ? AND lease_token = ?
                """,
                [id, token])
        }
    }

    fileprivate func settleDelivery(
        _ id: String, _ token: String, as status: Delivery.Status, error: String?, at now: Timestamp
    ) throws -> Int {
        try run(
            """
            UPDATE outbox SET status = ?, last_error = ?, settled_at = ?, next_try_at = NULL, lease_token = NULL,
                lease_expires_at = NULL
            WHERE id = ? AND lease_token = ?
            """,
            [status.rawValue, error, now.milliseconds, id, token])
    }
}

extension RowReader {
    /// In the order of `Database.selectDelivery`.
    fileprivate mutating func delivery() throws(StorageError) -> Delivery {
        Delivery(
            id: OutboxEntryID(unchecked: try text()), build: BuildID(unchecked: try text()),
            kind: try name(MailKind.self), to: try text(), status: try name(Delivery.Status.self),
            attempts: Int(try integer()), lastError: try textOrNil(), createdAt: try moment(),
            settledAt: try momentOrNil())
    }
}
