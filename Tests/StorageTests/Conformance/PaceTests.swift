import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: pace and routes") struct PaceTests {
    typealias Fixture = StoreFixture
    private static let slots = StartSlots(
        perProvider: ["local": 1000, "github": 1000], perRecipe: [:], triggersPerMinute: ["local": 3])

    private func start(_ fixture: Fixture, _ slots: StartSlots = slots, at second: Int) async throws -> Int {
        try await fixture.startAll(slots, at: Fixture.start + .seconds(second)).count
    }

    @Test(arguments: StoreEngine.allCases)
    func `no more attempts begin within any minute than allowed, P6`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<10 { try await fixture.accept() }
        #expect(
            try await fixture.store.startDue(
                Self.slots, limit: 2, leaseFor: Fixture.lease, at: Fixture.start
            ).count == 2)
        #expect(try await start(fixture, at: 40) == 1)
        #expect(try await start(fixture, at: 59) == 0)
        #expect(try await start(fixture, at: 60) == 2)
        #expect(try await start(fixture, at: 99) == 0)
        #expect(try await start(fixture, at: 100) == 1)
        for _ in 0..<5 { try await fixture.accept { $0.provider = "github" } }
        #expect(try await start(fixture, at: 101) == 5, "others have no such bound")
    }

    @Test(arguments: StoreEngine.allCases)
    func `a recipe has a pace of its own`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let rare = RecipeID(unchecked: "rare")
        for _ in 0..<3 {
            try await fixture.accept()
            try await fixture.accept { $0.recipe = rare }
        }
        let slots = StartSlots(
            perProvider: ["local": 1000], perRecipe: [rare: 9], recipeTriggersPerMinute: [rare: 1])
        let first = try await fixture.startAll(slots)
        #expect(first.count == 4)
        #expect(first.filter { $0.build.recipe == rare }.count == 1)
        #expect(try await start(fixture, slots, at: 60) == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `an attempt that was lost has used its place in the minute`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let slots = StartSlots(perProvider: ["local": 9], perRecipe: [:], triggersPerMinute: ["local": 1])
        try await fixture.accept()
        let claimed = try #require(try await fixture.startAll(slots).first)
        try await fixture.apply(.attemptLost(Attempt(number: 1, of: claimed.build.id), .lost), to: claimed)
        #expect(try await start(fixture, slots, at: 30) == 0)
        #expect(try await start(fixture, slots, at: 60) == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `the next look is when the next place is free`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<6 { try await fixture.accept() }
        func next(_ slots: StartSlots, at second: Int) async throws -> Timestamp? {
            try await fixture.store.nextActionAt(for: slots, at: Fixture.start + .seconds(second))
        }
        #expect(try await next(Self.slots, at: 0) == Fixture.start)
        _ = try await fixture.store.startDue(Self.slots, limit: 1, leaseFor: .seconds(900), at: Fixture.start)
        _ = try await fixture.store.startDue(
            Self.slots, limit: 2, leaseFor: .seconds(900), at: Fixture.start + .seconds(20))
        #expect(try await next(Self.slots, at: 30) == Fixture.start + .seconds(60))
        #expect(try await fixture.store.nextActionAt() == Fixture.start, "which does not know the pace")
        let byRecipe = StartSlots(perProvider: ["local": 9], perRecipe: [:], recipeTriggersPerMinute: [.sample: 2])
        #expect(try await next(byRecipe, at: 30) == Fixture.start + .seconds(80))
        let never = StartSlots(perProvider: ["local": 9], perRecipe: [:], triggersPerMinute: ["local": 0])
        #expect(try await next(never, at: 30) == Fixture.start + .seconds(900), "the leases' end")
        let early = try await fixture.accept { $0.provider = "github" }
        #expect(try await next(Self.slots, at: 30) == early.createdAt)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a clock that was set back holds nobody up`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<6 { try await fixture.accept(at: Fixture.start - .seconds(9000)) }
        #expect(try await start(fixture, at: 0) == 3)
        #expect(try await start(fixture, at: -7200) == 3)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a recipe's waiting builds go to another provider, those under way stay`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let running = try await fixture.started()
        let leader = try await fixture.accept { $0.reuseKey = "k" }
        let follower = try await fixture.accept { $0.reuseKey = "k" }
        let other = try await fixture.accept { $0.recipe = RecipeID(unchecked: "other") }
        #expect(follower.follows == leader.id)
        var work = fixture.notices.subscribe(to: .work).makeAsyncIterator()
        await work.next()
        #expect(try await fixture.store.route(.sample, to: "github", at: Fixture.start) == 2)
        await work.next()
        #expect(try await fixture.store.route(.sample, to: "github", at: Fixture.start) == 0)
        #expect(try await fixture.read(leader.id).provider == "github")
        #expect(try await fixture.read(follower.id).provider == "github")
        #expect(try await fixture.read(other.id).provider == "local")
        #expect(try await fixture.read(running.build.id).provider == "local")
        let backlog = try await fixture.store.backlog()
        #expect(backlog.keys.sorted() == ["github", "local"])
        #expect(backlog["local"]?.waiting == 1 && backlog["local"]?.underWay == 1)
        #expect(backlog["github"]?.waiting == 1 && backlog["github"]?.underWay == 0)
        #expect(try await start(fixture, at: 1) == 2)
    }
}
