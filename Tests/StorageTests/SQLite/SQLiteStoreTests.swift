import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Storage

@Suite struct SQLiteStoreTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path("data/kiln.sqlite") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open() async throws -> SQLiteStore {
        try await SQLiteStore.open(path: path, notices: Notices())
    }

    private func edit(_ sql: String) throws {
        try FileManager.default.createDirectory(atPath: directory.path("data"), withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test func `every commit is flushed to the disk, P1`() async throws {
        let store = try await open()
        let settings = try await store.writer.write { db, _ in
            [
                try db.integer("PRAGMA synchronous"), try db.integer("PRAGMA foreign_keys"),
                try db.integer("PRAGMA busy_timeout"),
            ]
        }
        #expect(settings == [2, 1, 5000])
        let mode = try await store.read { db in try db.firstRow("PRAGMA journal_mode") { try $0.text() } }
        #expect(mode == "wal")
    }

    @Test func `what was answered is in the files, whatever becomes of the process, P1`() async throws {
        let store = try await open()
        let ids = try await withThrowingTaskGroup(of: BuildID.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    let new = NewBuild.sample()
                    _ = try await store.accept(new, limits: .none, at: StoreFixture.start)
                    return new.id
                }
            }
            return try await group.reduce(into: Set<BuildID>()) { $0.insert($1) }
        }
        // What a process that is killed now leaves behind.
        let copy = directory.path("copy.sqlite")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.copyItem(atPath: path + "-wal", toPath: copy + "-wal")
        let reopened = try await SQLiteStore.open(path: copy, notices: Notices())
        #expect(Set(try await reopened.builds(before: nil, limit: 1000).map(\.id)) == ids)
        await reopened.close()
        await store.close()
    }

    @Test func `a database that was closed opens again with what it held`() async throws {
        let first = try await open()
        let new = NewBuild.sample()
        _ = try await first.accept(new, limits: .none, at: StoreFixture.start)
        await first.close()
        await first.close()
        await #expect(throws: StorageError.self) { try await first.probe() }
        await #expect(throws: StorageError.self) { _ = try await first.counts() }
        let second = try await open()
        #expect(try await second.build(new.id)?.inputs == new.inputs)
    }

    @Test func `a newer Kiln's database is refused and left as it is`() async throws {
        await (try open()).close()
        try edit("PRAGMA user_version = 99")
        await #expect(throws: StorageError.fromTheFuture(version: "99")) { _ = try await open() }
        try edit("PRAGMA user_version = \(Migration.all.count)")
        await (try open()).close()
    }

    @Test func `another program's database is refused`() async throws {
        try edit("CREATE TABLE theirs (id INTEGER)")
        await #expect(throws: StorageError.corrupt(detail: "the file holds another program's data")) {
            _ = try await open()
        }
    }

    @Test func `a file that is no database is refused`() async throws {
        try FileManager.default.createDirectory(atPath: directory.path("data"), withIntermediateDirectories: true)
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
        await #expect {
            _ = try await open()
        } throws: { error in
            if case .corrupt = error as? StorageError { true } else { false }
        }
    }

    @Test func `a damaged page is found when the database is opened`() async throws {
        let store = try await open()
        for _ in 0..<50 { _ = try await store.accept(.sample(), limits: .none, at: StoreFixture.start) }
        await store.close()
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: 5 * 4096 + 8)
        try file.write(contentsOf: Data(repeating: 0xff, count: 4000))
        try file.close()
        await #expect {
            _ = try await open()
        } throws: { error in
            if case .corrupt = error as? StorageError { true } else { false }
        }
    }

    @Test func `only its owner may read the database, P7`() async throws {
        let store = try await open()
        for name in [path, path + "-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        await store.close()
    }

    @Test func `source addresses go after their hour, but not while the build waits, P7`() async throws {
        let store = try await open()
        let ended = NewBuild.sample()
        let waiting = NewBuild.sample()
        for new in [ended, waiting] { _ = try await store.accept(new, limits: .none, at: StoreFixture.start) }
        _ = try await store.apply(
            .cancelled, to: ended.id, policy: StoreFixture.policy, lease: nil, at: StoreFixture.start)
        func sources() async throws -> Set<String> {
            try await store.read { db in
                Set(try db.rows("SELECT id FROM builds WHERE source IS NOT NULL") { try $0.text() })
            }
        }
        func look(after seconds: Int) async throws {
            _ = try await store.claimDueCleanUps(
                limit: 1, leaseFor: StoreFixture.lease, at: StoreFixture.start + .seconds(seconds))
        }
        try await look(after: 3599)
        #expect(try await sources() == [ended.id.text, waiting.id.text])
        try await look(after: 3600 + 60)
        #expect(try await sources() == [waiting.id.text])
    }

    @Test func `after a crash everything is free at once, also what was nudged, P1`() async throws {
        let store = try await open()
        let new = NewBuild.sample()
        _ = try await store.accept(new, limits: .none, at: StoreFixture.start)
        let slots = StoreFixture.slots
        _ = try await store.startDue(slots, limit: 9, leaseFor: .seconds(900), at: StoreFixture.start)
        let now = StoreFixture.start + .seconds(1)
        try await store.nudge(new.id, at: now)
        #expect(try await store.claimDue(limit: 9, leaseFor: StoreFixture.lease, at: now).isEmpty)
        await store.close()
        let next = try await open()
        try await next.dropLeases()
        #expect(try await next.claimDue(limit: 9, leaseFor: StoreFixture.lease, at: now).map(\.build.id) == [new.id])
        await next.close()
    }

    @Test func `another process's long transaction is waited for and then called busy, P6`() async throws {
        let store = try await open()
        // Instead of five seconds.
        try await store.writer.write { db, _ in try db.execute(sql: "PRAGMA busy_timeout = 20") }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        await #expect(throws: StorageError.unavailable(reason: .busy)) { try await store.probe() }
        #expect(try await store.counts().isEmpty)
        try await other.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
        try await store.probe()
    }

    @Test(arguments: [
        (ResultCode.SQLITE_BUSY, StorageError.unavailable(reason: .busy)),
        (.SQLITE_BUSY_SNAPSHOT, .unavailable(reason: .busy)),
        (.SQLITE_LOCKED, .unavailable(reason: .busy)),
        (.SQLITE_FULL, .unavailable(reason: .diskFull)),
        (.SQLITE_READONLY_DBMOVED, .unavailable(reason: .readOnly)),
        (.SQLITE_IOERR_FSYNC, .unavailable(reason: .other(code: 1034))),
        (.SQLITE_CORRUPT, .corrupt(detail: "database disk image is malformed")),
        (.SQLITE_NOTADB, .corrupt(detail: "file is not a database")),
    ])
    func `SQLite's codes become ours`(code: ResultCode, error: StorageError) {
        #expect(StorageError(DatabaseError(resultCode: code)) == error)
    }
}
