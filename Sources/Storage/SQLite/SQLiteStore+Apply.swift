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
            let changed: Int
            switch lease {
            case .keep(let token, let until):
                changed = try db.run(
                    "UPDATE builds SET lease_expires_at = ? WHERE id = ? AND lease_token = ?",
                    [until.milliseconds, id.text, token.text])
            case .release(let token, let nextActionAt):
                changed = try db.run(
                    """
                    UPDATE builds SET lease_token = NULL, lease_expires_at = NULL, next_action_at = ?
                    WHERE id = ? AND lease_token = ?
                    """,
                    [nextActionAt.milliseconds, id.text, token.text])
                hints.insert(.work)
            }
            guard changed == 1 else { throw StorageError.leaseLost }
        }
    }
}
