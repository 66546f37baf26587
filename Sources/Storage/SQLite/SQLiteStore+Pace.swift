package import Domain
import GRDB

extension SQLiteStore {
    package func nextActionAt() async throws(StorageError) -> Timestamp? {
        try await read { db in
            try db.earliest(db.firstWaitingDue(), db.firstOtherDue())
        }
    }

    package func nextActionAt(for slots: StartSlots, at now: Timestamp) async throws(StorageError) -> Timestamp? {
        guard !slots.triggersPerMinute.isEmpty || !slots.recipeTriggersPerMinute.isEmpty else {
            return try await nextActionAt()
        }
        return try await read { db in
            var next = try db.firstOtherDue()
            for some in try db.firstDueOfEach() {
                var dueAt = some.dueAt
                if let most = slots.triggersPerMinute[some.provider] {
                    guard let free = try db.nextPlace(under: most, at: .provider(some.provider), now) else { continue }
                    dueAt = max(dueAt, free)
                }
                if let most = slots.recipeTriggersPerMinute[some.recipe] {
                    guard let free = try db.nextPlace(under: most, at: .recipe(some.recipe), now) else { continue }
                    dueAt = max(dueAt, free)
                }
                next = db.earliest(next, dueAt)
            }
            return next
        }
    }
}

/// How many attempts were begun within the last minute, where somebody wants to know.
struct BegunAttempts {
    var atProvider: [String: Int] = [:]
    var ofRecipe: [RecipeID: Int] = [:]
}

/// What a pace is kept for.
enum PacedBy {
    case provider(String)
    case recipe(RecipeID)

    fileprivate var column: String {
        switch self {
        case .provider: "provider"
        case .recipe: "recipe"
        }
    }

    fileprivate var name: String {
        switch self {
        case .provider(let name): name
        case .recipe(let id): id.text
        }
    }
}

extension Database {
    private static let minute = Duration.seconds(60)
    /// Rows from further ahead are from before the clock was set back: they hold nobody back.
    private static let withinTheMinute = "started_at > ? AND started_at <= ?"

    func begun(for slots: StartSlots, at now: Timestamp) throws -> BegunAttempts {
        var begun = BegunAttempts()
        for provider in slots.triggersPerMinute.keys {
            begun.atProvider[provider] = try countBegun(at: .provider(provider), now)
        }
        for recipe in slots.recipeTriggersPerMinute.keys {
            begun.ofRecipe[recipe] = try countBegun(at: .recipe(recipe), now)
        }
        return begun
    }

    private func countBegun(at pace: PacedBy, _ now: Timestamp) throws -> Int {
        Int(
            try integer(
                "SELECT count(*) FROM starts WHERE \(pace.column) = ? AND \(Self.withinTheMinute)",
                [pace.name, (now - Self.minute).milliseconds, (now + Self.minute).milliseconds]))
    }

    /// When one more attempt may begin; `nil`: never.
    fileprivate func nextPlace(under most: Int, at pace: PacedBy, _ now: Timestamp) throws -> Timestamp? {
        guard most > 0 else { return nil }
        let holding = try firstRow(
            """
            SELECT started_at FROM starts WHERE \(pace.column) = ? AND \(Self.withinTheMinute)
            ORDER BY started_at DESC LIMIT 1 OFFSET ?
            """,
            [pace.name, (now - Self.minute).milliseconds, (now + Self.minute).milliseconds, most - 1]
        ) { try $0.moment() }
        return holding.map { $0 + Self.minute } ?? now
    }

    func count(_ attempt: Attempt, of build: Build, at now: Timestamp) throws {
        try run(
            """
            INSERT INTO starts (attempt_key, provider, recipe, started_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (attempt_key) DO NOTHING
            """,
            [attempt.key, build.provider, build.recipe.text, now.milliseconds])
    }

    func forgetStarts(at now: Timestamp) throws {
        try run("DELETE FROM starts WHERE started_at <= ?", [(now - Self.minute).milliseconds])
        try run("DELETE FROM starts WHERE started_at > ?", [(now + Self.minute).milliseconds])
    }

    fileprivate func firstWaitingDue() throws -> Timestamp? {
        try firstRow("SELECT min(next_action_at) FROM builds WHERE \(Condition.waiting)") { try $0.momentOrNil() }
            ?? nil
    }

    fileprivate func firstDueOfEach() throws -> [(provider: String, recipe: RecipeID, dueAt: Timestamp)] {
        try rows(
            """
            SELECT provider, recipe, min(next_action_at) FROM builds WHERE \(Condition.waiting)
            GROUP BY provider, recipe
            """
        ) { row in
            (
                provider: try row.text(), recipe: RecipeID(unchecked: try row.text()), dueAt: try row.moment()
            )
        }
    }

    /// Of the builds under way and the followers.
    fileprivate func firstOtherDue() throws -> Timestamp? {
        try firstRow(
            """
            SELECT min(due_at) FROM (
                SELECT min(max(next_action_at, coalesce(lease_expires_at, next_action_at))) AS due_at FROM builds
                WHERE \(Condition.underWay)
                UNION ALL
                SELECT min(finished_at) FROM builds
                WHERE id IN (SELECT follows FROM builds WHERE \(Condition.following)) AND finished_at IS NOT NULL)
            """
        ) { try $0.momentOrNil() } ?? nil
    }

    fileprivate func earliest(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? {
        [one, other].compactMap { $0 }.min()
    }
}
