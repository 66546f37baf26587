package import Domain
import GRDB

extension SQLiteStore {
    package func startDue(
        _ slots: StartSlots, limit: Int, leaseFor: Duration, at now: Timestamp
    ) async throws(StorageError) -> [ClaimedBuild] {
        try await writer.write { db, hints in
            var choice = StartChoice(slots: slots, underWay: try db.underWay(), limit: limit)
            for provider in slots.perProvider.keys.sorted() where choice.hasRoom(at: provider) {
                try db.chooseWaiting(at: provider, due: now, &choice)
            }
            var claimed: [ClaimedBuild] = []
            for id in choice.chosen {
                let (build, writes) = try db.start(id, leaseFor: leaseFor, at: now)
                hints.formUnion(writes.hints.subtracting([.work]))
                claimed.append(build)
            }
            return claimed
        }
    }

    package func claimDue(limit: Int, leaseFor: Duration, at now: Timestamp) async throws(StorageError)
        -> [ClaimedBuild]
    {
        try await writer.write { db, _ in
            let ids = try db.rows(
                """
                SELECT id FROM builds WHERE \(Condition.underWay) AND next_action_at <= ? AND \(Condition.unleased)
                ORDER BY next_action_at LIMIT ?
                """,
                [now.milliseconds, now.milliseconds, limit]
            ) { BuildID(unchecked: try $0.text()) }
            return try ids.map { id in
                let lease = Self.newLease(for: leaseFor, at: now)
                try db.run(
                    "UPDATE builds SET lease_token = ?, lease_expires_at = ? WHERE id = ?",
                    [lease.token.text, lease.expiresAt.milliseconds, id.text])
                guard let stored = try db.storedBuild(id) else { throw StorageError.unknownBuild(id) }
                return ClaimedBuild(build: stored.build, lease: lease.token)
            }
        }
    }

    package func nextActionAt() async throws(StorageError) -> Timestamp? {
        try await read { db in
            try db.firstRow(
                """
                SELECT min(due_at) FROM (
                    SELECT min(next_action_at) AS due_at FROM builds WHERE \(Condition.queued)
                    UNION ALL
                    SELECT min(max(next_action_at, coalesce(lease_expires_at, next_action_at))) FROM builds
                    WHERE \(Condition.underWay))
                """
            ) { try $0.momentOrNil() } ?? nil
        }
    }

    static func newLease(for span: Duration, at now: Timestamp) -> StoredBuild.Lease {
        var generator = SystemRandomNumberGenerator()
        return StoredBuild.Lease(token: .make(at: now, using: &generator), expiresAt: now + span)
    }
}

/// Which waiting builds get the free places; knows no database.
struct StartChoice {
    private var freeAtProvider: [String: Int]
    private var freeForRecipe: [RecipeID: Int]
    private var left: Int
    private(set) var chosen: [BuildID] = []

    init(slots: StartSlots, underWay: [(provider: String, recipe: RecipeID)], limit: Int) {
        freeAtProvider = slots.perProvider
        freeForRecipe = slots.perRecipe
        left = limit
        for build in underWay {
            freeAtProvider[build.provider]? -= 1
            freeForRecipe[build.recipe]? -= 1
        }
    }

    func hasRoom(at provider: String) -> Bool {
        left > 0 && freeAtProvider[provider, default: 0] > 0
    }

    mutating func offer(_ id: BuildID, of recipe: RecipeID, at provider: String) {
        guard hasRoom(at: provider), freeForRecipe[recipe, default: 1] > 0 else { return }
        freeAtProvider[provider]? -= 1
        freeForRecipe[recipe]? -= 1
        left -= 1
        chosen.append(id)
    }
}

extension Database {
    fileprivate func underWay() throws -> [(provider: String, recipe: RecipeID)] {
        try rows("SELECT provider, recipe FROM builds WHERE \(Condition.underWay)") { row in
            (provider: try row.text(), recipe: RecipeID(unchecked: try row.text()))
        }
    }

    fileprivate func chooseWaiting(at provider: String, due now: Timestamp, _ choice: inout StartChoice) throws {
        let waiting = try Row.fetchCursor(
            try cachedStatement(
                sql: """
                    SELECT id, recipe FROM builds
                    WHERE \(Condition.queued) AND provider = ? AND next_action_at <= ?
                    ORDER BY priority DESC, turn_at, id
                    """),
            arguments: [provider, now.milliseconds])
        while choice.hasRoom(at: provider), let row = try waiting.next() {
            var reader = RowReader(row)
            let id = BuildID(unchecked: try reader.text())
            choice.offer(id, of: RecipeID(unchecked: try reader.text()), at: provider)
        }
    }

    fileprivate func start(
        _ id: BuildID, leaseFor: Duration, at now: Timestamp
    ) throws -> (ClaimedBuild, TransitionWrites) {
        guard let stored = try storedBuild(id), case .queued(let used) = stored.build.state else {
            throw StorageError.unknownBuild(id)
        }
        var generator = SystemRandomNumberGenerator()
        var writes = try TransitionWrites(
            .claimed(Attempt(number: used + 1, of: id)), on: stored, policy: BuildPolicy(maxAttempts: used + 1),
            lease: nil, at: now, using: &generator)
        let lease = SQLiteStore.newLease(for: leaseFor, at: now)
        writes.after.lease = lease
        try write(writes, at: now)
        return (ClaimedBuild(build: writes.after.build, lease: lease.token), writes)
    }
}
