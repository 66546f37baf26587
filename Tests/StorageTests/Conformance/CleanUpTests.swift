import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: clean-ups and retention") struct CleanUpTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases)
    func `a clean-up is owed until it is done`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        try await fixture.succeed(claimed)
        #expect(try await fixture.store.nextCleanUpAt() == Fixture.start)
        let first = try #require(try await claim(fixture, at: Fixture.start).first)
        #expect(first.build == claimed.build.id)
        #expect(first.run == .sample(Attempt(number: 1, of: claimed.build.id)))
        #expect(first.failures == 0)
        #expect(try await claim(fixture, at: Fixture.start).isEmpty)

        let later = Fixture.start + .seconds(60)
        try await fixture.store.settleCleanUp(first, retryAt: later)
        #expect(try await fixture.store.nextCleanUpAt() == later)
        await #expect(throws: StorageError.leaseLost) {
            try await fixture.store.settleCleanUp(first, retryAt: nil)
        }
        let second = try #require(try await claim(fixture, at: later).first)
        #expect(second.failures == 1)
        try await fixture.store.settleCleanUp(second, retryAt: nil)
        #expect(try await fixture.store.nextCleanUpAt() == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a clean-up whose worker died is claimed again`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        try await fixture.succeed(try await fixture.started())
        let first = try #require(try await claim(fixture, at: Fixture.start).first)
        let later = Fixture.start + Fixture.lease
        #expect(try await fixture.store.nextCleanUpAt() == later)
        let second = try #require(try await claim(fixture, at: later).first)
        await #expect(throws: StorageError.leaseLost) {
            try await fixture.store.settleCleanUp(first, retryAt: nil)
        }
        try await fixture.store.settleCleanUp(second, retryAt: nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `files are due to go when their time has passed, once`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        try await fixture.succeed(claimed)
        try await fixture.accept()
        let expiry = Fixture.start + .seconds(3600)
        let early = try await fixture.store.buildsWithExpiredFiles(limit: 9, at: expiry - .milliseconds(1))
        #expect(early.isEmpty)
        let due = try await fixture.store.buildsWithExpiredFiles(limit: 9, at: expiry)
        #expect(due.map(\.id) == [id])
        #expect(due.first?.artifacts == [.sample()])
        try await fixture.store.recordFilesRemoved(of: id, at: expiry)
        try await fixture.store.recordFilesRemoved(of: id, at: expiry + .seconds(5))
        #expect(try await fixture.store.build(id)?.filesRemovedAt == expiry)
        #expect(try await fixture.store.buildsWithExpiredFiles(limit: 9, at: expiry).isEmpty)
    }

    @Test(arguments: StoreEngine.allCases)
    func `the files of a build that has not ended cannot be recorded as gone, P1`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let build = try await fixture.accept()
        await #expect(throws: StorageError.unknownBuild(build.id)) {
            try await fixture.store.recordFilesRemoved(of: build.id, at: Fixture.start)
        }
        #expect(try await fixture.store.build(build.id)?.filesRemovedAt == nil)
    }

    private func claim(_ fixture: Fixture, at now: Timestamp) async throws -> [CleanUp] {
        try await fixture.store.claimDueCleanUps(limit: 9, leaseFor: Fixture.lease, at: now)
    }
}
