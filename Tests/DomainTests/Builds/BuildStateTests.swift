import Domain
import Testing

/// Every state against every event: what follows is written out, so that a change of the machine is a change here.
@Suite struct BuildStateTests {
    static let first = Attempt(number: 1, key: "b-1")
    static let second = Attempt(number: 2, key: "b-2")
    static let run = Run(attempt: first, provider: "local", id: "b-1", url: nil)
    static let secondRun = Run(attempt: second, provider: "local", id: "b-2", url: nil)
    static let located = Run(attempt: first, provider: "local", id: "build/7", url: "https://ci.example/7")
    static let leader = BuildID(unchecked: "0123456789abcdefghjkmnpqrs")
    static let failure = Failure(kind: .infrastructure, message: "The machine went away.")
    static let policy = BuildPolicy(maxAttempts: 2)
    static let iso = Artifact(name: "a.iso", role: .product, contentType: "x/y", bytes: 1, sha256: "00")
    static let picture = Artifact(name: "a.png", role: .picture, contentType: "image/png", bytes: 1, sha256: "00")
    static let phase = Phase(label: "Packing", percent: 40)

    static let open: [BuildState] = [
        .queued(attemptsUsed: 0), .triggering(first), .running(run, nil), .collecting(run), .verifying(run),
    ]
    static let ended: [BuildState] = [.succeeded, .failed(failure), .cancelled, .expired]

    /// One event of each name, all about the first attempt.
    static let events: [BuildEvent] = [
        .claimed(first), .triggered(run), .runLocated(located), .phaseChanged(phase, of: first),
        .runSucceeded(of: first),
        .collected([iso], of: first, needsVerification: true), .verified(pictures: [picture], of: first),
        .attemptLost(first, failure), .ended(failure, of: first), .cancelled, .expired,
        .reused([iso], from: leader), .gathered(of: first),
    ]

    /// What each open state does with each event of `events`; `nil`: it is refused.
    static let table: [BuildState.Name: [BuildState.Name?]] = [
        // claimed, triggered, runLocated, phaseChanged, runSucceeded, collected, verified, attemptLost, ended, cancelled,
        // expired, reused, gathered
        .queued: [
            .triggering, nil, nil, nil, nil, nil, nil, nil, .queued, .cancelled, .expired, .succeeded,
            .queued,
        ],
        .triggering: [
            .triggering, .running, .triggering, nil, nil, nil, nil, .queued, .failed, .cancelled, .triggering, nil,
            .queued,
        ],
        .running: [
            .running, .running, .running, .running, .collecting, nil, nil, .queued, .failed, .cancelled, .running, nil,
            .running,
        ],
        .collecting: [
            .collecting, .collecting, .collecting, .collecting, .collecting, .verifying, nil, .queued, .failed,
            .cancelled, .collecting, nil, .collecting,
        ],
        .verifying: [
            .verifying, .verifying, .verifying, .verifying, .verifying, .verifying, .succeeded, .queued, .failed,
            .cancelled, .verifying, nil, .verifying,
        ],
    ]

    @Test(arguments: open) func `every open state answers every event as the table says`(start: BuildState) throws {
        let row = try #require(Self.table[start.name])
        #expect(row.count == Self.events.count && Set(Self.events.map(\.name)) == Set(BuildEvent.Name.allCases))
        for (event, expected) in zip(Self.events, row) {
            var state = start
            do {
                _ = try state.apply(event, policy: Self.policy)
                #expect(state.name == expected, "\(start.name) + \(event.name)")
            } catch {
                #expect(expected == nil, "\(start.name) + \(event.name)")
                #expect(error == IllegalTransition(state: start.name, event: event.name))
                #expect(state == start, "a refused event changes nothing")
            }
        }
    }

    @Test(arguments: ended) func `an ended build absorbs every event (P2)`(start: BuildState) throws {
        for event in Self.events {
            var state = start
            #expect(try state.apply(event, policy: Self.policy).isEmpty)
            #expect(state == start)
        }
    }

