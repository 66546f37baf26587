package import Domain
import GRDB

extension SQLiteStore {
    package func followersDue(limit: Int) async throws(StorageError) -> [(follower: Build, leader: Build)] {
        try await read { db in
            let pairs = try db.rows(
                """
                SELECT follower.id, leader.id FROM builds AS leader JOIN builds AS follower ON follower.follows = leader.id
                WHERE leader.id IN (SELECT follows FROM builds WHERE \(Condition.following))
                    AND leader.finished_at IS NOT NULL
                ORDER BY leader.finished_at, follower.id LIMIT ?
                """,
                [limit]
            ) { (follower: BuildID(unchecked: try $0.text()), leader: BuildID(unchecked: try $0.text())) }
            let ids = Set(pairs.flatMap { [$0.follower, $0.leader] })
            let builds = Dictionary(
                try db.storedBuilds(Array(ids)).map { ($0.build.id, $0.build) }, uniquingKeysWith: { first, _ in first }
            )
            return pairs.compactMap { pair in
                guard let follower = builds[pair.follower], let leader = builds[pair.leader] else { return nil }
                return (follower: follower, leader: leader)
            }
        }
    }

    package func unfollow(_ id: BuildID, at now: Timestamp) async throws(StorageError) {
        try await writer.write { db, hints in
            guard let turn = try db.turn(ofFollower: id, at: now) else { return }
            try db.run(
                """
                UPDATE builds SET follows = NULL, queued_at = ?, turn_at = ?, next_action_at = ?
                WHERE id = ? AND \(Condition.following)
                """,
                [now.milliseconds, turn.milliseconds, now.milliseconds, id.text])
            try db.note(.unfollowed, nil, of: id, at: now)
            hints.formUnion([.build(id), .work])
        }
    }

    package func recordInputFetched(
        _ name: String, by attempt: Attempt, of id: BuildID, at now: Timestamp
    ) async throws(StorageError) {
        try await writer.write { db, hints in
            // An attempt's entries are those since it was claimed.
            let isNew = try db.integer(
                """
                SELECT count(*) FROM builds WHERE id = ?1 AND attempt_number = ?2 AND attempt_key = ?3
                    AND NOT EXISTS (
                        SELECT 1 FROM timeline WHERE build = ?1 AND event = 'inputFetched' AND note = ?4
                            AND sequence > (
                                SELECT max(sequence) FROM timeline WHERE build = ?1 AND event = 'claimed'))
                """,
                [id.text, attempt.number, attempt.key, name])
            guard isNew == 1 else { return }
            try db.note(.inputFetched, name, of: id, at: now)
            hints.insert(.build(id))
        }
    }

    package func route(
        _ recipe: RecipeID, to provider: String, at now: Timestamp
    ) async throws(StorageError) -> Int {
        try await writer.write { db, hints in
            var routed: [BuildID] = []
            // One part for each index.
            for condition in [Condition.waiting, Condition.following, Condition.unconfirmed] {
                routed += try db.rows(
                    "UPDATE builds SET provider = ?1 WHERE \(condition) AND recipe = ?2 AND provider <> ?1 RETURNING id",
                    [provider, recipe.text]
                ) { BuildID(unchecked: try $0.text()) }
            }
            guard !routed.isEmpty else { return 0 }
            hints.insert(.work)
            for id in routed { hints.insert(.build(id)) }
            return routed.count
        }
    }
}

extension Database {
    /// Writes a timeline entry that moves no state.
    func note(_ fact: TimelineEntry.Fact, _ note: String?, of id: BuildID, at now: Timestamp) throws {
        try run("UPDATE builds SET sequence = sequence + 1 WHERE id = ?", [id.text])
        let row = try firstRow("SELECT sequence, state FROM builds WHERE id = ?", [id.text]) {
            (sequence: try $0.integer(), state: try $0.name(BuildState.Name.self))
        }
        guard let row else { throw StorageError.unknownBuild(id) }
        try append(
            TimelineEntry(sequence: row.sequence, at: now, state: row.state, event: fact.rawValue, note: note), to: id)
    }
}
