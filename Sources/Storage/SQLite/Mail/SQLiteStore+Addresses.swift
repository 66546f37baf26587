package import Domain
import GRDB

extension SQLiteStore: AddressStore {
    package func confirm(
        _ id: BuildID, rememberUntil: Timestamp, at now: Timestamp
    ) async throws(StorageError) -> Confirmation {
        try await writer.write { db, hints in
            guard let build = try db.storedBuild(id)?.build else { throw StorageError.unknownBuild(id) }
            // A link is good for one answer: what is asked for later, or was disowned since, asks by a mail of its own.
            guard let address = build.address, build.confirmBy != nil else { return .confirmed([]) }
            if build.state.isTerminal, try !db.waitsForOwner(build.group ?? id) {
                return .tooLate(build.state.name)
            }
            try db.remember(address, until: rememberUntil)
            let released = try db.release(allOf: address, at: now)
            try db.cancelConfirmations(to: address, at: now)
            if !released.isEmpty { hints.insert(.work) }
            for build in released { hints.insert(.build(build)) }
            return .confirmed(released)
        }
    }

    package func disown(_ id: BuildID, blockUntil: Timestamp, at now: Timestamp) async throws(StorageError) {
        try await writer.write { db, hints in
            guard let build = try db.storedBuild(id)?.build else { throw StorageError.unknownBuild(id) }
            guard let address = build.address else { return }
            try db.run("DELETE FROM confirmed_addresses WHERE address_key = ?", [address.addressKey])
            let source = try db.firstRow("SELECT source FROM builds WHERE id = ?", [id.text]) { try $0.textOrNil() }
            if let source = source ?? nil { try db.block(address, from: source, until: blockUntil) }
            for stored in try db.unconfirmed(of: address, from: source ?? nil, with: build) {
                var generator = SystemRandomNumberGenerator()
                let writes = try TransitionWrites(
                    .expired, on: stored, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: now,
                    using: &generator)
                try db.write(writes, at: now)
                hints.formUnion(writes.hints)
            }
        }
    }

    package func unconfirmedOverdue(limit: Int, at now: Timestamp) async throws(StorageError) -> [BuildID] {
        try await read { db in
            try db.rows(
                """
                SELECT id FROM builds WHERE \(Condition.unconfirmed) AND confirm_by <= ?
                ORDER BY confirm_by, id LIMIT ?
                """,
                [now.milliseconds, limit]
            ) { BuildID(unchecked: try $0.text()) }
        }
    }

    package func suppression(of address: String, at now: Timestamp) async throws(StorageError) -> Suppression? {
        try await read { db in try db.suppression(of: address, at: now) }
    }

    package func suppressions(limit: Int, at now: Timestamp) async throws(StorageError) -> [Suppression] {
        try await read { db in
            try db.rows(
                """
                \(Database.selectSuppression) WHERE suppressed_until > ?
                ORDER BY suppressed_at DESC, address_key LIMIT ?
                """,
                [now.milliseconds, limit]
            ) { try $0.suppression() }
        }
    }

    package func suppress(_ suppression: Suppression) async throws(StorageError) {
        try await writer.write { db, hints in
            try db.suppress(suppression)
            hints.insert(.mail)
        }
    }

    package func liftSuppression(of address: String) async throws(StorageError) -> Bool {
        try await writer.write { db, _ in
            try db.run("DELETE FROM suppressions WHERE address_key = ?", [address.addressKey]) == 1
        }
    }
}

extension Database {
    fileprivate static let selectSuppression =
        "SELECT address, reason, words, suppressed_at, suppressed_until FROM suppressions"

    func isConfirmed(_ address: String, at now: Timestamp) throws -> Bool {
        try integer(
            "SELECT count(*) FROM confirmed_addresses WHERE address_key = ? AND confirmed_until > ?",
            [address.addressKey, now.milliseconds]) > 0
    }

    func isBlocked(_ address: String, from source: String, at now: Timestamp) throws -> Bool {
        try integer(
            "SELECT count(*) FROM blocks WHERE digest = ? AND blocked_until > ?",
            [address.blockDigest(from: source), now.milliseconds]) > 0
    }

