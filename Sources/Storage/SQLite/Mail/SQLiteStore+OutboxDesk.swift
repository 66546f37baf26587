package import Domain
import GRDB

extension SQLiteStore: OutboxDesk {
    package func record(
        _ report: DeliveryReport, of id: OutboxEntryID, suppressFor: Duration
    ) async throws(StorageError) -> Bool {
        try await writer.write { db, hints in
            guard let delivery = try db.delivery(id) else { return false }
            if try db.record(report, of: delivery) { hints.insert(.build(delivery.build)) }
            if report.condemnsAddress {
                try db.suppress(
                    Suppression(
                        address: delivery.to, reason: .bounced, words: report.words.isEmpty ? nil : report.words,
                        since: report.at, until: report.at + suppressFor))
            }
            return true
        }
    }

    package func delivery(_ id: OutboxEntryID) async throws(StorageError) -> Delivery? {
        try await read { db in try db.delivery(id) }
    }

    package func deliveries(
        matching filter: OutboxFilter, before: OutboxEntryID?, limit: Int
    ) async throws(StorageError) -> [Delivery] {
        try await read { db in
            // A query for each status, so that each goes along an index however rare the status is.
            let statuses = filter.statuses.sorted { $0.rawValue < $1.rawValue }.map { Optional($0) }
            let found = try (statuses.isEmpty ? [nil] : statuses).flatMap { status in
                try db.deliveries(status, filter, before: before, limit: limit)
            }
            return Array(found.sorted { $0.id > $1.id }.prefix(limit))
        }
    }

    package func tries(of id: OutboxEntryID) async throws(StorageError) -> [DeliveryTry] {
        try await read { db in
            try db.rows(
                "SELECT number, tried_at, transport, outcome, words FROM tries WHERE entry = ? ORDER BY number",
                [id.text]
            ) {
                DeliveryTry(
                    number: Int(try $0.integer()), at: try $0.moment(), transport: try $0.text(),
                    outcome: try $0.name(DeliveryTry.Outcome.self), words: try $0.textOrNil())
            }
        }
    }

    package func retryDelivery(_ id: OutboxEntryID, at now: Timestamp) async throws(StorageError) -> Bool {
        try await makeDue(id, from: [.waiting, .refused, .bounced, .cancelled], at: now)
    }

    package func sendAgain(_ id: OutboxEntryID, at now: Timestamp) async throws(StorageError) -> Bool {
        try await makeDue(id, from: Set(Delivery.Status.allCases).subtracting([.waiting]), at: now)
    }

    private func makeDue(
        _ id: OutboxEntryID, from statuses: Set<Delivery.Status>, at now: Timestamp
    ) async throws(StorageError) -> Bool {
        let names = statuses.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return try await writer.write { db, hints in
            guard let delivery = try db.delivery(id) else { return false }
            if delivery.kind == .confirmation, try !db.waitsForOwner(delivery.build) { return false }
            let changed = try db.run(
                """
                UPDATE outbox SET status = 'waiting', next_try_at = ?1, patience_since = ?1, settled_at = NULL,
                    transport = NULL, receipt = NULL, lease_token = NULL, lease_expires_at = NULL
                WHERE id = ?2 AND status IN (\(names))
                    AND (lease_expires_at IS NULL OR lease_expires_at <= ?1)
                """,
                [now.milliseconds, id.text])
            guard changed == 1 else { return false }
            hints.formUnion([.build(delivery.build), .mail])
            return true
        }
    }

    package func cancelDelivery(_ id: OutboxEntryID, at now: Timestamp) async throws(StorageError) -> Bool {
        try await writer.write { db, hints in
            let build = try db.firstRow(
                """
                UPDATE outbox SET status = 'cancelled', settled_at = ?1, next_try_at = NULL, lease_token = NULL,
                    lease_expires_at = NULL
                WHERE id = ?2 AND status = 'waiting' AND (lease_expires_at IS NULL OR lease_expires_at <= ?1)
                RETURNING build
                """,
                [now.milliseconds, id.text]
            ) { BuildID(unchecked: try $0.text()) }
            guard let build else { return false }
            hints.insert(.build(build))
            return true
        }
    }
}

extension Database {
    fileprivate func deliveries(
        _ status: Delivery.Status?, _ filter: OutboxFilter, before: OutboxEntryID?, limit: Int
    ) throws -> [Delivery] {
        var conditions = ["id < ?"]
        // Every id sorts before this one: "~" is above the alphabet of ids.
        var arguments: StatementArguments = [before?.text ?? "~"]
        if let status {
            conditions.append("status = ?")
            arguments += [status.rawValue]
        }
        if let address = filter.address {
            conditions.append("address_key = ?")
            arguments += [address.addressKey]
        }
        if let build = filter.build {
            conditions.append("build = ?")
            arguments += [build.text]
        }
        arguments += [limit]
        return try rows(
            "\(Self.selectDelivery) WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?", arguments
        ) { try $0.delivery() }
    }

    /// - Returns: whether it changed anything.
    fileprivate func record(_ report: DeliveryReport, of delivery: Delivery) throws -> Bool {
        guard try replaces(report.fate, delivery) else { return false }
        let words = report.words.isEmpty ? nil : report.words
        try run(
            """
            UPDATE outbox SET status = ?, last_error = ?, settled_at = coalesce(settled_at, ?), next_try_at = NULL
            WHERE id = ?
            """,
            [report.fate.status.rawValue, words, report.at.milliseconds, delivery.id.text])
        return true
    }

    /// Reports come late, twice and out of order; what is known best stays.
    private func replaces(_ fate: DeliveryReport.Fate, _ delivery: Delivery) throws -> Bool {
        switch (fate, delivery.status) {
        case (.bounced, _), (.dropped, _): true
        case (.delivered, .bounced): false
        case (.delivered, _): true
        case (.deferred, .accepted), (.deferred, .deferred): true
        case (.deferred, .delivered), (.deferred, .bounced), (.deferred, .refused), (.deferred, .cancelled): false
        // It was taken after all, or is being taken. After an operator's "again" this is an older mail's report.
        case (.deferred, .waiting): try mayHaveBeenTaken(delivery.id)
        }
    }

    private func mayHaveBeenTaken(_ id: OutboxEntryID) throws -> Bool {
        let isHeld = try integer("SELECT count(*) FROM outbox WHERE id = ? AND lease_token IS NOT NULL", [id.text]) > 0
        let last = try firstRow("SELECT outcome FROM tries WHERE entry = ? ORDER BY number DESC LIMIT 1", [id.text]) {
            try $0.name(DeliveryTry.Outcome.self)
        }
        return isHeld || last == .unknown
    }
}

extension DeliveryReport.Fate {
    fileprivate var status: Delivery.Status {
        switch self {
        case .delivered: .delivered
        case .deferred: .deferred
        case .bounced, .dropped: .bounced
        }
    }
}
