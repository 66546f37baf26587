import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite struct DiskFullTests {
    private static let full = StorageError.unavailable(reason: .diskFull)

    @Test(.enabled(if: SmallDisk.isPossible))
    func `a full disk refuses new builds, keeps the accepted ones and recovers, P1`() async throws {
        let disk = try SmallDisk()
        let store = try await SQLiteStore.open(path: disk.path + "/kiln.sqlite", notices: Notices())
        try disk.fill(leaving: 300_000)
        let accepted = await fillUp(store)
        #expect(accepted.ids.count > 5)
        #expect(accepted.error == Self.full)
        #expect(Set(try await store.builds(before: nil, limit: 10_000).map(\.id)) == accepted.ids)
        try disk.makeRoom()
        try await store.probe()
        _ = try await store.accept(.sample(), limits: .none, at: StoreFixture.start)
        try await store.checkIntegrity()
        await store.close()
    }

    @Test func `a database at its bound refuses new builds and keeps the accepted ones, P1`() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteStore.open(path: directory.path("kiln.sqlite"), notices: Notices())
        try await store.writer.write { db, _ in
            let pages = try db.integer("PRAGMA page_count")
            _ = try db.integer("PRAGMA max_page_count = \(pages + 20)")
        }
        let accepted = await fillUp(store)
        #expect(accepted.ids.count > 5)
        #expect(accepted.error == Self.full)
        #expect(Set(try await store.builds(before: nil, limit: 10_000).map(\.id)) == accepted.ids)
        try await store.checkIntegrity()
        await store.close()
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func `a log on a full disk goes on where it stopped once there is room`() async throws {
        let disk = try SmallDisk()
        let logs = try DiskLogStore(directory: disk.path + "/logs", notices: Notices())
        let part = LogPart(build: NewBuild.sample().id, attempt: 1, stage: .run)
        let whole = Array(repeating: UInt8(ascii: "x"), count: 200_000)
        try await logs.append([], at: 0, to: part)
        try disk.fill(leaving: 50_000)
        await #expect(throws: Self.full) { try await logs.append(whole, at: 0, to: part) }
        try disk.makeRoom()
        try await logs.append(whole, at: 0, to: part)
        #expect(try await logs.read(part.build, from: 0, length: 1 << 20) == whole)
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func `an object that does not fit leaves nothing behind`() async throws {
        let disk = try SmallDisk()
        let directory = try TemporaryDirectory()
        let objects = try DiskObjectStore(directory: disk.path + "/objects")
        let key = ObjectKey(build: NewBuild.sample().id, name: "a.iso")
        try Data(count: 3 << 20).write(to: URL(filePath: directory.path("large")))
        await #expect(throws: Self.full) { try await objects.put(fileAt: directory.path("large"), as: key) }
        #expect(try await objects.size(of: key) == nil)
        let left = try FileManager.default.contentsOfDirectory(atPath: disk.path + "/objects/\(key.build)")
        #expect(left == [])
        #expect(FileManager.default.fileExists(atPath: directory.path("large")))
    }

    /// Accepts builds, several at a time, until one is refused.
    private func fillUp(_ store: SQLiteStore) async -> (ids: Set<BuildID>, error: StorageError?) {
        var ids: Set<BuildID> = []
        while true {
            let answers = await withTaskGroup(of: Result<BuildID, StorageError>.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        do throws(StorageError) {
                            let new = NewBuild.sample()
                            _ = try await store.accept(new, limits: .none, at: StoreFixture.start)
                            return .success(new.id)
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for answer in answers {
                if case .success(let id) = answer { ids.insert(id) }
            }
            for answer in answers {
                if case .failure(let error) = answer { return (ids, error) }
            }
        }
    }
}
