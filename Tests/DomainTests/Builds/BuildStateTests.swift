import Domain
import Testing

/// Every state against every event: what follows is written out, so that a change of the machine is a change here.
@Suite struct BuildStateTests {
    static let first = Attempt(number: 1, key: "b-1")
    static let second = Attempt(number: 2, key: "b-2")
    static let run = Run(attempt: first, provider: "local", id: "b-1", url: nil)
    static let secondRun = Run(attempt: second, provider: "local", id: "b-2", url: nil)
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
        .claimed(first), .triggered(run), .phaseChanged(phase, of: first), .runSucceeded(of: first),
        .collected([iso], of: first, needsVerification: true), .verified(pictures: [picture], of: first),
        .attemptLost(first, failure), .ended(failure, of: first), .cancelled, .expired,
    ]

    /// What each open state does with each event of `events`; `nil`: it is refused.
    static let table: [BuildState.Name: [BuildState.Name?]] = [
        //           claimed      triggered    phase        runSucceeded  collected    verified     lost     ended    cancelled   expired
        .queued: [.triggering, nil, nil, nil, nil, nil, nil, .queued, .cancelled, .expired],
        .triggering: [
            .triggering, .running, nil, nil, nil, nil, .queued, .failed, .cancelled, .triggering,
        ],
        .running: [.running, .running, .running, .collecting, nil, nil, .queued, .failed, .cancelled, .running],
        .collecting: [
            .collecting, .collecting, .collecting, .collecting, .verifying, nil, .queued, .failed, .cancelled,
            .collecting,
        ],
        .verifying: [
            .verifying, .verifying, .verifying, .verifying, .verifying, .succeeded, .queued, .failed, .cancelled,
            .verifying,
        ],
    ]

    @Test(arguments: open) func `every open state answers every event as the table says`(start: BuildState) throws {
        let row = try #require(Self.table[start.name])
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
            .triggered(Self.run), .phaseChanged(Self.phase, of: Self.first), .runSucceeded(of: Self.first),
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
}
