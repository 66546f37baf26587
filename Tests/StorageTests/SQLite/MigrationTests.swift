import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Storage

@Suite struct MigrationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private static let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "schema.sql")

    private func schema(of pool: DatabasePool) throws -> String {
        try pool.read { db in
            try db.rows(
                "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name"
            ) { try $0.text() + ";\n" }.joined(separator: "\n")
        }
    }

    /// A change here means that a released step was edited, or that a new one wants its schema written down:
    /// `KILN_WRITE_GOLDEN=1 swift test --filter MigrationTests`.
    @Test func `the schema is the one that is written down`() throws {
        let pool = try DatabaseFile.open(path: directory.path("new.sqlite"))
        let schema = try schema(of: pool)
        try pool.close()
        if ProcessInfo.processInfo.environment["KILN_WRITE_GOLDEN"] != nil {
            try Data(schema.utf8).write(to: Self.golden)
        }
        #expect(schema == (try String(contentsOf: Self.golden, encoding: .utf8)))
    }

    @Test func `steps are numbered without gaps`() {
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
    }

    @Test(arguments: 0...Migration.all.count)
    func `an earlier database is brought up to date with its rows`(version: Int) throws {
        let path = directory.path("old.sqlite")
        let earlier = Array(Migration.all.prefix(version))
        if version > 0 {
            let old = try DatabaseFile.open(path: path, migrations: earlier)
            try old.write { db in try db.execute(sql: MigrationRows.sql(at: version)) }
            try old.close()
        }
        let pool = try DatabaseFile.open(path: path)
        #expect(try schema(of: pool) == String(contentsOf: Self.golden, encoding: .utf8))
        let (newest, builds) = try pool.read { db in
            try DatabaseFile.checkIntegrity(db)
            return (try db.integer("PRAGMA user_version"), try db.storedBuilds(before: nil, limit: 100))
        }
        #expect(newest == Int64(Migration.all.count))
        #expect(builds.map(\.build.state.name) == MigrationRows.states(at: earlier.count))
        try pool.close()
    }

    @Test func `mails that were owed before are owed in English, and those of one domain stand together`() throws {
        let pool = try openWithRows(of: 2)
        let (deliveries, domains) = try pool.read { db in
            (
                try db.rows("\(Database.selectDelivery) ORDER BY id") { try $0.delivery() },
                try db.rows("SELECT domain, due_at FROM mail_domains") {
                    "\(try $0.text()) \(try $0.integer())"
                }
            )
        }
        let delivery = try #require(deliveries.first)
        #expect(deliveries.count == 1)
        #expect(delivery.language == .english && delivery.status == .waiting)
        #expect(delivery.patienceSince == delivery.createdAt)
        #expect(domains == ["example.org 2000"])
        try pool.close()
    }

    @Test func `builds of before are numbered as they were accepted, and the next one follows`() async throws {
        func numbers() throws -> [Int64] {
            let pool = try openWithRows(of: 2)
            defer { try? pool.close() }
            return try pool.read { db in
                try db.rows("SELECT number FROM builds ORDER BY created_at, id") { try $0.integer() }
            }
        }
        #expect(try numbers() == [1, 2, 3, 4, 5, 6])
        let store = try await SQLiteStore.open(path: directory.path("checks.sqlite"), notices: Notices())
        let fixture = StoreFixture(store: store, notices: Notices(), directory: directory)
        #expect(try await fixture.accept().number == 7)
        await store.close()
    }

    @Test(arguments: [
        "package = ''", "recipe = ''", "fingerprint = 'short'", "sealed = x''", "last_used_at = 1", "created_at = NULL",
    ])
    func `a key that contradicts itself is refused`(change: String) throws {
        let pool = try openWithRows(of: 4)
        #expect(throws: DatabaseError.self) {
            try pool.write { db in try db.execute(sql: "UPDATE signing_keys SET \(change)") }
        }
        try pool.close()
    }

    @Test func `a step that fails leaves the database at the one before`() throws {
        let path = directory.path("failing.sqlite")
        let failing = Migration(
            version: 2, sql: "CREATE TABLE half (id INTEGER) STRICT; CREATE TABLE builds (id TEXT);")
        #expect(throws: StorageError.self) {
            _ = try DatabaseFile.open(path: path, migrations: [.m0001Builds, failing])
        }
        let pool = try DatabaseFile.open(path: path, migrations: [.m0001Builds])
        #expect(try pool.read { try $0.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") } == 0)
        try pool.close()
    }

    /// Each pair of a state and a column that may not stand together is refused by the schema itself.
    @Test(arguments: [
        "state = 'dreaming'",
        "state = 'running'",
        "state = 'triggering', attempt_number = 1, attempt_key = 'k'",
        "state = 'running', attempt_number = 1, attempt_key = 'k', started_at = 1",
        "state = 'succeeded'",
        "state = 'cancelled', finished_at = 1, expires_at = 2",
        "state = 'failed', finished_at = 1, expires_at = 2, next_action_at = NULL",
        "finished_at = 1, expires_at = 2",
        "next_action_at = NULL",
        "lease_token = '00000000000000000000000000', lease_expires_at = 5",
        "attempt_number = 1, attempt_key = 'k'",
        "phase_label = 'x'",
        "files_removed_at = 5",
        "failure_kind = 'build', failure_message = 'x'",
        "attempts_used = -1",
        "inputs = 'not json'",
        "priority = 'high'",
        "sequence = 0",
        "failure_context = 'x'",
        "number = -1",
        "number = 2",
        "nudged_at = 5",
        "lead = id",
        "lead = id, place = 1",
        "lead = '01cccccccccccccccccccccccc', place = 0",
        "follows = id",
        "reused_from = '01cccccccccccccccccccccccc'",
        "address_key = NULL",
        "confirm_by = 5, follows = '01cccccccccccccccccccccccc'",
        "confirm_by = 5, attempts_used = 1",
        "confirm_by = 5, address = NULL, address_key = NULL",
        "confirm_by = 5, state = 'succeeded', started_at = 1, finished_at = 1, expires_at = 2, next_action_at = NULL",
        "reused_from = id, state = 'succeeded', finished_at = 1, expires_at = 2, next_action_at = NULL",
    ])
    func `a row that contradicts itself is refused`(change: String) throws {
        let pool = try openWithRows(of: 1)
        #expect(throws: DatabaseError.self) {
            try pool.write { db in try db.execute(sql: "UPDATE builds SET \(change) WHERE state = 'queued'") }
        }
        try pool.close()
    }

    @Test(arguments: [
        "cause = 'whim'",
        "cause = 'confirmation'",
        "kind = 'confirmation'",
        "status = 'accepted'",
        "status = 'accepted', settled_at = 5",
        "status = 'lost', settled_at = 5, next_try_at = NULL",
        "next_try_at = NULL",
        "transport = 'smtp'",
        "status = 'accepted', settled_at = 5, next_try_at = NULL, receipt = 'x'",
        "status = 'cancelled', settled_at = 5, next_try_at = NULL, lease_token = '0123456789abcdefghjkmnpqrs', "
            + "lease_expires_at = 9",
        "lease_token = '0123456789abcdefghjkmnpqrs'",
        "attempts = -1",
    ])
    func `a mail that contradicts itself is refused`(change: String) throws {
        let pool = try openWithRows(of: 1)
        #expect(throws: DatabaseError.self) {
            try pool.write { db in try db.execute(sql: "UPDATE outbox SET \(change)") }
        }
        try pool.close()
    }

    /// The newest schema, with rows that an earlier one wrote.
    private func openWithRows(of version: Int) throws -> DatabasePool {
        let path = directory.path("checks.sqlite")
        let old = try DatabaseFile.open(path: path, migrations: Array(Migration.all.prefix(version)))
        try old.write { db in try db.execute(sql: MigrationRows.sql(at: version)) }
        try old.close()
        return try DatabaseFile.open(path: path)
    }
}