    @Test(arguments: open) func `replaying the event that led here changes nothing (P3)`(start: BuildState) throws {
        for event in Self.events {
            var state = start
            guard (try? state.apply(event, policy: Self.policy)) != nil else { continue }
            let after = state
            let again = try? state.apply(event, policy: Self.policy)
            if let again { #expect(again.isEmpty, "\(start.name) + \(event.name) twice") }
            #expect(state == after || again == nil)
        }
    }

    @Test func `a lost attempt is tried again while the policy allows and fails as infrastructure afterwards`() throws {
        var state = BuildState.running(Self.run, nil)
        #expect(
            try state.apply(.attemptLost(Self.first, Self.failure), policy: Self.policy)
                == [.cleanUp(Self.first), .retry(attemptsUsed: 1)])
        #expect(state == .queued(attemptsUsed: 1))
        #expect(try state.apply(.claimed(Self.second), policy: Self.policy).isEmpty)
        #expect(
            try state.apply(.attemptLost(Self.second, Self.failure), policy: Self.policy)
                == [.mail(.failed), .cleanUp(Self.second)])
        #expect(state == .failed(Self.failure))
    }

    @Test func `late reports of a lost attempt do not reach the next one (P3)`() throws {
        let late: [BuildEvent] = [
            .triggered(Self.run), .runLocated(Self.located), .phaseChanged(Self.phase, of: Self.first),
            .runSucceeded(of: Self.first),
            .collected([Self.iso], of: Self.first, needsVerification: false),
            .verified(pictures: [], of: Self.first), .attemptLost(Self.first, Self.failure),
            .ended(Self.failure, of: Self.first),
        ]
        let states: [BuildState] = [
            .queued(attemptsUsed: 1), .triggering(Self.second), .running(Self.secondRun, nil),
            .collecting(Self.secondRun), .verifying(Self.secondRun),
        ]
        for start in states {
            for event in late {
                var state = start
                #expect(try state.apply(event, policy: Self.policy).isEmpty, "\(start.name) + \(event.name)")
                #expect(state == start)
            }
        }
    }

    @Test func `attempts cannot be skipped or repeated`() {
        var state = BuildState.queued(attemptsUsed: 0)
        #expect(throws: IllegalTransition.self) { try state.apply(.claimed(Self.second), policy: Self.policy) }
        state = .triggering(Self.first)
        #expect(throws: IllegalTransition.self) { try state.apply(.claimed(Self.second), policy: Self.policy) }
    }

    @Test func `collecting without a verify step succeeds at once and mails once`() throws {
        var state = BuildState.collecting(Self.run)
        let effects = try state.apply(
            .collected([Self.iso], of: Self.first, needsVerification: false), policy: Self.policy)
        #expect(effects == [.keepArtifacts([Self.iso]), .mail(.succeeded), .cleanUp(Self.first)])
        #expect(state == .succeeded)
    }

    @Test(arguments: open.filter { $0.run != nil })
    func `a run with a better name is the same run in the same state, without effects (P3)`(start: BuildState) throws {
        var state = start
        #expect(try state.apply(.runLocated(Self.located), policy: Self.policy).isEmpty)
        #expect(state.run == Self.located && state.name == start.name)
        #expect(try state.apply(.runLocated(Self.secondRun), policy: Self.policy).isEmpty)
        #expect(state.run == Self.located, "another attempt's run is none of it")
    }

    @Test func `a better name leaves the phase as it is`() throws {
        var state = BuildState.running(Self.run, Self.phase)
        _ = try state.apply(.runLocated(Self.located), policy: Self.policy)
        #expect(state == .running(Self.located, Self.phase))
    }

    @Test func `a name for an attempt that was never made is refused`() {
        for start in [BuildState.queued(attemptsUsed: 0), .triggering(Self.first)] {
            var state = start
            #expect(throws: IllegalTransition.self) {
                try state.apply(.runLocated(Self.secondRun), policy: Self.policy)
            }
        }
    }

    @Test func `another build's artifacts end a waiting build well, with one mail and nothing to clean up (P2)`() throws
    {
        var state = BuildState.queued(attemptsUsed: 0)
        let effects = try state.apply(.reused([Self.iso], from: Self.leader), policy: Self.policy)
        #expect(effects == [.keepArtifacts([Self.iso]), .mail(.succeeded)])
        #expect(state == .succeeded)
    }
}
