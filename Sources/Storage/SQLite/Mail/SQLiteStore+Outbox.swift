package import Domain
import GRDB

extension SQLiteStore {
    /// Mails that one claim drops at most, so that it stays short when an address or a queue of them is given up.
    private static let mostDropped = 200

    package func claimDueDeliveries(
        limit: Int, leaseFor: Duration, pace: MailPace, at now: Timestamp
    ) async throws(StorageError) -> [ClaimedDelivery] {
        try await writer.write { db, hints in
            var left = min(limit, try db.placesThisHour(pace, now) ?? limit)
            var held: Set<String> = []
            var dropped = 0
            var claimed: [ClaimedDelivery] = []
            while left > 0, dropped < Self.mostDropped, let domain = try db.firstDueDomain(except: held, at: now) {
                guard case .now = try db.place(at: domain, pace, now),
                    let due = try db.firstDue(at: domain, now)
                else {
                    held.insert(domain)
                    continue
                }
                if try db.drop(due, at: now) {
                    dropped += 1
                    hints.insert(.build(due.build))
                } else {
                    left -= 1
                    claimed.append(try db.claim(due, to: domain, leaseFor: leaseFor, at: now))
                }
            }
            if !claimed.isEmpty { try db.forgetMailStarts(at: now) }
            return claimed
        }
    }