/// Rows as each version of the schema wrote them; a new version gets a new case and the old ones stay.
enum MigrationRows {
    static func sql(at version: Int) -> String {
        switch version {
        case 1: version1
        case 2: version1 + version2
        case 3: version3
        case 4: version4
        case 5: version5
        case 6: version6
        default: ""
        }
    }

    /// Newest build first.
    static func states(at version: Int) -> [BuildState.Name] {
        switch version {
        case 1: [.failed, .running, .queued]
        case 2: [.running, .succeeded, .queued, .failed, .running, .queued]
        case 3: [.queued]
        case 4: [.queued]
        case 5: [.triggering]
        case 6: [.triggering]
        default: []
        }
    }

    private static let version6 = """
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, address_key, language, priority,
            retention_ms, source, source_until, state, attempts_used, attempt_number, attempt_key, created_at, queued_at,
            turn_at, started_at, next_action_at, sequence, number, to_gather)
        VALUES ('01pppppppppppppppppppppppp', 'sample', 'd', 'local', '{"values":[],"version":1}', NULL, NULL, 'en', 0,
            3600000, '192.0.2.1', 9000, 'triggering', 0, 1, 'key-6', 1000, 1000, 1000, 1100, 1200, 2, 8, 1);
        UPDATE counters SET value = 8;
        INSERT INTO timeline (build, sequence, entered_at, state, event, note)
        VALUES ('01pppppppppppppppppppppppp', 2, 1200, 'queued', 'gathered', NULL);
        """

