package import Domain
import GRDB

extension SQLiteStore {
    package func apply(
        _ event: BuildEvent, to id: BuildID, policy: BuildPolicy, lease: LeaseUse?, at now: Timestamp
    ) async throws(StorageError) -> Transition {
        try await writer.write { db, hints in
            guard let stored = try db.storedBuild(id) else { throw StorageError.unknownBuild(id) }
            var generator = SystemRandomNumberGenerator()
            let writes = try TransitionWrites(
                event, on: stored, policy: policy, lease: lease, at: now, using: &generator)
            try db.write(writes, at: now)
            hints.formUnion(writes.hints)
            return writes.transition
        }
    }

    package func settle(_ lease: LeaseUse, of id: BuildID, at now: Timestamp) async throws(StorageError) {
        try await writer.write { db, hints in
            let isHeld: Bool
            switch lease {
            case .keep(let token, let until):
                isHeld = try db.keep(id, token, until: until)
            case .release(let token, let nextActionAt):
                isHeld = try db.release(id, token, nextActionAt: nextActionAt)
                hints.insert(.work)
            }
            guard isHeld else { throw StorageError.leaseLost }
        }
    }

    package func keep(
        _ claims: [(build: BuildID, lease: LeaseToken)], until: Timestamp, at now: Timestamp
    ) async throws(StorageError) -> Set<BuildID> {
        try await writer.write { db, _ in
            var lost: Set<BuildID> = []
            for claim in claims where try !db.keep(claim.build, claim.lease, until: until) { lost.insert(claim.build) }
            return lost
        }
    }

    package func release(
        _ claims: [(build: BuildID, lease: LeaseToken, nextActionAt: Timestamp)], at now: Timestamp
    ) async throws(StorageError) {
        try await writer.write { db, hints in
            for claim in claims { _ = try db.release(claim.build, claim.lease, nextActionAt: claim.nextActionAt) }
            hints.insert(.work)
        }
    }

    package func nudge(_ id: BuildID, at now: Timestamp) async throws(StorageError) {
        try await writer.write { db, hints in
            let changed = try db.run(
                """
                UPDATE builds SET next_action_at = min(next_action_at, ?),
                    nudged_at = CASE WHEN lease_token IS NULL THEN NULL ELSE ? END
                WHERE id = ? AND \(Condition.underWay)
                """,
                [now.milliseconds, now.milliseconds, id.text])
            guard changed == 1 else { return }
            hints.formUnion([.build(id), .work])
        }
    }
}

extension Database {
    /// - Returns: whether the token is the row's.
    fileprivate func keep(_ id: BuildID, _ token: LeaseToken, until: Timestamp) throws -> Bool {
        try run(
            "UPDATE builds SET lease_expires_at = ? WHERE id = ? AND lease_token = ?",
            [until.milliseconds, id.text, token.text]) == 1
    }

    /// - Returns: whether the token was the row's.
    fileprivate func release(_ id: BuildID, _ token: LeaseToken, nextActionAt: Timestamp) throws -> Bool {
        try run(
            """
            UPDATE builds SET lease_token = NULL, lease_expires_at = NULL,
                next_action_at = min(?1, coalesce(nudged_at, ?1)), nudged_at = NULL
            WHERE id = ?2 AND lease_token = ?3
            """,
            [nextActionAt.milliseconds, id.text, token.text]) == 1
    }
}
