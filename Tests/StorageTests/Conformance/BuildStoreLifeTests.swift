import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: a build's life") struct BuildStoreLifeTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases)
    func `an accepted build is read back as it was submitted`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let new = NewBuild.sample()
        let answer = try await fixture.store.accept(new, limits: .none, at: Fixture.start)
        let read = try #require(try await fixture.store.build(new.id))
        #expect(answer == .accepted(read))
        #expect(read.inputs == new.inputs)
        #expect(read.state == .queued(attemptsUsed: 0))
        #expect(read.address == new.address)
        #expect(read.createdAt == Fixture.start)
        let timeline = try await fixture.store.timeline(of: new.id, after: 0)
        #expect(timeline.map(\.event) == ["accepted"])
        #expect(timeline.map(\.sequence) == [1])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a build goes through every state to its success`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        let attempt = Attempt(number: 1, of: id)
        #expect(claimed.build.state == .triggering(attempt))
        #expect(claimed.build.startedAt == Fixture.start)

        try await fixture.apply(.triggered(.sample(attempt)), to: claimed)
        let phase = Phase(label: "Halfway", percent: 50)
        try await fixture.apply(.phaseChanged(phase, of: attempt), to: claimed)
        #expect(try await fixture.store.build(id)?.state == .running(.sample(attempt), phase))
        try await fixture.apply(.runSucceeded(of: attempt), to: claimed)
        #expect(try await fixture.store.build(id)?.state == .collecting(.sample(attempt)))
        try await fixture.apply(.collected([.sample()], of: attempt, needsVerification: true), to: claimed)
        #expect(try await fixture.store.build(id)?.state == .verifying(.sample(attempt)))
        let picture = Artifact(
            name: "boot.png", role: .picture, contentType: "image/png", bytes: 5,
            sha256: String(repeating: "d", count: 64))
        let end = Fixture.start + .seconds(20)
        let last = try await fixture.apply(.verified(pictures: [picture], of: attempt), to: claimed, at: end)

        let read = try #require(try await fixture.store.build(id))
        #expect(last.build == read)
        #expect(read.state == .succeeded)
        #expect(read.runs == [.sample(attempt)])
        #expect(read.artifacts == [.sample(), picture])
        #expect(read.finishedAt == end)
        #expect(read.expiresAt == end + .seconds(3600))
        let timeline = try await fixture.store.timeline(of: id, after: 0)
        #expect(
            timeline.map(\.event) == [
                "accepted", "claimed", "triggered", "phaseChanged", "runSucceeded", "collected", "verified",
            ])
        #expect(timeline.map(\.sequence) == Array(1...7))
        #expect(timeline[3].note == "Halfway")
        #expect(timeline[3].percent == 50)
        #expect(try await fixture.store.timeline(of: id, after: 5).count == 2)
        #expect(try await fixture.store.deliveries(of: id).map(\.kind) == [.succeeded])
        #expect(try await fixture.store.durations(of: .sample, limit: 5) == [.seconds(20)])
        #expect(try await fixture.store.counts() == [.succeeded: 1])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a failure keeps its kind, its message and its line`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        try await fixture.apply(.ended(.sample, of: claimed.build.state.attempt), to: claimed)
        #expect(try await fixture.store.build(claimed.build.id)?.state == .failed(.sample))
        #expect(try await fixture.store.timeline(of: claimed.build.id, after: 2).first?.note == Failure.sample.message)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a fact told twice changes nothing and is mailed once, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let build = try await fixture.accept()
        let first = try await fixture.apply(.cancelled, to: build.id)
        let second = try await fixture.apply(.cancelled, to: build.id, at: Fixture.start + .seconds(5))
        #expect(first.changed && !first.effects.isEmpty)
        #expect(!second.changed && second.effects.isEmpty)
        #expect(first.build == second.build)
        #expect(try await fixture.store.deliveries(of: build.id).count == 1)
        #expect(try await fixture.store.timeline(of: build.id, after: 0).count == 2)
    }

    @Test(arguments: StoreEngine.allCases)
    func `an impossible fact is refused and leaves no trace`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let build = try await fixture.accept()
        let event = BuildEvent.runSucceeded(of: Attempt(number: 1, of: build.id))
        await #expect(
            throws: StorageError.illegalTransition(IllegalTransition(state: .queued, event: .runSucceeded))
        ) { try await fixture.apply(event, to: build.id) }
        #expect(try await fixture.store.build(build.id) == build)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a build that is not there is unknown`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let id = NewBuild.sample().id
        #expect(try await fixture.store.build(id) == nil)
        await #expect(throws: StorageError.unknownBuild(id)) { try await fixture.apply(.cancelled, to: id) }
        await #expect(throws: StorageError.unknownBuild(id)) {
            try await fixture.store.recordFilesRemoved(of: id, at: Fixture.start)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func `a lost attempt waits out its pause, forgets its artifacts and is cleaned up`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let attempt = Attempt(number: 1, of: claimed.build.id)
        try await fixture.apply(.triggered(.sample(attempt)), to: claimed)
        try await fixture.apply(.runSucceeded(of: attempt), to: claimed)
        try await fixture.apply(.collected([.sample()], of: attempt, needsVerification: true), to: claimed)
        let moved = try await fixture.store.apply(
            .attemptLost(attempt, .lost), to: claimed.build.id, policy: Fixture.policy,
            lease: .release(claimed.lease, nextActionAt: Fixture.start), at: Fixture.start)
        #expect(moved.build.state == .queued(attemptsUsed: 1))
        #expect(moved.build.artifacts.isEmpty)
        #expect(moved.build.runs == [.sample(attempt)])

        let early = try await fixture.store.startDue(
            Fixture.slots, limit: 9, leaseFor: Fixture.lease, at: Fixture.start + .seconds(1))
        #expect(early.isEmpty)
        let due = try #require(try await fixture.store.nextActionAt())
        #expect(due > Fixture.start + .seconds(1) && due <= Fixture.start + .seconds(2))
        let again = try #require(
            try await fixture.store.startDue(Fixture.slots, limit: 9, leaseFor: Fixture.lease, at: due).first)
        #expect(again.build.state == .triggering(Attempt(number: 2, of: claimed.build.id)))
        #expect(again.build.startedAt == Fixture.start)

        let cleanUps = try await fixture.store.claimDueCleanUps(limit: 9, leaseFor: Fixture.lease, at: due)
        #expect(cleanUps.map(\.attempt) == [attempt])
        #expect(cleanUps.map(\.run) == [.sample(attempt)])
        #expect(try await fixture.store.deliveries(of: claimed.build.id).isEmpty)
    }

    @Test(arguments: StoreEngine.allCases)
    func `builds are listed newest first, page by page`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        var ids: [BuildID] = []
        for second in 0..<5 {
            ids.append(try await fixture.accept(at: Fixture.start + .seconds(second)).id)
        }
        let first = try await fixture.store.builds(before: nil, limit: 3)
        #expect(first.map(\.id) == ids.reversed().prefix(3).map { $0 })
        let rest = try await fixture.store.builds(before: first.last?.id, limit: 3)
        #expect(rest.map(\.id) == [ids[1], ids[0]])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a build without an address is mailed to nobody`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let build = try await fixture.accept { $0.address = nil }
        try await fixture.apply(.cancelled, to: build.id)
        #expect(try await fixture.store.deliveries(of: build.id).isEmpty)
        #expect(try await fixture.store.outboxSummary().waiting == 0)
    }
}
