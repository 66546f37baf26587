import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: many claims at once") struct ManyClaimsTests {
    typealias Fixture = StoreFixture
    private static let later = Fixture.start + .seconds(60)

    @Test(arguments: StoreEngine.allCases)
    func `hundreds are claimed at once, with their runs and artifacts, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<600 { try await fixture.accept() }
        for claimed in try await fixture.startAll().prefix(20) {
            let attempt = Attempt(number: 1, of: claimed.build.id)
            try await fixture.apply(.triggered(.sample(attempt)), to: claimed)
            try await fixture.apply(.runSucceeded(of: attempt), to: claimed)
            try await fixture.apply(.collected([.sample()], of: attempt, needsVerification: true), to: claimed)
        }
        let first = try await fixture.store.claimDue(limit: 512, leaseFor: Fixture.lease, at: Self.later)
        let second = try await fixture.store.claimDue(limit: 512, leaseFor: Fixture.lease, at: Self.later)
        #expect(first.count == 512 && second.count == 88)
        let all = first + second
        #expect(Set(all.map(\.build.id)).count == 600 && Set(all.map(\.lease)).count == 600)
        let verifying = all.filter { $0.build.state.name == .verifying }
        #expect(verifying.count == 20)
        for claimed in verifying {
            #expect(claimed.build.runs == [.sample(Attempt(number: 1, of: claimed.build.id))])
            #expect(claimed.build.artifacts == [.sample()])
            #expect(try await fixture.read(claimed.build.id) == claimed.build)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func `claims are prolonged together, and those that are lost are named, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<5 { try await fixture.accept() }
        let claimed = try await fixture.startAll()
        try await fixture.apply(.cancelled, to: claimed[0].build.id)
        try await fixture.store.settle(
            .release(claimed[1].lease, nextActionAt: Fixture.start), of: claimed[1].build.id, at: Fixture.start)
        let retaken = try #require(
            try await fixture.store.claimDue(limit: 1, leaseFor: Fixture.lease, at: Fixture.start).first)
        let until = Fixture.start + .seconds(500)
        let lost = try await fixture.store.keep(
            claimed.map { (build: $0.build.id, lease: $0.lease) }, until: until, at: Fixture.start)
        #expect(lost == [claimed[0].build.id, claimed[1].build.id])
        let due = try await fixture.store.claimDue(
            limit: 9, leaseFor: Fixture.lease, at: Fixture.start + .seconds(499))
        #expect(due.map(\.build.id) == [retaken.build.id])
        #expect(try await fixture.store.keep([], until: until, at: Fixture.start).isEmpty)
    }

    @Test(arguments: StoreEngine.allCases)
    func `claims are given back together, each with its time, and lost ones stay as they are, P3`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        for _ in 0..<3 { try await fixture.accept() }
        let claimed = try await fixture.startAll()
        try await fixture.apply(.cancelled, to: claimed[0].build.id)
        var work = fixture.notices.subscribe(to: .work).makeAsyncIterator()
        await work.next()
        try await fixture.store.release(
            claimed.enumerated().map { place, claim in
                (build: claim.build.id, lease: claim.lease, nextActionAt: Fixture.start + .seconds(place * 100))
            }, at: Fixture.start)
        await work.next()
        #expect(try await fixture.read(claimed[0].build.id).state == .cancelled)
        #expect(try await fixture.store.nextActionAt() == Fixture.start + .seconds(100))
        let due = try await fixture.store.claimDue(
            limit: 9, leaseFor: Fixture.lease, at: Fixture.start + .seconds(100))
        #expect(due.map(\.build.id) == [claimed[1].build.id])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a nudge makes a build under way due now`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        try await fixture.store.settle(.release(claimed.lease, nextActionAt: Self.later), of: id, at: Fixture.start)
        let now = Fixture.start + .seconds(5)
        var work = fixture.notices.subscribe(to: .work).makeAsyncIterator()
        var build = fixture.notices.subscribe(to: .build(id)).makeAsyncIterator()
        await work.next()
        await build.next()
        try await fixture.store.nudge(id, at: now)
        await work.next()
        await build.next()
        #expect(try await fixture.store.nextActionAt() == now)
        #expect(try await fixture.store.claimDue(limit: 9, leaseFor: Fixture.lease, at: now).map(\.build.id) == [id])
    }

    @Test(arguments: StoreEngine.allCases, [true, false])
    func `a nudge while somebody looks is not forgotten when they give the build back`(
        engine: StoreEngine, together: Bool
    ) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        let now = Fixture.start + .seconds(5)
        try await fixture.store.nudge(id, at: now)
        #expect(try await fixture.store.claimDue(limit: 9, leaseFor: Fixture.lease, at: now).isEmpty)
        if together {
            try await fixture.store.release([(build: id, lease: claimed.lease, nextActionAt: Self.later)], at: now)
        } else {
            let attempt = Attempt(number: 1, of: id)
            _ = try await fixture.store.apply(
                .triggered(.sample(attempt)), to: id, policy: Fixture.policy,
                lease: .release(claimed.lease, nextActionAt: Self.later), at: now)
        }
        let again = try #require(
            try await fixture.store.claimDue(limit: 9, leaseFor: Fixture.lease, at: now).first)
        try await fixture.store.settle(.release(again.lease, nextActionAt: Self.later), of: id, at: now)
        #expect(try await fixture.store.nextActionAt() == Self.later, "once looked at, it is forgotten")
    }

    @Test(arguments: StoreEngine.allCases)
    func `a nudge does nothing to builds that wait or have ended`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let waiting = try await fixture.accept()
        let ended = try await fixture.accept()
        try await fixture.apply(.cancelled, to: ended.id)
        for id in [waiting.id, ended.id, NewBuild.sample().id] { try await fixture.store.nudge(id, at: Self.later) }
        #expect(try await fixture.read(waiting.id) == waiting)
        #expect(try await fixture.store.nextActionAt() == Fixture.start)
    }
}
