import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: followers") struct FollowerTests {
    typealias Fixture = StoreFixture
    private static let hour = Duration.seconds(3600)

    private func accept(_ fixture: Fixture, after seconds: Int = 0, within span: Duration? = hour) async throws -> Build
    {
        try await fixture.accept(at: Fixture.start + .seconds(seconds)) {
            $0.reuseKey = "same"
            $0.reuseWithin = span
        }
    }

    private func due(_ fixture: Fixture) async throws -> [BuildID: BuildID] {
        let pairs = try await fixture.store.followersDue(limit: 100)
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0.follower.id, $0.leader.id) })
    }

    @Test(arguments: StoreEngine.allCases)
    func `an identical request follows the build that is open and never starts, P3`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        let second = try await accept(fixture, after: 1, within: nil)
        let third = try await accept(fixture, after: 2)
        let stranger = try await fixture.accept(at: Fixture.start + .seconds(3)) { $0.reuseKey = "other" }
        let afresh = try await fixture.accept(at: Fixture.start + .seconds(4))
        #expect(leader.follows == nil && stranger.follows == nil && afresh.follows == nil)
        #expect(second.follows == leader.id)
        #expect(third.follows == leader.id, "nobody follows a follower")
        #expect(try await fixture.store.queuePlace(of: afresh.id)?.waitingBefore == 2, "followers stand before nobody")
        #expect(try await fixture.store.queuePlace(of: third.id) == nil)
        #expect(try await fixture.store.backlog()["local"]?.waiting == 3)
        #expect(try await fixture.store.counts() == [.queued: 5])
        let started = try await fixture.startAll(at: Fixture.start + .seconds(5)).map(\.build.id)
        #expect(Set(started) == [leader.id, stranger.id, afresh.id])
        #expect(try await fixture.store.followersDue(limit: 9).isEmpty)
        let late = try await accept(fixture, after: 6)
        #expect(late.follows == leader.id, "also one that runs is joined")
    }

    @Test(arguments: StoreEngine.allCases)
    func `a leader's end makes its followers due and wakes the workers`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        let claimed = try #require(try await fixture.startAll().first)
        let followers = [try await accept(fixture, after: 1), try await accept(fixture, after: 2)]
        var work = fixture.notices.subscribe(to: .work).makeAsyncIterator()
        await work.next()
        try await fixture.succeed(claimed, at: Fixture.start + .seconds(10))
        await work.next()
        #expect(try await fixture.store.nextActionAt() == Fixture.start + .seconds(10))
        let pairs = try await fixture.store.followersDue(limit: 1)
        #expect(pairs.count == 1 && pairs[0].leader.id == leader.id)
        #expect(pairs[0].leader.artifacts == [.sample()])
        #expect(try await due(fixture) == [followers[0].id: leader.id, followers[1].id: leader.id])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a follower is answered with the artifacts and told so once, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        let follower = try await accept(fixture, after: 1)
        try await fixture.succeed(try #require(try await fixture.startAll().first))
        let end = Fixture.start + .seconds(5)
        let event = BuildEvent.reused([.sample()], from: leader.id)
        let transition = try await fixture.apply(event, to: follower.id, at: end)
        #expect(transition.effects == [.keepArtifacts([.sample()]), .mail(.succeeded)])
        let read = try await fixture.read(follower.id)
        #expect(read == transition.build)
        #expect(read.state == .succeeded && read.artifacts == [.sample()])
        #expect(read.reusedFrom == leader.id && read.follows == nil)
        #expect(read.startedAt == nil && read.finishedAt == end && read.runs.isEmpty)
        #expect(try await !fixture.apply(event, to: follower.id, at: end).changed)
        #expect(try await fixture.store.deliveries(of: follower.id).map(\.kind) == [.succeeded])
        #expect(try await fixture.store.timeline(of: follower.id, after: 0).map(\.event) == ["accepted", "reused"])
        #expect(try await fixture.store.durations(of: .sample, limit: 9).count == 1, "no run, no time that it took")
        #expect(try await due(fixture).isEmpty)
        #expect(try await fixture.store.nextActionAt() == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `unfollowing puts a build into the queue as one of its own, once`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        let follower = try await accept(fixture, after: 1)
        try await fixture.apply(.cancelled, to: leader.id)
        #expect(try await due(fixture) == [follower.id: leader.id])
        let now = Fixture.start + .seconds(500)
        var work = fixture.notices.subscribe(to: .work).makeAsyncIterator()
        await work.next()
        try await fixture.store.unfollow(follower.id, at: now)
        await work.next()
        try await fixture.store.unfollow(follower.id, at: now + .seconds(1))
        #expect(try await due(fixture).isEmpty)
        let read = try await fixture.read(follower.id)
        #expect(read.follows == nil && read.state == .queued(attemptsUsed: 0))
        let timeline = try await fixture.store.timeline(of: follower.id, after: 0)
        #expect(timeline.map(\.event) == ["accepted", "unfollowed"])
        #expect(read.sequence == 2)
        #expect(try await fixture.store.nextActionAt() == now)
        #expect(try await fixture.startAll(at: now).map(\.build.id) == [follower.id])
        try await fixture.store.unfollow(follower.id, at: now)
        try await fixture.store.unfollow(NewBuild.sample().id, at: now)
        #expect(try await fixture.read(follower.id).state.name == .triggering)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a follower does not expire; its wait begins when it is sent into the queue`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        _ = try await fixture.startAll()
        let follower = try await accept(fixture)
        func overdue(at second: Int) async throws -> [BuildID] {
            try await fixture.store.overdueInQueue(
                waitLimits: [.sample: .seconds(60)], at: Fixture.start + .seconds(second))
        }
        #expect(try await overdue(at: 9000).isEmpty)
        try await fixture.apply(.cancelled, to: leader.id)
        #expect(try await overdue(at: 9000).isEmpty)
        try await fixture.store.unfollow(follower.id, at: Fixture.start + .seconds(9000))
        #expect(try await overdue(at: 9060).isEmpty)
        #expect(try await overdue(at: 9061) == [follower.id])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a follower can be cancelled, and its leader goes on, P4`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        let follower = try await accept(fixture)
        #expect(try await fixture.apply(.cancelled, to: follower.id).build.follows == nil)
        #expect(try await fixture.read(leader.id).state == .queued(attemptsUsed: 0))
        try await fixture.apply(.cancelled, to: leader.id)
        #expect(try await due(fixture).isEmpty)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a success is handed on for as long as the recipe says and its files are there`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        try await fixture.succeed(try #require(try await fixture.startAll().first))
        #expect(try await accept(fixture, after: 100, within: nil).follows == nil)
        let old = try await engine.open()
        let again = try await accept(old)
        try await old.succeed(try #require(try await old.startAll().first))
        #expect(try await accept(old, after: 100, within: .seconds(100)).follows == nil, "too old")
        let other = try await engine.open()
        let third = try await accept(other)
        try await other.succeed(try #require(try await other.startAll().first))
        let joined = try await accept(other, after: 99, within: .seconds(100))
        #expect(joined.follows == third.id)
        #expect(try await due(other) == [joined.id: third.id])
        // Its files go an hour after its end.
        #expect(try await accept(other, after: 2999, within: .seconds(9000)).follows == third.id)
        #expect(try await accept(other, after: 3000, within: .seconds(9000)).follows == nil)
        #expect(leader.follows == nil && again.follows == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a result that was itself handed on does not grow younger by it`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        try await fixture.succeed(try #require(try await fixture.startAll().first))
        let second = try await accept(fixture, after: 90, within: .seconds(100))
        try await fixture.apply(.reused([.sample()], from: leader.id), to: second.id, at: Fixture.start + .seconds(90))
        #expect(try await accept(fixture, after: 95, within: .seconds(100)).follows == leader.id)
        #expect(try await accept(fixture, after: 110, within: .seconds(100)).follows == nil)
    }

    @Test(arguments: StoreEngine.allCases, [BuildEvent.cancelled, .expired, .ended(.sample, of: nil)])
    func `what did not succeed is never handed on`(engine: StoreEngine, end: BuildEvent) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        try await fixture.apply(end, to: leader.id)
        #expect(try await accept(fixture, after: 1).follows == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `removed files are not handed on, P9`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let leader = try await accept(fixture)
        try await fixture.succeed(try #require(try await fixture.startAll().first))
        try await fixture.store.recordFilesRemoved(of: leader.id, at: Fixture.start)
        #expect(try await accept(fixture, after: 1).follows == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `many identical requests at once make one run, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await accept(fixture) } }
            try await group.waitForAll()
        }
        let claimed = try await fixture.startAll()
        #expect(claimed.count == 1)
        try await fixture.succeed(claimed[0])
        let pairs = try await fixture.store.followersDue(limit: 100)
        #expect(pairs.count == 49)
        for pair in pairs {
            try await fixture.apply(.reused(pair.leader.artifacts, from: pair.leader.id), to: pair.follower.id)
        }
        #expect(try await fixture.store.counts() == [.succeeded: 50])
        #expect(try await fixture.store.outboxSummary().waiting == 50)
    }
}
