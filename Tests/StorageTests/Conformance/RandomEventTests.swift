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
        for _ in 0..<4 { models.append(Model(id: try await fixture.accept().id)) }
        var now = Fixture.start
        for _ in 0..<300 {
            now = now + .milliseconds(Int.random(in: 0...500, using: &random))
            let place = Int.random(in: 0..<models.count, using: &random)
            let event = BuildEvent.random(of: models[place].id, using: &random)
            try await step(&models[place], event, fixture, at: now)
        }
        for model in models { try await compare(model, fixture) }
        // Whatever happened, nothing that still owes work was forgotten.
        let owesWork = models.contains { !$0.state.isTerminal }
        #expect(try await (fixture.store.nextActionAt() != nil) == owesWork)
    }

    private struct Model {
        var id: BuildID
        var state = BuildState.queued(attemptsUsed: 0)
        var mails: [MailKind] = []
        var cleanUps: Set<Attempt> = []
        var changes = 0
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
            if next != model.state { model.changes += 1 }
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
        #expect(build.sequence == Int64(model.changes + 1))
        let timeline = try await fixture.store.timeline(of: model.id, after: 0)
        #expect(timeline.map(\.sequence) == (0...model.changes).map { Int64($0 + 1) })
        #expect(timeline.last?.state == model.state.name)
        #expect(try await fixture.store.deliveries(of: model.id).map(\.kind) == model.mails)
        #expect(model.mails.count == (model.state.isTerminal ? 1 : 0))
        let late = Fixture.start + .seconds(100_000)
        let owed = try await fixture.store.claimDueCleanUps(limit: 100, leaseFor: .zero, at: late)
        #expect(Set(owed.filter { $0.build == model.id }.map(\.attempt)) == model.cleanUps)
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
    fileprivate static func random(of build: BuildID, using random: inout SeededGenerator) -> BuildEvent {
        let attempt = Attempt(number: Int.random(in: 1...3, using: &random), of: build)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<20: return .claimed(attempt)
        case ..<40: return .triggered(.sample(attempt))
        case ..<55:
            let percent = [nil, 10, 50].randomElement(using: &random) ?? nil
            return .phaseChanged(Phase(label: "Working", percent: percent), of: attempt)
        case ..<68: return .runSucceeded(of: attempt)
        case ..<80: return .collected([.sample()], of: attempt, needsVerification: Bool.random(using: &random))
        case ..<86: return .verified(pictures: [.sample("boot.png")], of: attempt)
        case ..<96: return .attemptLost(attempt, .lost)
        case ..<98: return .ended(.sample, of: attempt)
        case ..<99: return .cancelled
        default: return .expired
        }
    }
}
