package import Domain
import GRDB

extension SQLiteStore {
    package func build(_ id: BuildID) async throws(StorageError) -> Build? {
        try await read { db in try db.storedBuild(id)?.build }
    }

    package func build(withRun id: String, at provider: String) async throws(StorageError) -> BuildID? {
        try await read { db in
            try db.firstRow(
                "SELECT id FROM builds WHERE \(Condition.underWay) AND run_id = ? AND run_provider = ? ORDER BY id DESC",
                [id, provider]
            ) { BuildID(unchecked: try $0.text()) }
        }
    }

    package func builds(before: BuildID?, limit: Int) async throws(StorageError) -> [Build] {
        try await read { db in try db.storedBuilds(before: before, limit: limit).map(\.build) }
    }

    package func timeline(of id: BuildID, after sequence: Int64) async throws(StorageError) -> [TimelineEntry] {
        try await read { db in
            try db.rows(
                """
                SELECT sequence, entered_at, state, event, note, percent FROM timeline
                WHERE build = ? AND sequence > ? ORDER BY sequence
                """,
                [id.text, sequence]
            ) { row in
                TimelineEntry(
                    sequence: try row.integer(), at: try row.moment(), state: try row.name(BuildState.Name.self),
                    event: try row.text(), note: try row.textOrNil(), percent: try row.integerOrNil().map(Int.init))
            }
        }
    }

    package func overdueInQueue(
        waitLimits: [RecipeID: Duration], at now: Timestamp
    ) async throws(StorageError) -> [BuildID] {
        try await read { db in
            try waitLimits.sorted { $0.key < $1.key }.flatMap { recipe, limit in
                try db.rows(
                    """
                    SELECT id FROM builds WHERE \(Condition.waiting) AND recipe = ? AND queued_at < ?
                    ORDER BY queued_at, id
                    """,
                    [recipe.text, (now - limit).milliseconds]
                ) { BuildID(unchecked: try $0.text()) }
            }
        }
    }

    package func knownUploads(among ids: [UploadID]) async throws(StorageError) -> Set<UploadID> {
        try await read { db in
            try Set(
                ids.filter { id in
                    try db.firstRow("SELECT id FROM uploads WHERE id = ?", [id.text]) { try $0.text() } != nil
                })
        }
    }

    package func queuePlace(of id: BuildID) async throws(StorageError) -> QueuePlace? {
        try await read { db in
            let mine = try db.firstRow(
                "SELECT provider, priority, turn_at FROM builds WHERE id = ? AND \(Condition.waiting)", [id.text]
            ) { (provider: try $0.text(), priority: try $0.integer(), turn: try $0.integer()) }
            guard let mine else { return nil }
            // Three ranges of one index instead of one condition with OR, which would read the whole queue.
            let queue = "SELECT count(*) FROM builds WHERE \(Condition.waiting) AND provider = ?"
            let before = try db.integer(
                """
                SELECT (\(queue) AND priority > ?) + (\(queue) AND priority = ? AND turn_at < ?)
                    + (\(queue) AND priority = ? AND turn_at = ? AND id < ?)
                """,
                [
                    mine.provider, mine.priority, mine.provider, mine.priority, mine.turn, mine.provider,
                    mine.priority, mine.turn, id.text,
                ])
            // They come back to the places in the queue that they had.
            let gathering = try db.integer(
                """
                SELECT count(*) FROM builds
                WHERE \(Condition.gathering) AND provider = ?
                    AND (priority > ? OR priority = ? AND (turn_at < ? OR turn_at = ? AND id < ?))
                """,
                [mine.provider, mine.priority, mine.priority, mine.turn, mine.turn, id.text])
            let underWay = try db.integer(
                "SELECT count(*) FROM builds WHERE \(Condition.placed) AND provider = ?", [mine.provider])
            return QueuePlace(waitingBefore: Int(before + gathering), underWay: Int(underWay))
        }
    }

    package func durations(of recipe: RecipeID, limit: Int) async throws(StorageError) -> [Duration] {
        try await read { db in
            try db.rows(
                """
                SELECT started_at, finished_at FROM builds WHERE state = 'succeeded' AND started_at IS NOT NULL
                    AND recipe = ?
                ORDER BY finished_at DESC LIMIT ?
                """,
                [recipe.text, limit]
            ) { row in
                let startedAt = try row.moment()
                return try row.moment() - startedAt
            }
        }
    }

    package func counts() async throws(StorageError) -> [BuildState.Name: Int] {
        try await read { db in
            // One part for each index that has the state.
            let counts = try db.rows(
                """
                SELECT state, count(*) FROM builds WHERE \(Condition.waiting) GROUP BY state
                UNION ALL SELECT state, count(*) FROM builds WHERE \(Condition.following) GROUP BY state
                UNION ALL SELECT state, count(*) FROM builds WHERE \(Condition.unconfirmed) GROUP BY state
                UNION ALL SELECT state, count(*) FROM builds WHERE \(Condition.underWay) GROUP BY state
                UNION ALL SELECT state, count(*) FROM builds WHERE finished_at IS NOT NULL GROUP BY state
                """
            ) { row in
                (try row.name(BuildState.Name.self), Int(try row.integer()))
            }
            return Dictionary(counts, uniquingKeysWith: +)
        }
    }

    package func backlog() async throws(StorageError) -> [String: (waiting: Int, underWay: Int)] {
        try await read { db in
            var backlog: [String: (waiting: Int, underWay: Int)] = [:]
            let queue = "SELECT provider, count(*) FROM builds WHERE \(Condition.waiting) GROUP BY provider"
            for (provider, count) in try db.rows(queue, [], { (try $0.text(), Int(try $0.integer())) }) {
                backlog[provider, default: (0, 0)].waiting = count
            }
            let gathering = "SELECT provider, count(*) FROM builds WHERE \(Condition.gathering) GROUP BY provider"
            for (provider, count) in try db.rows(gathering, [], { (try $0.text(), Int(try $0.integer())) }) {
                backlog[provider, default: (0, 0)].waiting += count
            }
            let underWay = "SELECT provider, count(*) FROM builds WHERE \(Condition.placed) GROUP BY provider"
            for (provider, count) in try db.rows(underWay, [], { (try $0.text(), Int(try $0.integer())) }) {
                backlog[provider, default: (0, 0)].underWay = count
            }
            return backlog
        }
    }

    package func group(of id: BuildID) async throws(StorageError) -> [Build] {
        try await read { db in try db.group(of: id) }
    }

    package func source(of id: BuildID) async throws(StorageError) -> String? {
        try await read { db in
            try db.firstRow("SELECT source FROM builds WHERE id = ?", [id.text]) { try $0.textOrNil() } ?? nil
        }
    }

    package func probe() async throws(StorageError) {
        try await writer.write { db, _ in
            _ = try db.run("UPDATE probe SET count = count + 1 WHERE id = 1")
        }
        _ = try await counts()
    }

    /// Reads the whole file and its references through; for `kiln doctor`. Slow on a large database.
    /// - Throws: `.corrupt` with the first faults.
    package func checkIntegrity() async throws(StorageError) {
        try await read { db in try DatabaseFile.checkIntegrity(db) }
    }
}

extension Database {
    /// The build, or all of the group that it leads or belongs to, the lead first; none if there is no such build.
    func group(of id: BuildID) throws -> [Build] {
        guard let build = try storedBuild(id)?.build else { return [] }
        guard let lead = build.group else { return [build] }
        return try storedBuilds(ledBy: lead).map(\.build)
    }
}
