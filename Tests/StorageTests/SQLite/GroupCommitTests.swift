import Domain
import GRDB
import TestSupport
import Testing

@testable import Storage

@Suite struct GroupCommitTests {
    private let directory: TemporaryDirectory
    private let pool: DatabasePool
    private let notices = Notices()
    private let writer: GroupCommit

    init() throws {
        directory = try TemporaryDirectory()
        pool = try DatabasePool(path: directory.path("group.sqlite"))
        try pool.write { try $0.execute(sql: "CREATE TABLE numbers (n INTEGER NOT NULL UNIQUE) STRICT") }
        writer = GroupCommit(pool: pool, notices: notices)
    }

    private struct Sorry: Error {}

    /// Holds the writing connection until every one of `operations` waits, so that they share one commit.
    private func together(_ operations: [@Sendable () async -> Void]) async {
        let gate = Gate()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await writer.write { _, _ in gate.wait() } }
            try? await until { gate.isReached }
            for operation in operations { group.addTask(operation: operation) }
            try? await until { writer.waitingCount >= operations.count }
            gate.open()
        }
    }

    private func numbers() throws -> [Int64] {
        try pool.read { db in try db.rows("SELECT n FROM numbers ORDER BY n") { try $0.integer() } }
    }

    @Test func `a write that fails in the middle takes nothing of the others with it`() async throws {
        let failures = FailureLog()
        let operations = (0..<100).map { n in
            { @Sendable () async in
                do throws(StorageError) {
                    try await writer.write { db, _ in
                        try db.run("INSERT INTO numbers (n) VALUES (?)", [n])
                        if n % 10 == 3 { throw StorageError.leaseLost }
                    }
                } catch {
                    failures.add(error)
                }
            }
        }
        await together(operations)
        #expect(try numbers() == (0..<100).filter { $0 % 10 != 3 }.map(Int64.init))
        #expect(failures.all == Array(repeating: .leaseLost, count: 10))
    }

    @Test func `when the commit fails, all that share it hear of it`() async throws {
        let failures = FailureLog()
        let operations = (0..<10).map { n in
            { @Sendable () async in
                do throws(StorageError) {
                    try await writer.write { db, hints in
                        hints.insert(.mail)
                        try db.run("INSERT INTO numbers (n) VALUES (?)", [n])
                        // What SQLite does by itself when the disk is full.
                        if n == 5 { try db.rollback() }
                    }
                } catch {
                    failures.add(error)
                }
            }
        }
        let mail = notices.subscribe(to: .mail)
        await together(operations)
        #expect(try numbers() == [])
        #expect(failures.all.count == 10)
        var hints = mail.makeAsyncIterator()
        await hints.next()
        try await writer.write { db, hints in
            hints.insert(.mail)
            try db.run("INSERT INTO numbers (n) VALUES (7)")
        }
        await hints.next()
        #expect(try numbers() == [7])
    }

    @Test func `a cancelled task's write is still made`() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                _ = try? await writer.write { db, _ in try db.run("INSERT INTO numbers (n) VALUES (1)") }
            }
        }
        #expect(try numbers() == [1])
    }

    @Test func `over its capacity it says that it is busy, P6`() async throws {
        let failures = FailureLog()
        let surplus = 5
        let gate = Gate()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await writer.write { _, _ in gate.wait() } }
            try? await until { gate.isReached }
            for _ in 0..<(GroupCommit.capacity + surplus) {
                group.addTask {
                    do throws(StorageError) {
                        try await writer.write { _, _ in }
                    } catch {
                        failures.add(error)
                    }
                }
            }
            try? await until { failures.all.count >= surplus }
            gate.open()
        }
        #expect(failures.all == Array(repeating: .unavailable(reason: .busy), count: surplus))
    }

    @Test func `the revision moves with every commit, before its writer hears of it, and not otherwise`() async throws {
        let before = writer.revision
        #expect(writer.revision == before)
        let during = try await writer.write { [writer] db, _ in
            try db.run("INSERT INTO numbers (n) VALUES (1)")
            return writer.revision
        }
        let after = writer.revision
        #expect(during == before && after > before)
        _ = try numbers()
        #expect(writer.revision == after)
        // A commit that failed may have happened.
        await #expect(throws: StorageError.leaseLost) {
            try await writer.write { _, _ in throw StorageError.leaseLost }
        }
        #expect(writer.revision > after)
    }
}
