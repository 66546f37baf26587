import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: claims") struct BuildStoreClaimTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases)
    func `many workers start each waiting build once, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<60 { try await fixture.accept() }
        let claimed = try await withThrowingTaskGroup(of: [ClaimedBuild].self) { group in
            for _ in 0..<20 {
                group.addTask {
                    var mine: [ClaimedBuild] = []
                    while true {
                        let more = try await fixture.store.startDue(
                            Fixture.slots, limit: 2, leaseFor: Fixture.lease, at: Fixture.start)
                        if more.isEmpty { return mine }
                        mine += more
                    }
                }
            }
            return try await group.reduce(into: [ClaimedBuild]()) { $0 += $1 }
        }
        #expect(claimed.count == 60)
        #expect(Set(claimed.map(\.build.id)).count == 60)
        #expect(Set(claimed.map(\.lease)).count == 60)
        #expect(try await fixture.store.counts() == [.triggering: 60])
    }

    @Test(arguments: StoreEngine.allCases)
    func `many workers claim each due build once, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<60 { try await fixture.accept() }
        _ = try await fixture.store.startDue(Fixture.slots, limit: 100, leaseFor: .zero, at: Fixture.start)
        let now = Fixture.start + .seconds(1)
        let claimed = try await withThrowingTaskGroup(of: [ClaimedBuild].self) { group in
            for _ in 0..<20 {
                group.addTask { try await fixture.store.claimDue(limit: 4, leaseFor: Fixture.lease, at: now) }
            }
            return try await group.reduce(into: [ClaimedBuild]()) { $0 += $1 }
        }
        #expect(claimed.count == 60)
        #expect(Set(claimed.map(\.build.id)).count == 60)
    }

    @Test(arguments: StoreEngine.allCases)
    func `slots are never exceeded, of a provider or of a recipe, P6`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let rare = RecipeID(unchecked: "rare")
        for _ in 0..<10 {
            try await fixture.accept { $0.recipe = rare }
            try await fixture.accept()
            try await fixture.accept { $0.provider = "github" }
            try await fixture.accept { $0.provider = "nobody" }
        }
        let slots = StartSlots(perProvider: ["local": 12, "github": 3], perRecipe: [rare: 2])
        let claimed = try await withThrowingTaskGroup(of: [ClaimedBuild].self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await fixture.store.startDue(slots, limit: 4, leaseFor: Fixture.lease, at: Fixture.start)
                }
            }
            return try await group.reduce(into: [ClaimedBuild]()) { $0 += $1 }
        }
        let builds = claimed.map(\.build)
        #expect(builds.filter { $0.provider == "local" }.count == 12)
        #expect(builds.filter { $0.recipe == rare }.count == 2)
        #expect(builds.filter { $0.provider == "github" }.count == 3)
        #expect(builds.count == 15)

        try await fixture.apply(.cancelled, to: try #require(builds.first { $0.recipe == rare }).id)
        let next = try await fixture.store.startDue(slots, limit: 4, leaseFor: Fixture.lease, at: Fixture.start)
        #expect(next.map(\.build.recipe) == [rare])
    }

    @Test(arguments: StoreEngine.allCases)
    func `priority goes first, then age`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let old = try await fixture.accept()
        let young = try await fixture.accept(at: Fixture.start + .seconds(1))
        let urgent = try await fixture.accept(at: Fixture.start + .seconds(2)) { $0.priority = 5 }
        #expect(try await fixture.store.queuePlace(of: urgent.id) == QueuePlace(waitingBefore: 0, underWay: 0))
        #expect(try await fixture.store.queuePlace(of: old.id) == QueuePlace(waitingBefore: 1, underWay: 0))
        #expect(try await fixture.store.queuePlace(of: young.id) == QueuePlace(waitingBefore: 2, underWay: 0))
        let order = try await started(fixture, count: 3)
        #expect(order == [urgent.id, old.id, young.id])
        #expect(try await fixture.store.queuePlace(of: young.id) == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `one requester's many builds do not stand before another's one`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        var many: [BuildID] = []
        for second in 0..<5 {
            many.append(
                try await fixture.accept(at: Fixture.start + .seconds(second)) { $0.address = "many@example.org" }.id)
        }
        let one = try await fixture.accept(at: Fixture.start + .seconds(600)) { $0.address = "one@example.org" }
        let late = try await fixture.accept(at: Fixture.start + .seconds(5000)) { $0.address = "late@example.org" }
        #expect(try await fixture.store.queuePlace(of: one.id)?.waitingBefore == 1)
        let order = try await started(fixture, count: 9, at: Fixture.start + .seconds(6000))
        #expect(order == [many[0], one.id, many[1], late.id, many[2], many[3], many[4]])
    }

    @Test(arguments: StoreEngine.allCases)
    func `without an address the source says who is asking`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        func accept(_ second: Int, from source: String) async throws -> BuildID {
            try await fixture.accept(at: Fixture.start + .seconds(second)) {
                $0.address = nil
                $0.source = source
            }.id
        }
        let first = try await accept(0, from: "a")
        let second = try await accept(1, from: "a")
        let other = try await accept(2, from: "b")
        #expect(try await started(fixture, count: 3) == [first, other, second])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a lease that ran out is given to the next, and the first holder has lost it, P3`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let first = try await fixture.started()
        let id = first.build.id
        let early = Fixture.start + .seconds(29)
        #expect(try await fixture.store.claimDue(limit: 9, leaseFor: Fixture.lease, at: early).isEmpty)
        #expect(try await fixture.store.nextActionAt() == Fixture.start + Fixture.lease)

        let late = Fixture.start + .seconds(30)
        let second = try #require(
            try await fixture.store.claimDue(limit: 9, leaseFor: Fixture.lease, at: late).first)
        #expect(second.build.id == id)
        #expect(second.lease != first.lease)
        let event = BuildEvent.triggered(.sample(Attempt(number: 1, of: id)))
        await #expect(throws: StorageError.leaseLost) { try await fixture.apply(event, to: first, at: late) }
        await #expect(throws: StorageError.leaseLost) {
            try await fixture.store.settle(.release(first.lease, nextActionAt: late), of: id, at: late)
        }
        try await fixture.apply(event, to: second, at: late)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a claim can be prolonged and given back`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        let until = Fixture.start + .seconds(90)
        try await fixture.store.settle(.keep(claimed.lease, until: until), of: id, at: Fixture.start)
        #expect(try await fixture.store.nextActionAt() == until)
        let again = Fixture.start + .seconds(7)
        try await fixture.store.settle(.release(claimed.lease, nextActionAt: again), of: id, at: Fixture.start)
        #expect(try await fixture.store.nextActionAt() == again)
        #expect(try await fixture.store.claimDue(limit: 1, leaseFor: Fixture.lease, at: Fixture.start).isEmpty)
        #expect(try await fixture.store.claimDue(limit: 1, leaseFor: Fixture.lease, at: again).count == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a cancel takes the worker's claim away`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        let attempt = Attempt(number: 1, of: id)
        try await fixture.apply(.cancelled, to: id)
        await #expect(throws: StorageError.leaseLost) {
            try await fixture.apply(.triggered(.sample(attempt)), to: claimed)
        }
        let cleanUps = try await fixture.store.claimDueCleanUps(limit: 9, leaseFor: Fixture.lease, at: Fixture.start)
        #expect(cleanUps.map(\.attempt) == [attempt])
        #expect(cleanUps.map(\.run) == [nil])
        #expect(try await fixture.store.nextActionAt() == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a phase reported from outside leaves the worker its claim`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let attempt = Attempt(number: 1, of: claimed.build.id)
        try await fixture.apply(.triggered(.sample(attempt)), to: claimed)
        let phase = BuildEvent.phaseChanged(Phase(label: "Halfway", percent: 50), of: attempt)
        #expect(try await fixture.apply(phase, to: claimed.build.id).changed)
        #expect(try await !fixture.apply(phase, to: claimed.build.id).changed)
        try await fixture.apply(.runSucceeded(of: attempt), to: claimed)
    }

    @Test(arguments: StoreEngine.allCases)
    func `cancelling while workers act ends every build once, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<40 { try await fixture.accept() }
        let claimed = try await fixture.store.startDue(
            Fixture.slots, limit: 100, leaseFor: Fixture.lease, at: Fixture.start)
        await withTaskGroup(of: Void.self) { group in
            for build in claimed {
                // Either may come first; the loser is told so.
                group.addTask { try? await fixture.succeed(build) }
                group.addTask { _ = try? await fixture.apply(.cancelled, to: build.build.id) }
            }
        }
        for build in claimed {
            let state = try #require(try await fixture.store.build(build.build.id)).state
            #expect(state == .succeeded || state == .cancelled)
            let mails = try await fixture.store.deliveries(of: build.build.id)
            #expect(mails.map(\.kind) == [state == .succeeded ? .succeeded : .cancelled])
        }
        #expect(try await fixture.store.nextActionAt() == nil)
        #expect(try await fixture.store.outboxSummary().waiting == 40)
    }

    @Test(arguments: StoreEngine.allCases)
    func `who waited too long is found`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let old = try await fixture.accept()
        try await fixture.accept(at: Fixture.start + .seconds(10))
        try await fixture.accept { $0.recipe = RecipeID(unchecked: "patient") }
        func overdue(at second: Int) async throws -> [BuildID] {
            try await fixture.store.overdueInQueue(
                waitLimits: [.sample: .seconds(60)], at: Fixture.start + .seconds(second))
        }
        #expect(try await overdue(at: 60).isEmpty)
        #expect(try await overdue(at: 61) == [old.id])
        try await fixture.apply(.expired, to: old.id)
        #expect(try await overdue(at: 61).isEmpty)
        #expect(try await fixture.store.deliveries(of: old.id).map(\.kind) == [.expired])
    }

    @Test(arguments: StoreEngine.allCases)
    func `builds under way are told to who waits`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        _ = try await fixture.started()
        try await fixture.accept { $0.provider = "github" }
        let waiting = try await fixture.accept()
        #expect(try await fixture.store.queuePlace(of: waiting.id) == QueuePlace(waitingBefore: 0, underWay: 1))
    }

    private func started(
        _ fixture: StoreFixture, count: Int, at now: Timestamp = Fixture.start + .seconds(10)
    ) async throws -> [BuildID] {
        var order: [BuildID] = []
        for _ in 0..<count {
            order += try await fixture.store.startDue(Fixture.slots, limit: 1, leaseFor: Fixture.lease, at: now)
                .map(\.build.id)
        }
        return order
    }
}
