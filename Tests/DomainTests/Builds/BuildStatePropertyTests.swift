import Domain
import Testing

/// A generator with a seed, so that a failing order can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Random orders of true, late, doubled and senseless events.
@Suite struct BuildStatePropertyTests {
    static func event(_ random: inout SeededGenerator) -> BuildEvent {
        let attempt = Attempt(number: Int.random(in: 1...4, using: &random), key: "k")
        let run = Run(attempt: attempt, provider: "local", id: "k", url: nil)
        let failure = Failure(kind: .build, message: "No.")
        switch Int.random(in: 0..<16, using: &random) {
        case 0...2: return .claimed(attempt)
        case 3, 4: return .triggered(run)
        case 5: return .phaseChanged(Phase(label: "A", percent: nil), of: attempt)
        case 6, 7: return .runSucceeded(of: attempt)
        case 8, 9: return .collected([], of: attempt, needsVerification: Bool.random(using: &random))
        case 10: return .verified(pictures: [], of: attempt)
        case 11: return .attemptLost(attempt, failure)
        case 12: return Int.random(in: 0..<8, using: &random) == 0 ? .ended(failure, of: attempt) : .claimed(attempt)
        case 13: return .runLocated(Run(attempt: attempt, provider: "local", id: "better", url: nil))
        case 14:
            let isRare = Int.random(in: 0..<8, using: &random) == 0
            return isRare ? .reused([], from: BuildStateTests.leader) : .triggered(run)
        default: return Int.random(in: 0..<12, using: &random) == 0 ? .cancelled : .runSucceeded(of: attempt)
        }
    }

    @Test(arguments: [400]) func `whatever the order, it ends at most once and mails once then (P2)`(orders: UInt64)
        throws
    {
        for seed in 0..<orders { try Self.holds(seed) }
    }

    private static func holds(_ seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        var state = BuildState.queued(attemptsUsed: 0)
        var mails = 0
        var claims = 0
        var cleanedUp: Set<Int> = []
        for _ in 0..<300 {
            let before = state
            let event = event(&random)
            let effects = (try? state.apply(event, policy: BuildPolicy(maxAttempts: 3))) ?? []
            if before.isTerminal {
                #expect(state == before)
                #expect(effects.isEmpty)
            }
            if before == state { #expect(effects.isEmpty) }
            if before.name == .queued, state.name == .triggering { claims += 1 }
            for effect in effects {
                switch effect {
                case .mail:
                    mails += 1
                    #expect(state.isTerminal)
                case .cleanUp(let attempt):
                    #expect(cleanedUp.insert(attempt.number).inserted, "an attempt is cleaned up once")
                case .keepArtifacts: #expect(before.attempt != nil || event.name == .reused)
                case .retry(let used): #expect(state == .queued(attemptsUsed: used))
                }
            }
        }
        #expect(mails == (state.isTerminal ? 1 : 0))
        #expect(claims <= 3, "no more runs than attempts (P3)")
    }

    @Test(arguments: [100]) func `from any open state the true events lead to an end: none is lost`(orders: UInt64)
        throws
    {
        for seed in 0..<orders { try Self.ends(seed) }
    }

    private static func ends(_ seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        var state = BuildState.queued(attemptsUsed: 0)
        let policy = BuildPolicy(maxAttempts: 3)
        for _ in 0..<Int.random(in: 0..<40, using: &random) {
            _ = try? state.apply(event(&random), policy: policy)
        }
        for _ in 0..<6 {
            switch state {
            case .queued(let used): _ = try state.apply(.claimed(Attempt(number: used + 1, key: "k")), policy: policy)
            case .triggering(let attempt):
                let run = Run(attempt: attempt, provider: "local", id: "k", url: nil)
                _ = try state.apply(.triggered(run), policy: policy)
            case .running(let run, _): _ = try state.apply(.runSucceeded(of: run.attempt), policy: policy)
            case .collecting(let run):
                _ = try state.apply(.collected([], of: run.attempt, needsVerification: true), policy: policy)
            case .verifying(let run): _ = try state.apply(.verified(pictures: [], of: run.attempt), policy: policy)
            case .succeeded, .failed, .cancelled, .expired: break
            }
        }
        #expect(state.isTerminal)
    }
}