    package func settle(
        _ tries: [(claimed: ClaimedDelivery, outcome: DeliveryOutcome, transport: String)], at now: Timestamp
    ) async throws(StorageError) -> Set<OutboxEntryID> {
        try await writer.write { db, hints in
            var lost: Set<OutboxEntryID> = []
            for (claimed, outcome, transport) in tries {
                guard try db.settle(claimed, as: outcome, by: transport, at: now) else {
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
        try await read { db in try db.deliveries(of: build) }
    }

    package func correspondence(about build: BuildID) async throws(StorageError) -> Correspondence {
        try await sharedReads.read { db in
            Correspondence(builds: try db.group(of: build), mails: try db.deliveries(of: build))
        }
    }

    package func nextDeliveryAt(pace: MailPace, at now: Timestamp) async throws(StorageError) -> Timestamp? {
        try await read { db in
            let hour = try db.placeThisHour(pace, now)
            return try db.firstMailDue(pace, now).flatMap { hour.time(for: $0) }
        }
    }

    package func outboxSummary() async throws(StorageError) -> OutboxSummary {
        try await read { db in
            let waiting = try db.integer("SELECT count(*) FROM outbox WHERE status = 'waiting'")
            let refused = try db.integer("SELECT count(*) FROM outbox WHERE status = 'refused'")
            let bounced = try db.integer("SELECT count(*) FROM outbox WHERE status = 'bounced'")
            // Named, because SQLite takes the index of all statuses otherwise and reads every mail that waits.
            let oldest = try db.firstRow(
                "SELECT min(created_at) FROM outbox INDEXED BY outbox_waiting WHERE status = 'waiting'"
            ) {
                try $0.momentOrNil()
            }
            return OutboxSummary(
                waiting: Int(waiting), refused: Int(refused), bounced: Int(bounced), oldestWaitingAt: oldest ?? nil)
        }
    }
}

extension Database {
    fileprivate func deliveries(of build: BuildID) throws -> [Delivery] {
        try rows("\(Self.selectDelivery) WHERE build = ? ORDER BY id", [build.text]) { try $0.delivery() }
    }

    fileprivate func firstDue(at domain: String, _ now: Timestamp) throws -> Delivery? {
        try firstRow(
            """
            \(Self.selectDelivery) WHERE status = 'waiting' AND domain = ? AND due_at <= ?
            ORDER BY due_at, id LIMIT 1
            """,
            [domain, now.milliseconds]
        ) { try $0.delivery() }
    }

    fileprivate func claim(
        _ due: Delivery, to domain: String, leaseFor: Duration, at now: Timestamp
    ) throws -> ClaimedDelivery {
        var delivery = due
        delivery.attempts += 1
        let lease = SQLiteStore.newLease(for: leaseFor, at: now)
        try run(
            "UPDATE outbox SET attempts = ?, lease_token = ?, lease_expires_at = ? WHERE id = ?",
            [delivery.attempts, lease.token.text, lease.expiresAt.milliseconds, delivery.id.text])
        try count(delivery, to: domain, at: now)
        return ClaimedDelivery(delivery: delivery, lease: lease.token)
    }

    /// Settles what is not to be sent any more. Returns whether it was such a mail.
    fileprivate func drop(_ due: Delivery, at now: Timestamp) throws -> Bool {
        if due.kind == .confirmation, try !waitsForOwner(due.build) {
            try end(due.id, as: .cancelled, error: due.lastError, at: now)
            return true
        }
        guard let suppression = try suppression(of: due.to, at: now) else { return false }
        try end(due.id, as: .refused, error: suppression.explanation, at: now)
        return true
    }

    private func end(
        _ id: OutboxEntryID, as status: Delivery.Status, error: String?, at now: Timestamp
    ) throws {
        try run(
            """
            UPDATE outbox SET status = ?, last_error = ?, settled_at = ?, next_try_at = NULL, lease_token = NULL,
                lease_expires_at = NULL
            WHERE id = ?
            """,
            [status.rawValue, error, now.milliseconds, id.text])
    }

    /// - Returns: whether the claim still held.
    fileprivate func settle(
        _ claimed: ClaimedDelivery, as outcome: DeliveryOutcome, by transport: String, at now: Timestamp
    ) throws -> Bool {
        let id = claimed.delivery.id
        let status = try firstRow(
            "SELECT status FROM outbox WHERE id = ? AND lease_token = ?", [id.text, claimed.lease.text]
        ) { try $0.name(Delivery.Status.self) }
        guard let status else { return false }
        try write(outcome, of: claimed.delivery, known: status, by: transport, at: now)
        if case .refused(let reason, let span?) = outcome {
            try suppress(
                Suppression(
                    address: claimed.delivery.to, reason: .bounced, words: reason, since: now, until: now + span))
        }
        guard let end = outcome.end else {
            try run(
                "DELETE FROM mail_starts WHERE entry = ? AND number = ?", [id.text, claimed.delivery.attempts])
            return true
        }
        try run(
            """
            INSERT INTO tries (entry, number, tried_at, transport, outcome, words) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (entry, number) DO NOTHING
            """,
            [id.text, claimed.delivery.attempts, now.milliseconds, transport, end.outcome.rawValue, end.words])
        return true
    }

    /// - Parameter known: a report may have come first (`OutboxDesk.record`); what it said stays.
    private func write(
        _ outcome: DeliveryOutcome, of delivery: Delivery, known: Delivery.Status, by transport: String,
        at now: Timestamp
    ) throws {
        let id = delivery.id
        switch outcome {
        case .accepted(let receipt) where known == .waiting:
            // One statement, and so one run of the trigger that keeps `mail_domains`.
            try run(
                """
                UPDATE outbox SET status = 'accepted', last_error = NULL, settled_at = ?, next_try_at = NULL,
                    transport = ?, receipt = ?, lease_token = NULL, lease_expires_at = NULL
                WHERE id = ?
                """,
                [now.milliseconds, transport, receipt, id.text])
        case .accepted(let receipt):
            try run(
                """
                UPDATE outbox SET transport = ?, receipt = ?, lease_token = NULL, lease_expires_at = NULL WHERE id = ?
                """,
                [transport, receipt, id.text])
        case .refused(let reason, _) where known == .waiting:
            try end(id, as: .refused, error: reason, at: now)
        case .retry(let retryAt, let reason, _) where known == .waiting:
            try run(
                """
                UPDATE outbox SET next_try_at = ?, last_error = ?, lease_token = NULL, lease_expires_at = NULL
                WHERE id = ?
                """,
                [retryAt.milliseconds, reason, id.text])
        case .handedBack where known == .waiting:
            try run(
                "UPDATE outbox SET attempts = attempts - 1, lease_token = NULL, lease_expires_at = NULL WHERE id = ?",
                [id.text])
        case .refused, .retry, .handedBack:
            try run("UPDATE outbox SET lease_token = NULL, lease_expires_at = NULL WHERE id = ?", [id.text])
        }
    }
}

extension DeliveryOutcome {
    /// What is kept of the try; `nil`: there was none.
    fileprivate var end: (outcome: DeliveryTry.Outcome, words: String?)? {
        switch self {
        case .accepted(let receipt): (.accepted, receipt)
        case .refused(let reason, _): (.refused, reason)
        case .retry(_, let reason, let isUnknown): (isUnknown ? .unknown : .notNow, reason)
        case .handedBack: nil
        }
    }
}

extension Suppression {
    /// For the operator.
    fileprivate var explanation: String {
        switch reason {
        case .bounced:
            "Nothing is sent to this address, because mail to it came back" + (words.map { ": \($0)" } ?? ".")
        case .asked: "Nothing is sent to this address: its owner asked for no more mails."
        }
    }
}
