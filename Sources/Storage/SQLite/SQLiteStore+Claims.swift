package import Domain
import GRDB

extension SQLiteStore {
    package func startDue(
        _ slots: StartSlots, limit: Int, leaseFor: Duration, at now: Timestamp
    ) async throws(StorageError) -> [ClaimedBuild] {
        try await writer.write { db, hints in
            var choice = StartChoice(
                slots: slots, underWay: try db.underWay(), begun: try db.begun(for: slots, at: now), limit: limit)
            for provider in slots.perProvider.keys.sorted() where choice.hasRoom(at: provider) {
                try db.chooseWaiting(at: provider, due: now, &choice)
            }
            var claimed: [ClaimedBuild] = []
            for id in try db.chooseToGather(slots, limit: limit - choice.chosen.count, due: now) + choice.chosen {
                let (build, writes) = try db.start(id, leaseFor: leaseFor, at: now)
                hints.formUnion(writes.hints.subtracting([.work]))
                claimed.append(build)
            }
            if !claimed.isEmpty { try db.forgetStarts(at: now) }
            return claimed
        }
    }

    package func claimDue(limit: Int, leaseFor: Duration, at now: Timestamp) async throws(StorageError)
        -> [ClaimedBuild]
    {
        try await writer.write { db, _ in
            try db.storedBuilds(dueAt: now, limit: limit).map { stored in
                let lease = Self.newLease(for: leaseFor, at: now)
                try db.run(
                    "UPDATE builds SET lease_token = ?, lease_expires_at = ?, nudged_at = NULL WHERE id = ?",
                    [lease.token.text, lease.expiresAt.milliseconds, stored.build.id.text])
                return ClaimedBuild(build: stored.build, lease: lease.token)
            }
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

    /// - Parameters:
    ///   - underWay: how many are under way of each recipe at each provider.
    ///   - begun: the attempts begun within the last minute.
    init(
        slots: StartSlots, underWay: [(provider: String, recipe: RecipeID, count: Int)], begun: BegunAttempts,
        limit: Int
    ) {
        freeAtProvider = slots.perProvider
        freeForRecipe = slots.perRecipe
        left = limit
        for some in underWay {
            freeAtProvider[some.provider]? -= some.count
            freeForRecipe[some.recipe]? -= some.count
        }
        for (provider, most) in slots.triggersPerMinute {
            let allowed = most - begun.atProvider[provider, default: 0]
            freeAtProvider[provider] = freeAtProvider[provider].map { min($0, allowed) }
        }
        for (recipe, most) in slots.recipeTriggersPerMinute {
            let allowed = most - begun.ofRecipe[recipe, default: 0]
            freeForRecipe[recipe] = min(freeForRecipe[recipe] ?? allowed, allowed)
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
    fileprivate func underWay() throws -> [(provider: String, recipe: RecipeID, count: Int)] {
        try rows("SELECT provider, recipe, count(*) FROM builds WHERE \(Condition.placed) GROUP BY provider, recipe") {
            (
                provider: try $0.text(), recipe: RecipeID(unchecked: try $0.text()), count: Int(try $0.integer())
            )
        }
    }

    fileprivate func chooseWaiting(at provider: String, due now: Timestamp, _ choice: inout StartChoice) throws {
        let waiting = try Row.fetchCursor(
            try cachedStatement(
                sql: """
                    SELECT id, recipe FROM builds
                    WHERE \(Condition.waiting) AND to_gather = 0 AND provider = ? AND next_action_at <= ?
                    ORDER BY priority DESC, turn_at, id
                    """),
            arguments: [provider, now.milliseconds])
        while choice.hasRoom(at: provider), let row = try waiting.next() {
            var reader = RowReader(row)
            let id = BuildID(unchecked: try reader.text())
            choice.offer(id, of: RecipeID(unchecked: try reader.text()), at: provider)
        }
    }

    /// Those that are to be gathered for, in the queue's order, as far as there are places for that.
    fileprivate func chooseToGather(_ slots: StartSlots, limit: Int, due now: Timestamp) throws -> [BuildID] {
        let taken = try rows("SELECT source, count(*) FROM builds WHERE \(Condition.gathering) GROUP BY source") {
            (source: try $0.textOrNil(), count: Int(try $0.integer()))
        }
        var left = min(limit, slots.gathering - taken.reduce(0) { $0 + $1.count })
        guard left > 0 else { return [] }
        var ofSource = Dictionary(uniqueKeysWithValues: taken.map { ($0.source, $0.count) })
        var chosen: [BuildID] = []
        let waiting = try Row.fetchCursor(
            try cachedStatement(
                sql: """
                    SELECT id, provider, source FROM builds
                    WHERE \(Condition.waiting) AND to_gather = 1 AND next_action_at <= ?
                    ORDER BY priority DESC, turn_at, id
                    """),
            arguments: [now.milliseconds])
        while left > 0, let row = try waiting.next() {
            var reader = RowReader(row)
            let id = BuildID(unchecked: try reader.text())
            guard slots.perProvider[try reader.text()] != nil else { continue }
            let source = try reader.textOrNil()
            guard ofSource[source, default: 0] < slots.gatheringPerSource else { continue }
            ofSource[source, default: 0] += 1
            left -= 1
            chosen.append(id)
        }
        return chosen
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
