import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: facts about runs") struct RunFactTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases)
    func `a run with a better name is the same run, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        let attempt = Attempt(number: 1, of: id)
        let ticket = Run(attempt: attempt, provider: "local", id: "queue/7", url: nil)
        let better = Run(attempt: attempt, provider: "local", id: "run/99", url: "https://ci.example/99")
        let phase = Phase(label: "Halfway", percent: 50)
        try await fixture.apply(.triggered(ticket), to: claimed)
        try await fixture.apply(.phaseChanged(phase, of: attempt), to: claimed)
        let moved = try await fixture.apply(.runLocated(better), to: id)
        #expect(moved.changed && moved.effects.isEmpty)
        #expect(moved.build.runs == [better])
        let read = try await fixture.read(id)
        #expect(read == moved.build && read.state == .running(better, phase))
        #expect(try await !fixture.apply(.runLocated(better), to: id).changed)
        #expect(try await fixture.store.timeline(of: id, after: 4).map(\.event) == ["runLocated"])
        // The worker keeps its claim, and what is cleaned up is the run by its better name.
        try await fixture.apply(.runSucceeded(of: attempt), to: claimed)
        try await fixture.apply(.collected([.sample()], of: attempt, needsVerification: false), to: claimed)
        let cleanUps = try await fixture.store.claimDueCleanUps(limit: 9, leaseFor: .zero, at: Fixture.start)
        #expect(cleanUps.map(\.run) == [better])
        #expect(try await fixture.read(id).runs == [better])
    }

    @Test(arguments: StoreEngine.allCases)
    func `runs of earlier attempts keep their names`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let (first, second) = (Attempt(number: 1, of: claimed.build.id), Attempt(number: 2, of: claimed.build.id))
        try await fixture.apply(.triggered(.sample(first)), to: claimed)
        try await fixture.apply(.attemptLost(first, .lost), to: claimed)
        let again = try #require(try await fixture.startAll(at: Fixture.start + .seconds(60)).first)
        try await fixture.apply(.triggered(.sample(second)), to: again)
        let better = Run(attempt: second, provider: "local", id: "better", url: nil)
        try await fixture.apply(.runLocated(better), to: again)
        var late = Run.sample(first)
        late.id = "late"
        #expect(try await !fixture.apply(.runLocated(late), to: again).changed)
        #expect(try await fixture.read(claimed.build.id).runs == [.sample(first), better])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a fetched input is noted once for each attempt and name`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let id = claimed.build.id
        let (first, second) = (Attempt(number: 1, of: id), Attempt(number: 2, of: id))
        func fetch(_ name: String, _ attempt: Attempt) async throws {
            try await fixture.store.recordInputFetched(name, by: attempt, of: id, at: Fixture.start)
        }
        func fetched() async throws -> [String?] {
            try await fixture.store.timeline(of: id, after: 0).filter { $0.event == "inputFetched" }.map(\.note)
        }
        var build = fixture.notices.subscribe(to: .build(id)).makeAsyncIterator()
        await build.next()
        try await fetch("a.png", first)
        await build.next()
        try await fetch("a.png", first)
        try await fetch("b.png", first)
        try await fetch("a.png", second)
        #expect(try await fetched() == ["a.png", "b.png"])
        let read = try await fixture.read(id)
        #expect(read.state == .triggering(first) && read.sequence == 4)
        // The worker's claim is untouched, and the timeline goes on.
        try await fixture.apply(.triggered(.sample(first)), to: claimed)
        try await fixture.apply(.attemptLost(first, .lost), to: claimed)
        try await fetch("c.png", first)
        try await fixture.startAll(at: Fixture.start + .seconds(60))
        try await fetch("c.png", first)
        try await fetch("a.png", second)
        #expect(try await fetched() == ["a.png", "b.png", "a.png"])
        try await fixture.apply(.cancelled, to: id)
        try await fetch("d.png", second)
        #expect(try await fetched().count == 3)
        let timeline = try await fixture.store.timeline(of: id, after: 0)
        #expect(timeline.map(\.sequence) == Array(1...Int64(timeline.count)))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a failure keeps the lines around its error, up to a bound`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for context in ["one\ntwo\nerror: x\nfour", String(repeating: "e\u{301}", count: 4000)] {
            let build = try await fixture.accept()
            let failure = Failure(kind: .build, message: "No.", errorLine: "error: x", context: context)
            try await fixture.apply(.ended(failure, of: nil), to: build.id)
            #expect(try await fixture.read(build.id).state == .failed(failure))
            #expect(failure.context?.unicodeScalars.count == min(4000, context.unicodeScalars.count))
        }
    }
}
