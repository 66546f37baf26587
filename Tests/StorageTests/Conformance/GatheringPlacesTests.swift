import Domain
import Storage
import TestSupport
import Testing

/// Builds that are gathered for stand in places of their own until they are `gathered`.
@Suite("BuildStore: places for gathering", .timeLimit(.minutes(1))) struct GatheringPlacesTests {
    typealias Fixture = StoreFixture
    private static let one = StartSlots(
        perProvider: ["local": 1], perRecipe: [.sample: 1], triggersPerMinute: ["local": 1], gathering: 3,
        gatheringPerSource: 2)

    @Test(arguments: StoreEngine.allCases)
    func `they take no place, no pace and no bound of provider and recipe`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<4 { try await fixture.accept { $0.isToGather = true } }
        let plain = try await fixture.accept()
        let claimed = try await fixture.startAll(Self.one)
        #expect(claimed.count { $0.build.isToGather } == 3, "as many as have places")
        #expect(claimed.filter { !$0.build.isToGather }.map(\.build.id) == [plain.id])
        #expect(try await fixture.startAll(Self.one).isEmpty)
    }

    @Test(arguments: StoreEngine.allCases)
    func `one source takes a few of them and leaves the others to others`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<3 {
            try await fixture.accept {
                $0.isToGather = true
                $0.source = "192.0.2.1"
            }
        }
        let other = try await fixture.accept { $0.isToGather = true }
        let claimed = try await fixture.startAll(Self.one)
        #expect(claimed.count == 3)
        #expect(claimed.contains { $0.build.id == other.id })
    }

    @Test(arguments: StoreEngine.allCases)
    func `gathered it waits in its turn, and its attempt is the first still (P3)`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let first = try await fixture.accept { $0.isToGather = true }
        let second = try await fixture.accept()
        let claimed = try await fixture.startAll(Self.one)
        let gathering = try #require(claimed.first { $0.build.id == first.id })
        let attempt = Attempt(number: 1, of: first.id)
        #expect(gathering.build.state == .triggering(attempt))
        try await fixture.apply(.gathered(of: attempt), to: gathering)
        let waiting = try await fixture.read(first.id)
        #expect(waiting.state == .queued(attemptsUsed: 0) && !waiting.isToGather && waiting.startedAt == nil)
        #expect(try await fixture.startAll(Self.one).isEmpty, "the one place is taken")
        try await fixture.apply(.cancelled, to: second.id)
        let later = Fixture.start + .seconds(61)
        #expect(try await fixture.startAll(Self.one, at: later).map(\.build.state) == [.triggering(attempt)])
        // A known fact.
        #expect(try await fixture.apply(.gathered(of: attempt), to: second.id, at: later).changed == false)
    }

    /// P9: who is gathered for comes back to its old place.
    @Test(arguments: StoreEngine.allCases)
    func `they wait for the provider all the while, and no place in the queue grows`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        try await fixture.accept { $0.isToGather = true }
        let last = try await fixture.accept { $0.priority = -1 }
        let before = try #require(try await fixture.store.queuePlace(of: last.id))
        _ = try await fixture.startAll(
            StartSlots(perProvider: ["local": 0], perRecipe: [.sample: 9], gathering: 3, gatheringPerSource: 2))
        #expect(try await fixture.store.queuePlace(of: last.id) == before)
        let backlog = try await fixture.store.backlog()
        #expect(backlog["local"]?.waiting == 2 && backlog["local"]?.underWay == 0)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a source keeps its share however long they take`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<4 {
            try await fixture.accept {
                $0.isToGather = true
                $0.source = "192.0.2.1"
            }
        }
        let slots = StartSlots(perProvider: ["local": 1], perRecipe: [.sample: 1], gathering: 9, gatheringPerSource: 2)
        #expect(try await fixture.startAll(slots).count == 2)
        // The next one that is accepted makes sources forgotten.
        let later = Fixture.start + .seconds(7200)
        try await fixture.accept(at: later) { $0.source = "198.51.100.1" }
        #expect(try await fixture.startAll(slots, at: later).allSatisfy { !$0.build.isToGather })
    }

    @Test(arguments: StoreEngine.allCases)
    func `a worker that dies while it gathers leaves the place taken, and the build to the next one`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let build = try await fixture.accept { $0.isToGather = true }
        _ = try await fixture.startAll(Self.one)
        let later = Fixture.start + Fixture.lease + .seconds(1)
        let found = try await fixture.store.claimDue(limit: 9, leaseFor: Fixture.lease, at: later)
        #expect(found.map(\.build.id) == [build.id])
        #expect(found.first?.build.isToGather == true)
    }
}