    /// One that is in force.
    func suppression(of address: String, at now: Timestamp) throws -> Suppression? {
        try firstRow(
            "\(Self.selectSuppression) WHERE address_key = ? AND suppressed_until > ?",
            [address.addressKey, now.milliseconds]
        ) { try $0.suppression() }
    }

    /// The newer one is kept, but a mail that came back does not weaken what the owner asked for.
    func suppress(_ suppression: Suppression) throws {
        try run(
            """
            INSERT INTO suppressions (address_key, address, reason, words, suppressed_at, suppressed_until)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (address_key) DO UPDATE SET address = excluded.address, reason = excluded.reason,
                words = excluded.words, suppressed_at = excluded.suppressed_at,
                suppressed_until = excluded.suppressed_until
            WHERE NOT (suppressions.reason = 'asked' AND excluded.reason = 'bounced'
                AND suppressions.suppressed_until > excluded.suppressed_at)
            """,
            [
                suppression.address.addressKey, suppression.address, suppression.reason.rawValue, suppression.words,
                suppression.since.milliseconds, suppression.until.milliseconds,
            ])
    }

    /// What was remembered until a time that has come.
    func forgetAddresses(at now: Timestamp) throws {
        try run("DELETE FROM confirmed_addresses WHERE confirmed_until <= ?", [now.milliseconds])
        try run("DELETE FROM blocks WHERE blocked_until <= ?", [now.milliseconds])
        try run("DELETE FROM suppressions WHERE suppressed_until <= ?", [now.milliseconds])
    }

    fileprivate func remember(_ address: String, until: Timestamp) throws {
        try run(
            """
            INSERT INTO confirmed_addresses (address_key, confirmed_until) VALUES (?, ?)
            ON CONFLICT (address_key) DO UPDATE SET confirmed_until = max(confirmed_until, excluded.confirmed_until)
            """,
            [address.addressKey, until.milliseconds])
    }

    fileprivate func block(_ address: String, from source: String, until: Timestamp) throws {
        try run(
            """
            INSERT INTO blocks (digest, blocked_until) VALUES (?, ?)
            ON CONFLICT (digest) DO UPDATE SET blocked_until = max(blocked_until, excluded.blocked_until)
            """,
            [address.blockDigest(from: source), until.milliseconds])
    }

    /// Puts what waits for an address' owner into the queue, as if it had been submitted now.
    fileprivate func release(allOf address: String, at now: Timestamp) throws -> [BuildID] {
        let waiting = try rows(
            """
            SELECT id FROM builds WHERE \(Condition.unconfirmed) AND address_key = ?
            ORDER BY created_at, lead, place, id
            """,
            [address.addressKey]
        ) { BuildID(unchecked: try $0.text()) }
        for id in waiting {
            let turn = try turn(of: address, or: nil, at: now)
            try run(
                """
                UPDATE builds SET confirm_by = NULL, queued_at = ?1, turn_at = ?2, next_action_at = ?1 WHERE id = ?3
                """,
                [now.milliseconds, turn.milliseconds, id.text])
            try note(.confirmed, nil, of: id, at: now)
        }
        return waiting
    }

    /// What the source asked for with the address; the build itself and its group also where its source is forgotten.
    fileprivate func unconfirmed(
        of address: String, from source: String?, with build: Build
    ) throws -> [StoredBuild] {
        let ids = try rows(
            """
            SELECT id FROM builds WHERE \(Condition.unconfirmed) AND address_key = ?
                AND (source = ? OR id = ? OR lead = ?) ORDER BY id
            """,
            [address.addressKey, source, build.id.text, build.group?.text]
        ) { BuildID(unchecked: try $0.text()) }
        return try ids.compactMap { try storedBuild($0) }
    }
}

extension RowReader {
    /// In the order of `Database.selectSuppression`.
    fileprivate mutating func suppression() throws(StorageError) -> Suppression {
        Suppression(
            address: try text(), reason: try name(Suppression.Reason.self), words: try textOrNil(),
            since: try moment(), until: try moment())
    }
}
