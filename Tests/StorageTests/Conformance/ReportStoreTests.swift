import Domain
import Storage
import TestSupport
import Testing

@Suite("ReportStore") struct ReportStoreTests {
    typealias Fixture = StoreFixture
    private static let half = Phase(label: "Packing", percent: 50)

    private func record(_ report: RunReport, _ claimed: ClaimedBuild, _ fixture: Fixture) async throws -> RunReport {
        try await fixture.store.record(
            report, of: Attempt(number: 1, of: claimed.build.id), build: claimed.build.id,
            at: Fixture.start + .seconds(100))
    }

    private func report(
        _ second: Int, phase: Phase? = nil, result: RunReport.Result? = nil, id: String? = nil, url: String? = nil
    ) -> RunReport {
        RunReport(
            phase: phase, result: result, runID: id, runURL: url, reportedAt: Fixture.start + .seconds(second))
    }

    @Test(arguments: StoreEngine.allCases)
    func `reports are put together, the newest phase wins and a result stays`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let attempt = Attempt(number: 1, of: claimed.build.id)
        #expect(try await fixture.store.report(of: attempt) == nil)
        let first = report(1, phase: Self.half, id: "77")
        #expect(try await record(first, claimed, fixture) == first)
        let second = try await record(report(3, result: .succeeded, url: "https://ci.example/77"), claimed, fixture)
        let both = report(3, phase: Self.half, result: .succeeded, id: "77", url: "https://ci.example/77")
        #expect(second == both)
        let late = report(
            2, phase: Phase(label: "Unpacking", percent: 10), result: .failed(message: "No.", kind: .build))
        #expect(try await record(late, claimed, fixture) == both, "an older phase and a second result change nothing")
        let end = Phase(label: "Done", percent: 100)
        #expect(try await record(report(4, phase: end), claimed, fixture).phase == end)
        let read = try #require(try await fixture.store.report(of: attempt))
        #expect(read.result == .succeeded && read.reportedAt == Fixture.start + .seconds(4))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a failure keeps its kind and its message`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let failed = report(1, result: .failed(message: "The disk is full.", kind: .infrastructure))
        _ = try await record(failed, claimed, fixture)
        #expect(try await fixture.store.report(of: Attempt(number: 1, of: claimed.build.id)) == failed)
    }

    @Test(arguments: StoreEngine.allCases)
    func `what a run says is cut to what can be`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let wild = report(9000, phase: Phase(label: "x", percent: 900))
        let merged = try await record(wild, claimed, fixture)
        #expect(merged == report(100, phase: Phase(label: "x", percent: 100)))
    }

    @Test(arguments: StoreEngine.allCases)
    func `only the current attempt is heard, and only while it can still tell something, P3, P4`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        let attempt = Attempt(number: 1, of: id)
        let told = report(1, phase: Self.half)
        func expectRefused(_ attempt: Attempt, of build: BuildID) async {
            await #expect(throws: StorageError.notCurrent) {
                try await fixture.store.record(told, of: attempt, build: build, at: Fixture.start)
            }
        }
        let waiting = try await fixture.accept()
        await expectRefused(Attempt(number: 1, of: waiting.id), of: waiting.id)
        await expectRefused(Attempt(number: 2, of: id), of: id)
        await expectRefused(Attempt(number: 1, of: waiting.id), of: id)
        let unknown = NewBuild.sample().id
        await #expect(throws: StorageError.unknownBuild(unknown)) {
            try await fixture.store.record(told, of: attempt, build: unknown, at: Fixture.start)
        }
        _ = try await record(told, claimed, fixture)
        try await fixture.apply(.triggered(.sample(attempt)), to: claimed)
        _ = try await record(told, claimed, fixture)
        try await fixture.apply(.runSucceeded(of: attempt), to: claimed)
        _ = try await record(told, claimed, fixture)
        try await fixture.apply(.collected([], of: attempt, needsVerification: true), to: claimed)
        await expectRefused(attempt, of: id)
        try await fixture.apply(.verified(pictures: [], of: attempt), to: claimed)
        await expectRefused(attempt, of: id)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a report tells the build's watchers, a known one does not`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        var build = fixture.notices.subscribe(to: .build(claimed.build.id)).makeAsyncIterator()
        await build.next()
        _ = try await record(report(1, phase: Self.half), claimed, fixture)
        await build.next()
        _ = try await record(report(1, phase: Self.half), claimed, fixture)
        #expect(
            try await fixture.store.timeline(of: claimed.build.id, after: 0).map(\.event) == ["accepted", "claimed"])
    }

    @Test(arguments: StoreEngine.allCases)
    func `reports go with the attempt's clean-up`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let attempt = Attempt(number: 1, of: claimed.build.id)
        _ = try await record(report(1, phase: Self.half), claimed, fixture)
        try await fixture.apply(.attemptLost(attempt, .lost), to: claimed)
        func cleanUp(at second: Int) async throws -> CleanUp {
            try #require(
                try await fixture.store.claimDueCleanUps(
                    limit: 1, leaseFor: Fixture.lease, at: Fixture.start + .seconds(second)
                ).first)
        }
        try await fixture.store.settleCleanUp(try await cleanUp(at: 0), retryAt: Fixture.start + .seconds(9))
        #expect(try await fixture.store.report(of: attempt) != nil)
        try await fixture.store.settleCleanUp(try await cleanUp(at: 9), retryAt: nil)
        #expect(try await fixture.store.report(of: attempt) == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `reports go with the build's files`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        _ = try await record(report(1, phase: Self.half), claimed, fixture)
        try await fixture.apply(.cancelled, to: claimed.build.id)
        try await fixture.store.recordFilesRemoved(of: claimed.build.id, at: Fixture.start)
        #expect(try await fixture.store.report(of: Attempt(number: 1, of: claimed.build.id)) == nil)
    }
}
