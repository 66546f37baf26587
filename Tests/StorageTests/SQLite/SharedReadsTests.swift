import Domain
import GRDB
import TestSupport
import Testing

@testable import Storage

@Suite struct SharedReadsTests {
    private let directory: TemporaryDirectory
    private let pool: DatabasePool
    private let reads: SharedReads

    init() throws {
        directory = try TemporaryDirectory()
        pool = try DatabasePool(path: directory.path("shared.sqlite"))
        try pool.write { try $0.execute(sql: "CREATE TABLE numbers (n INTEGER NOT NULL) STRICT") }
        reads = SharedReads(pool: pool)
    }

    private func count() async throws(StorageError) -> Int64 {
        try await reads.read { try $0.integer("SELECT count(*) FROM numbers") }
    }

    private func add() throws {
        try pool.write { try $0.execute(sql: "INSERT INTO numbers (n) VALUES (1)") }
    }

    @Test func `reads that wait at the same time share a snapshot, and see what was committed before`() async throws {
        let gate = Gate()
        let pool = pool
        let seen = try await withThrowingTaskGroup(of: Int64.self) { group in
            group.addTask {
                try await reads.read { db in
                    let seen = try db.integer("SELECT count(*) FROM numbers")
                    gate.wait()
                    return seen
                }
            }
            try await until { gate.isReached }
            try add()
            for _ in 0..<20 {
                group.addTask {
                    try await reads.read { db in
                        let seen = try db.integer("SELECT count(*) FROM numbers")
                        // Only one at a time can write: were each in a snapshot of its own, the next would see it.
                        try pool.write { try $0.execute(sql: "INSERT INTO numbers (n) VALUES (1)") }
                        return seen
                    }
                }
            }
            try await until { reads.waitingCount == 20 }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
        #expect(seen == [0] + Array(repeating: 1, count: 20))
        #expect(try await count() == 21)
    }

    @Test func `a read that fails takes nothing of the others with it`() async throws {
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let read = try? await reads.read { db in
                        if number % 5 == 0 { throw StorageError.leaseLost }
                        return try db.integer("SELECT count(*) FROM numbers")
                    }
                    return read == 0
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 40)
    }

    @Test func `after the end every read is refused`() async throws {
        try pool.close()
        await #expect(throws: StorageError.self) { try await count() }
        await #expect(throws: StorageError.self) { try await count() }
    }
}
