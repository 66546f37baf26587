import GRDB
import TestSupport
import Testing

@testable import Storage

/// What workers and pages ask again and again is answered from indexes: it does not grow with the builds that have ended,
/// and the queue's rows are not read to count or to choose from it (P6).
@Suite struct QueryPlanTests {
    @Test(arguments: [
        "SELECT id, recipe FROM builds WHERE \(Condition.waiting) AND provider = 'a' AND next_action_at <= 5 "
            + "ORDER BY priority DESC, turn_at, id",
        "SELECT min(next_action_at) FROM builds WHERE \(Condition.waiting)",
        "SELECT provider, recipe, min(next_action_at) FROM builds WHERE \(Condition.waiting) GROUP BY provider, recipe",
        "SELECT provider, recipe, count(*) FROM builds WHERE \(Condition.underWay) GROUP BY provider, recipe",
        "SELECT count(*) FROM builds WHERE \(Condition.waiting)",
        "SELECT count(*) FROM builds WHERE \(Condition.following)",
        "SELECT follows FROM builds WHERE \(Condition.following)",
        "SELECT count(*) FROM starts WHERE provider = 'a' AND started_at > 1 AND started_at <= 2",
        "SELECT count(*) FROM starts WHERE recipe = 'a' AND started_at > 1 AND started_at <= 2",
    ])
    func `an index alone answers`(sql: String) throws {
        let plan = try plan(of: sql)
        #expect(plan.contains { $0.contains("COVERING INDEX") }, "\(plan)")
    }

    @Test(arguments: [
        (
            "builds_under_way",
            "SELECT * FROM builds WHERE \(Condition.underWay) AND next_action_at <= 5 "
                + "ORDER BY next_action_at LIMIT 5"
        ),
        ("builds_group", "SELECT * FROM builds WHERE lead = 'a' ORDER BY place"),
        (
            "builds_reuse",
            "SELECT id FROM builds WHERE reuse_key = 'a' AND follows IS NULL AND reused_from IS NULL "
                + "AND confirm_by IS NULL"
        ),
        (
            "builds_succeeded",
            "SELECT started_at, finished_at FROM builds WHERE state = 'succeeded' "
                + "AND started_at IS NOT NULL AND recipe = 'a' ORDER BY finished_at DESC LIMIT 5"
        ),
        ("builds_queue_recipe", "UPDATE builds SET provider = 'a' WHERE \(Condition.waiting) AND recipe = 'b'"),
    ])
    func `an index finds the rows`(index: String, sql: String) throws {
        let plan = try plan(of: sql)
        #expect(plan.contains { $0.hasPrefix("SEARCH builds USING") && $0.contains(index) }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    private func plan(of sql: String) throws -> [String] {
        let directory = try TemporaryDirectory()
        let pool = try DatabaseFile.open(path: directory.path("plan.sqlite"))
        defer { try? pool.close() }
        return try pool.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] }
        }
    }
}
