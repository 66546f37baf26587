package import Domain
import GRDB

extension SQLiteStore {
    package func claimDueDeliveries(
        limit: Int, leaseFor: Duration, at now: Timestamp
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
        _ claimed: ClaimedDelivery, as outcome: DeliveryOutcome, at now: Timestamp
    ) async throws(StorageError) {
        let id = claimed.delivery.id.text
        let token = claimed.lease.text
        try await writer.write { db, hints in
            let changed: Int
            switch outcome {
            case .accepted:
                changed = try db.settleDelivery(id, token, as: .accepted, error: nil, at: now)
            case .refused(let reason):
                changed = try db.settleDelivery(id, token, as: .refused, error: reason, at: now)
            case .retry(let retryAt, let reason):
                changed = try db.run(
                    """
                    UPDATE outbox SET next_try_at = ?, last_error = ?, lease_token = NULL, lease_expires_at = NULL
                    WHERE id = ? AND lease_token = ?
                    """,
                    [retryAt.milliseconds, reason, id, token])
                hints.insert(.mail)
            case .handedBack:
                changed = try db.run(
                    """
                    UPDATE outbox SET attempts = attempts - 1, lease_token = NULL, lease_expires_at = NULL
                    WHERE id = ? AND lease_token = ?
                    """,
                    [id, token])
                hints.insert(.mail)
            }
            guard changed == 1 else { throw StorageError.leaseLost }
            hints.insert(.build(claimed.delivery.build))
        }
    }

    package func deliveries(of build: BuildID) async throws(StorageError) -> [Delivery] {
        try await read { db in
            try db.rows("\(Database.selectDelivery) WHERE build = ? ORDER BY id", [build.text]) { try $0.delivery() }
        }
    }

    package func nextDeliveryAt() async throws(StorageError) -> Timestamp? {
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
