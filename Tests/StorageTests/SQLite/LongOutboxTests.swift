import Domain
import GRDB
import TestSupport
import Testing

@testable import Storage

/// A domain that is held back costs the others nothing, however much waits for it (P6).
@Suite struct LongOutboxTests {
    @Test func `a claim steps over a held domain and its hundred thousand mails at once`() throws {
        let directory = try TemporaryDirectory()
        let pool = try DatabaseFile.open(path: directory.path("long.sqlite"))
        defer { try? pool.close() }
        let now = Timestamp(milliseconds: 5_000_000)
        try pool.write { db in
            try db.execute(sql: MigrationRows.sql(at: 3))
            try db.execute(
                sql: """
                    DELETE FROM tries; DELETE FROM outbox; DELETE FROM mail_domains;
                    INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, language, priority, retention_ms,
                        source_until, state, attempts_used, created_at, queued_at, turn_at, next_action_at, sequence,
                        number)
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                    SELECT printf('02%024d', i), 'sample', 'd', 'local', '{}', 'en', 0, 1, 1, 'queued', 0, 1, 1, 1, 1, 1, i
                    FROM n;
                    INSERT INTO outbox (id, build, cause, kind, address, address_key, domain, language, status, attempts,
                        created_at, patience_since, next_try_at)
                    SELECT id, id, 'ended', 'failed', 'a@x', 'a@x', iif(id LIKE '%99', 'quick.example', 'slow.example'),
                        'en', 'waiting', 0, 1, 1, 1000 + rowid FROM builds WHERE id LIKE '02%';
                    """)
        }
        let (domains, domain, next) = try pool.read { db in
            // What a claim looks through; a domain's own mails stand in its index (`QueryPlanTests`).
            let domains = try db.integer("SELECT count(*) FROM mail_domains")
            let pace = MailPace(perDomainPerMinute: 5, perDomainAtOnce: 5, perHour: 5)
            return (
                domains, try db.firstDueDomain(except: ["slow.example"], at: now), try db.firstMailDue(pace, now)
            )
        }
        #expect(domains == 2)
        #expect(domain == "quick.example")
        #expect(next == Timestamp(milliseconds: 1002))
    }
}
