import GRDB
import TestSupport
import Testing

@testable import Storage

/// What workers and pages ask again and again is answered from indexes: it does not grow with the builds that have ended,
/// and the queue's rows are not read to count or to choose from it (P6).
@Suite struct QueryPlanTests {
    @Test(arguments: [
        "SELECT id, recipe FROM builds WHERE \(Condition.waiting) AND to_gather = 0 AND provider = 'a' "
            + "AND next_action_at <= 5 "
            + "ORDER BY priority DESC, turn_at, id",
        "SELECT min(next_action_at) FROM builds WHERE \(Condition.waiting)",
        "SELECT provider, recipe, min(next_action_at) FROM builds WHERE \(Condition.waiting) GROUP BY provider, recipe",
        "SELECT provider, recipe, count(*) FROM builds WHERE \(Condition.placed) GROUP BY provider, recipe",
        "SELECT source, count(*) FROM builds WHERE \(Condition.gathering) GROUP BY source",
        "SELECT count(*) FROM builds WHERE \(Condition.waiting)",
        "SELECT count(*) FROM builds WHERE \(Condition.following)",
        "SELECT follows FROM builds WHERE \(Condition.following)",
        "SELECT count(*) FROM builds WHERE \(Condition.unconfirmed)",
        "SELECT state, count(*) FROM builds WHERE \(Condition.unconfirmed) GROUP BY state",
        "SELECT count(*) FROM outbox WHERE status = 'refused'",
        "SELECT min(created_at) FROM outbox INDEXED BY outbox_waiting WHERE status = 'waiting'",
        "SELECT domain FROM mail_domains WHERE due_at <= 5 ORDER BY due_at, domain",
        "SELECT started_at FROM mail_starts WHERE domain = 'a' AND started_at > 1 AND started_at <= 2 "
            + "ORDER BY started_at DESC LIMIT 1 OFFSET 4",
        "SELECT count(*) FROM tries WHERE outcome = 'accepted' AND tried_at > 1 AND tried_at <= 2",
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

    @Test func `what is to be gathered for is found in its order`() throws {
        let plan = try plan(
            of: "SELECT id, provider, source FROM builds WHERE \(Condition.waiting) AND to_gather = 1 "
                + "AND next_action_at <= 5 ORDER BY priority DESC, turn_at, id")
        #expect(plan.contains { $0.contains("builds_to_gather") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test(arguments: [
        (
            "outbox_due",
            "SELECT * FROM outbox WHERE status = 'waiting' AND domain = 'a' AND due_at <= 5 ORDER BY due_at, id"
        ),
        (
            "outbox_due",
            "SELECT domain, due_at FROM outbox WHERE status = 'waiting' AND domain = 'a' ORDER BY due_at, id LIMIT 1"
        ),
        (
            "outbox_under_way",
            "SELECT lease_expires_at FROM outbox WHERE domain = 'a' AND lease_token IS NOT NULL "
                + "AND lease_expires_at > 5 ORDER BY lease_expires_at DESC LIMIT 1 OFFSET 3"
        ),
        (
            "outbox_confirmations",
            "SELECT created_at FROM outbox WHERE cause = 'confirmation' AND address_key = 'a' AND created_at > 5 "
                + "ORDER BY created_at DESC LIMIT 1 OFFSET 3"
        ),
        ("outbox_status", "SELECT * FROM outbox WHERE status = 'bounced' AND id < '~' ORDER BY id DESC LIMIT 5"),
        ("outbox_address", "SELECT * FROM outbox WHERE id < '~' AND address_key = 'a' ORDER BY id DESC LIMIT 5"),
    ])
    func `an index finds the mails, in their order`(index: String, sql: String) throws {
        let plan = try plan(of: sql)
        #expect(plan.contains { $0.hasPrefix("SEARCH outbox USING") && $0.contains(index) }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test func `an index finds the builds whose time to be confirmed is over`() throws {
        let plan = try plan(
            of:
                "SELECT id FROM builds WHERE \(Condition.unconfirmed) AND confirm_by <= 5 ORDER BY confirm_by, id LIMIT 5"
        )
        #expect(plan.contains { $0.contains("builds_unconfirmed (confirm_by") }, "\(plan)")
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
