import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: random facts") struct RandomEventTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases, [1, 2, 3, 5, 8, 13] as [UInt64])
    func `the store moves builds exactly as the state machine does, P2`(engine: StoreEngine, seed: UInt64) async throws
    {
        let fixture = try await engine.open()
        var random = SeededGenerator(state: seed)
        var models: [Model] = []
        for _ in 0..<3 { models.append(Model(id: try await fixture.accept().id)) }
        for build in try await fixture.acceptGroup(of: ["a", "b", "c"]) {
            models.append(Model(id: build.id, isInGroup: true))
        }
        var now = Fixture.start
        for _ in 0..<450 {
            now = now + .milliseconds(Int.random(in: 0...500, using: &random))
            let place = Int.random(in: 0..<models.count, using: &random)
            if Int.random(in: 0..<5, using: &random) == 0 {
                try await disturb(&models[place], fixture, at: now, using: &random)
            } else {
                let source = models[(place + 1) % models.count].id
                let event = BuildEvent.random(of: models[place].id, source: source, using: &random)
                try await step(&models[place], event, fixture, at: now)
            }
        }
        for model in models { try await compare(model, fixture) }
        try await compare(group: models.filter(\.isInGroup), fixture)
        // Whatever happened, nothing that still owes work was forgotten.
        let owesWork = models.contains { !$0.state.isTerminal }
        #expect(try await (fixture.store.nextActionAt() != nil) == owesWork)
    }

    /// What moves no build: it changes the timeline at most, whenever it comes.
    private func disturb(
        _ model: inout Model, _ fixture: Fixture, at now: Timestamp, using random: inout SeededGenerator
    ) async throws {
        let attempt = Attempt(number: Int.random(in: 1...3, using: &random), of: model.id)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: try await fixture.store.nudge(model.id, at: now)
        case 1:
            try await fixture.store.recordInputFetched("a.png", by: attempt, of: model.id, at: now)
            if model.state.attempt == attempt, model.fetched.insert(attempt).inserted { model.entries += 1 }
        case 2: try await fixture.store.unfollow(model.id, at: now)
        case 3:
            let isCurrent = model.state.attempt == attempt && model.state.name != .verifying
            let report = RunReport(result: .succeeded, reportedAt: now)
            let merged = try? await fixture.store.record(report, of: attempt, build: model.id, at: now)
            #expect((merged != nil) == isCurrent)
        default:
            for claimed in try await fixture.store.claimDue(limit: 9, leaseFor: .zero, at: now) {
                try await fixture.store.release(
                    [(build: claimed.build.id, lease: claimed.lease, nextActionAt: now)], at: now)
            }
        }
    }

    private struct Model {
        var id: BuildID
        var isInGroup = false
        var state = BuildState.queued(attemptsUsed: 0)
        var mails: [MailKind] = []
        var cleanUps: Set<Attempt> = []
        /// Of the timeline.
        var entries = 1
        var fetched: Set<Attempt> = []
    }

    private func step(_ model: inout Model, _ event: BuildEvent, _ fixture: Fixture, at now: Timestamp) async throws {
        var next = model.state
        let wanted = Result { () throws(IllegalTransition) in try next.apply(event, policy: Fixture.policy) }
        do {
            let transition = try await fixture.apply(event, to: model.id, at: now)
            let effects = try wanted.get()
            #expect(transition.effects == effects)
            #expect(transition.changed == (next != model.state))
            #expect(transition.build.state == next)
            #expect(try await fixture.store.build(model.id) == transition.build)
            if next != model.state { model.entries += 1 }
            model.state = next
            for effect in effects {
                if case .mail(let kind) = effect { model.mails.append(kind) }
                if case .cleanUp(let attempt) = effect { model.cleanUps.insert(attempt) }
            }
        } catch let error as StorageError {
            guard case .failure(let illegal) = wanted else { throw error }
            #expect(error == .illegalTransition(illegal))
        }
    }

    private func compare(_ model: Model, _ fixture: Fixture) async throws {
        let build = try #require(try await fixture.store.build(model.id))
        #expect(build.state == model.state)
        #expect((build.finishedAt != nil) == model.state.isTerminal)
        #expect(build.sequence == Int64(model.entries))
        let timeline = try await fixture.store.timeline(of: model.id, after: 0)
        #expect(timeline.map(\.sequence) == (1...model.entries).map(Int64.init))
        #expect(timeline.last?.state == model.state.name)
        if !model.isInGroup {
            #expect(try await fixture.store.deliveries(of: model.id).map(\.kind) == model.mails)
        }
        #expect(model.mails.count == (model.state.isTerminal ? 1 : 0))
        let late = Fixture.start + .seconds(100_000)
        let owed = try await fixture.store.claimDueCleanUps(limit: 100, leaseFor: .zero, at: late)
        #expect(Set(owed.filter { $0.build == model.id }.map(\.attempt)) == model.cleanUps)
    }

    /// One mail for all when the last has ended, none before.
    private func compare(group models: [Model], _ fixture: Fixture) async throws {
        let states = models.map(\.state.name)
        let kinds = try await fixture.store.deliveries(of: models[0].id).map(\.kind)
        for model in models.dropFirst() {
            #expect(try await fixture.store.deliveries(of: model.id).isEmpty)
        }
        guard states.allSatisfy(\.isTerminal) else {
            #expect(kinds.isEmpty)
            return
        }
        #expect(kinds.count == 1)
        #expect((kinds == [.succeeded]) == states.contains(.succeeded))
    }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension BuildEvent {
    /// Facts that lead onward are more likely than ends, so that builds get far.
    fileprivate static func random(
        of build: BuildID, source: BuildID, using random: inout SeededGenerator
    ) -> BuildEvent {
        let attempt = Attempt(number: Int.random(in: 1...3, using: &random), of: build)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<20: return .claimed(attempt)
        case ..<40: return .triggered(.sample(attempt))
        case ..<44:
            let name = ["ticket", "build"].randomElement(using: &random) ?? "build"
            return .runLocated(Run(attempt: attempt, provider: "local", id: name, url: nil))
        case ..<55:
            let percent = [nil, 10, 50].randomElement(using: &random) ?? nil
            return .phaseChanged(Phase(label: "Working", percent: percent), of: attempt)
        case ..<68: return .runSucceeded(of: attempt)
        case ..<80: return .collected([.sample()], of: attempt, needsVerification: Bool.random(using: &random))
        case ..<86: return .verified(pictures: [.sample("boot.png")], of: attempt)
        case ..<96: return .attemptLost(attempt, .lost)
        case ..<98: return .ended(.sample, of: attempt)
        case ..<99:
            let isReuse = Int.random(in: 0..<3, using: &random) == 0
            return isReuse ? .reused([.sample()], from: source) : .cancelled
        default: return .expired
        }
    }
}
