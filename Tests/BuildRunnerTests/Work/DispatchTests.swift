import BuildRunner
import Domain
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DispatchTests {
    private static let no = Failure(kind: .input, message: "The build system refused it.")

    @Test
    func `An unknown answer is resolved by asking with the key: no second run (P3)`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(plans: [.startUnheard])
        let id = try await kiln.submit()
        let attempt = Attempt(number: 1, of: id)
        let build = try await kiln.working(try kiln.shop(provider)) {
            try await until { provider.triggers > 0 }
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name == .running })
            provider.end(attempt, as: .succeeded)
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(provider.triggers == 1)
        #expect(provider.starts == [attempt.key: 1])
    }

    @Test
    func `Nothing is sent again while nobody knows whether a run exists (P3)`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(plans: [.startUnheard])
        for _ in 0..<3 { provider.answerNextFind(.unknown(reason: "timeout")) }
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name == .running })
            return try #require(try await kiln.store.build(id))
        }
        #expect(provider.triggers == 1)
        #expect(build.runs.count == 1)
    }

    @Test
    func `A request that never arrived is sent again after the provider said that there is no run`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(plans: [.nothing(.unknown(reason: "connection refused"))], isInstant: true)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            try await kiln.turn(until: { provider.triggers == 2 })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(provider.starts.values.map { $0 } == [1])
    }

    @Test
    func `A run that appears late is found and not started again (P3)`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider(
            "webhook", plans: [.startUnheard], givesHints: false, settlingTime: .seconds(15))
        // The CI took the request, and shows the run only a while after the connection was given up.
        provider.answerNextFind(.done(nil))
        let id = try await kiln.submit()
        let began = kiln.clock.now()
        try await kiln.working(try kiln.shop(provider)) {
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name == .running })
        }
        #expect(provider.triggers == 1)
        #expect(provider.starts.values.map { $0 } == [1])
        #expect(kiln.clock.now() - began >= .seconds(15))
    }

    @Test
    func `What an earlier server may have sent gets its time to appear (P3)`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let slots = StartSlots(perProvider: ["webhook": 1], perRecipe: [:])
        _ = try await kiln.store.startDue(slots, limit: 1, leaseFor: .seconds(1), at: kiln.clock.now())
        kiln.clock.advance(by: .seconds(60))
        let provider = ScriptedProvider("webhook", givesHints: false, isInstant: true, settlingTime: .seconds(15))
        let began = kiln.clock.now()
        try await kiln.working(try kiln.shop(provider)) {
            try await until { provider.finds > 0 }
            #expect(provider.triggers == 0)
            try await kiln.turn(until: { provider.triggers == 1 })
        }
        #expect(kiln.clock.now() - began >= .seconds(15))
        #expect(try await kiln.store.build(id) != nil)
    }

    @Test
    func `A provider that takes nothing now is asked when it said`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(
            plans: [.nothing(.refusedUntil(after: .seconds(90), reason: "429"))], isInstant: true)
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(provider)) {
            try await until { provider.triggers > 0 }
            try await kiln.untilAsleep(for: .seconds(90)...(.seconds(90)))
            kiln.clock.advance(by: .seconds(89))
            #expect(provider.triggers == 1)
            kiln.clock.advance(by: .seconds(1))
            try await kiln.turn(until: { provider.triggers == 2 })
            _ = try await kiln.ended(id)
        }
        #expect(try await kiln.store.build(id)?.state == .succeeded)
    }

    @Test
    func `A refusal for good ends the build with its reason`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(plans: [.nothing(.refused(Self.no))])
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) { try await kiln.ended(id) }
        #expect(build.failure == Self.no)
        #expect(provider.triggers == 1)
    }

    @Test
    func `A provider that never takes the build is given up`() async throws {
        let kiln = try await Kiln(recipe: .sample(maxAttempts: 1))
        let provider = ScriptedProvider(
            plans: Array(repeating: .nothing(.refusedUntil(after: .seconds(600), reason: "503")), count: 50))
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(provider)) {
            try await until {
                kiln.clock.advance(by: .seconds(60))
                return try await kiln.store.build(id)?.state.isTerminal == true
            }
        }
        let build = try await kiln.ended(id)
        #expect(build.failure?.kind == .infrastructure)
        #expect(provider.starts.isEmpty)
    }

    @Test
    func `A run whose build was cancelled meanwhile is ended`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        let id = try await kiln.submit()
        let cancelling = FaultPoints { point in
            guard point == .afterTriggerBeforeRecord else { return }
            _ = try? await kiln.store.apply(
                .cancelled, to: id, policy: BuildPolicy(maxAttempts: 3), lease: nil, at: kiln.clock.now())
        }
        try await kiln.working(try kiln.shop(provider, faults: cancelling)) {
            _ = try await kiln.ended(id)
            try await until { !provider.cancels.isEmpty && provider.held.isEmpty }
        }
        #expect(try await kiln.store.build(id)?.state == .cancelled)
        #expect(try await kiln.store.build(id)?.runs.isEmpty == true)
    }

    @Test
    func `Two workers in competition start each build once (P3)`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(isInstant: true)
        var ids: [BuildID] = []
        for number in 0..<20 { ids.append(try await kiln.submit(name: "\(number)", address: "\(number)@example.org")) }
        let all = ids
        try await kiln.working(try kiln.shop(provider)) {
            try await kiln.working(try kiln.shop(provider)) {
                for id in all { _ = try await kiln.ended(id) }
            }
        }
        #expect(provider.starts.count == 20 && provider.starts.values.allSatisfy { $0 == 1 })
        for id in ids { #expect(try await kiln.store.deliveries(of: id).count == 1) }
    }

    @Test
    func `A worker that is stopped hands its builds back at once`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(id) { $0.state.name == .running }
        }
        let claimed = try await kiln.store.claimDue(limit: 1, leaseFor: .seconds(30), at: kiln.clock.now())
        #expect(claimed.map(\.build.id) == [id])
        #expect(try await kiln.store.build(id)?.runs.count == 1)
    }
}

extension Kiln {
    /// Turns the clock on, a second at a time, until something holds.
    func turn(until holds: @Sendable () async throws -> Bool) async throws {
        while try await !holds() {
            try Task.checkCancellation()
            clock.advance(by: .seconds(1))
            // Time flies here: who is woken gets a chance to act before it is too late.
            for _ in 0..<10 { await Task.yield() }
            try await Task.sleep(for: .microseconds(500))
        }
    }

    /// Waits until somebody sleeps for about so long.
    func untilAsleep(for span: ClosedRange<Duration>) async throws {
        try await until { self.clock.deadlines.contains { span.contains($0 - self.clock.now()) } }
    }
}