    private static let version5 = """
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, address_key, language, priority,
            retention_ms, source, source_until, state, attempts_used, attempt_number, attempt_key, created_at, queued_at,
            turn_at, started_at, next_action_at, sequence, number)
        VALUES ('01nnnnnnnnnnnnnnnnnnnnnnnn', 'sample', 'd', 'local', '{"values":[],"version":1}', NULL,
            NULL, 'en', 0, 3600000, '192.0.2.1', 9000, 'triggering', 0, 1, 'key-5', 1000, 1000, 1000, 1100, 1200, 3, 8);
        UPDATE counters SET value = 8;
        INSERT INTO timeline (build, sequence, entered_at, state, event, note)
        VALUES ('01nnnnnnnnnnnnnnnnnnnnnnnn', 2, 1200, 'triggering', 'fetching', 'Fetching the data: 7 documents'),
            ('01nnnnnnnnnnnnnnnnnnnnnnnn', 3, 1300, 'triggering', 'fetched', '7 documents from example.org');
        """

    private static let version4 = """
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, address_key, language, priority,
            retention_ms, source, source_until, state, attempts_used, created_at, queued_at, turn_at, next_action_at,
            sequence, number)
        VALUES ('01mmmmmmmmmmmmmmmmmmmmmmmm', 'sample', 'd', 'local', '{"values":[],"version":1}', NULL,
            NULL, 'en', 0, 3600000, '192.0.2.1', 9000, 'queued', 0, 1000, 1000, 1000, 1000, 1, 7);
        UPDATE counters SET value = 7;
        INSERT INTO timeline (build, sequence, entered_at, state, event)
        VALUES ('01mmmmmmmmmmmmmmmmmmmmmmmm', 1, 1000, 'queued', 'accepted');
        INSERT INTO signing_keys (recipe, package, algorithm, fingerprint, sealed, created_at, last_used_at)
        VALUES ('sample', 'org.example.app', 'RSA 2048',
            '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', x'01', 1000, NULL);
        """

    private static let version3 = """
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, address_key, language, priority,
            retention_ms, source, source_until, state, attempts_used, created_at, queued_at, turn_at, next_action_at,
            sequence, confirm_by)
        VALUES ('01jjjjjjjjjjjjjjjjjjjjjjjj', 'sample', 'd', 'local', '{"values":[],"version":1}', 'J@example.org',
            'j@example.org', 'zh-Hans', 0, 3600000, '192.0.2.1', 9000, 'queued', 0, 1000, 1000, 1000, 1000, 1, 9000);
        INSERT INTO timeline (build, sequence, entered_at, state, event)
        VALUES ('01jjjjjjjjjjjjjjjjjjjjjjjj', 1, 1000, 'queued', 'accepted');
        INSERT INTO outbox (id, build, cause, kind, address, address_key, domain, language, status, attempts,
            created_at, patience_since, next_try_at)
        VALUES ('01kkkkkkkkkkkkkkkkkkkkkkkk', '01jjjjjjjjjjjjjjjjjjjjjjjj', 'confirmation', 'confirmation',
            'J@example.org', 'j@example.org', 'example.org', 'zh-Hans', 'waiting', 1, 1000, 1000, 2000);
        INSERT INTO tries (entry, number, tried_at, transport, outcome, words)
        VALUES ('01kkkkkkkkkkkkkkkkkkkkkkkk', 1, 1500, 'smtp', 'notNow', 'later');
        INSERT INTO mail_starts (entry, number, domain, started_at)
        VALUES ('01kkkkkkkkkkkkkkkkkkkkkkkk', 1, 'example.org', 1500);
        INSERT INTO confirmed_addresses (address_key, confirmed_until) VALUES ('k@example.org', 9000);
        INSERT INTO blocks (digest, blocked_until)
        VALUES ('0123456789012345678901234567890123456789012345678901234567890123', 9000);
        INSERT INTO suppressions (address_key, address, reason, words, suppressed_at, suppressed_until)
        VALUES ('l@example.org', 'L@example.org', 'bounced', '550', 1000, 9000);
        """

    private static let version2 = """
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, state,
            attempts_used, created_at, queued_at, turn_at, next_action_at, sequence, lead, place, target, follows,
            reuse_key)
        VALUES ('01ffffffffffffffffffffffff', 'sample', 'd', 'local', '{"values":[],"version":1}', 'a@example.org', 0,
            3600000, 'queued', 0, 1000, 1000, 1000, 1000, 1, '01ffffffffffffffffffffffff', 0, 'amd64',
            '01bbbbbbbbbbbbbbbbbbbbbbbb', 'key');
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, state,
            attempts_used, created_at, queued_at, turn_at, finished_at, expires_at, sequence, lead, place, target,
            reused_from, reuse_key)
        VALUES ('01gggggggggggggggggggggggg', 'sample', 'd', 'local', '{"values":[],"version":1}', 'a@example.org', 0,
            3600000, 'succeeded', 0, 1000, 1000, 1000, 2000, 3602000, 2, '01ffffffffffffffffffffffff', 1, 'i386',
            '01bbbbbbbbbbbbbbbbbbbbbbbb', 'key');
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, state,
            attempts_used, attempt_number, attempt_key, run_provider, run_id, run_url, created_at, queued_at, turn_at,
            started_at, next_action_at, lease_token, lease_expires_at, nudged_at, sequence)
        VALUES ('01hhhhhhhhhhhhhhhhhhhhhhhh', 'sample', 'd', 'github', '{"values":[],"version":1}', NULL, 5, 3600000,
            'running', 0, 1, '01hhhhhhhhhhhhhhhhhhhhhhhh-1', 'github', '77', NULL, 1000, 1500, 1000, 1200,
            1600, '0123456789abcdefghjkmnpqrs', 9000, 1700, 6);
        INSERT INTO timeline (build, sequence, entered_at, state, event, note)
        VALUES ('01hhhhhhhhhhhhhhhhhhhhhhhh', 6, 1600, 'running', 'inputFetched', 'wallpaper.png');
        INSERT INTO starts (attempt_key, provider, recipe, started_at)
        VALUES ('01hhhhhhhhhhhhhhhhhhhhhhhh-1', 'github', 'sample', 1200);
        INSERT INTO reports (attempt_key, build, phase_label, phase_percent, result, failure_kind, failure_message,
            run_id, reported_at)
        VALUES ('01hhhhhhhhhhhhhhhhhhhhhhhh-1', '01hhhhhhhhhhhhhhhhhhhhhhhh', 'Packing', 70, 'failed', 'build', 'No.',
            '77', 1700);
        """

    private static let version1 = """
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, source, state,
            attempts_used, created_at, queued_at, turn_at, next_action_at, sequence)
        VALUES ('01aaaaaaaaaaaaaaaaaaaaaaaa', 'sample', 'd', 'local', '{"values":[],"version":1}', 'a@example.org', 0,
            3600000, '192.0.2.1', 'queued', 0, 1000, 1000, 1000, 1000, 1);
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, state,
            attempts_used, attempt_number, attempt_key, run_provider, run_id, run_url, phase_label, phase_percent,
            created_at, queued_at, turn_at, started_at, next_action_at, lease_token, lease_expires_at, sequence)
        VALUES ('01bbbbbbbbbbbbbbbbbbbbbbbb', 'sample', 'd', 'local', '{"values":[],"version":1}', NULL, 5, 3600000,
            'running', 1, 2, 'key-2', 'local', '77', 'https://ci.example/77', 'Halfway', 50, 1000, 1500, 1000, 1200,
            1600, '0123456789abcdefghjkmnpqrs', 9000, 6);
        INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, state,
            attempts_used, failure_kind, failure_message, failure_line, created_at, queued_at, turn_at, finished_at,
            expires_at, sequence)
        VALUES ('01cccccccccccccccccccccccc', 'sample', 'd', 'local', '{"values":[],"version":1}', 'c@example.org', 0,
            3600000, 'failed', 0, 'build', 'It failed.', 'error: x', 1000, 1000, 1000, 2000, 3602000, 2);
        INSERT INTO timeline (build, sequence, entered_at, state, event)
        VALUES ('01aaaaaaaaaaaaaaaaaaaaaaaa', 1, 1000, 'queued', 'accepted');
        INSERT INTO runs (build, attempt_number, attempt_key, provider, run_id, run_url, triggered_at)
        VALUES ('01bbbbbbbbbbbbbbbbbbbbbbbb', 2, 'key-2', 'local', '77', 'https://ci.example/77', 1500);
        INSERT INTO artifacts (build, name, place, role, content_type, bytes, sha256)
        VALUES ('01bbbbbbbbbbbbbbbbbbbbbbbb', 'a.iso', 0, 'product', 'application/octet-stream', 9,
            '0123456789012345678901234567890123456789012345678901234567890123');
        INSERT INTO uploads (id, build) VALUES ('01dddddddddddddddddddddddd', '01aaaaaaaaaaaaaaaaaaaaaaaa');
        INSERT INTO outbox (id, build, cause, kind, address, status, attempts, created_at, next_try_at)
        VALUES ('01eeeeeeeeeeeeeeeeeeeeeeee', '01cccccccccccccccccccccccc', 'ended', 'failed', 'c@example.org',
            'waiting', 0, 2000, 2000);
        INSERT INTO clean_ups (attempt_key, attempt_number, build, provider, failures, next_action_at)
        VALUES ('key-1', 1, '01bbbbbbbbbbbbbbbbbbbbbbbb', 'local', 0, 1400);
        """
}
