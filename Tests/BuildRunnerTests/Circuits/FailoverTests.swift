import BuildRunner
import Domain
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FailoverTests {
    @Test
    func `While a provider is down its builds go to the next one, each with one run, and later ones come back`()
        async throws
    {
        let kiln = try await Kiln(recipe: .remote([.sampleWebhook, .sampleBuildbot]))
        let first = ScriptedProvider("webhook", givesHints: false, isInstant: true)
        let second = ScriptedProvider("buildbot", givesHints: false, isInstant: true)
        first.isDown = true
        let shop = try kiln.shop(providers: [first, second])
        var ids: [BuildID] = []
        for number in 0..<5 { ids.append(try await kiln.submit(address: "\(number)@example.org")) }
        let waiting = ids
        try await kiln.working(shop) {
            for id in waiting {
                try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            }
            #expect(first.starts.isEmpty && second.starts.count == 5)
            #expect(second.starts.values.allSatisfy { $0 == 1 })
            #expect(shop.providerStates().map(\.isOpen) == [false, true])
            #expect(shop.providerStates().map(\.name) == ["buildbot", "webhook"])
            #expect(shop.providerStates()[1].reason == "connection refused")
            // One that comes while it is down does not even try.
            let asked = first.triggers
            let during = try await kiln.submit(address: "during@example.org")
            try await kiln.turn(until: { try await kiln.store.build(during)?.state.isTerminal == true })
            #expect(first.triggers == asked)
            #expect(try await kiln.store.build(during)?.runs.map(\.provider) == ["buildbot"])

            first.isDown = false
            try await kiln.turn(until: { !shop.providerStates()[1].isOpen })
            let after = try await kiln.submit(address: "after@example.org")
            try await kiln.turn(until: { try await kiln.store.build(after)?.state.isTerminal == true })
            #expect(try await kiln.store.build(after)?.runs.map(\.provider) == ["webhook"])
        }
        for id in ids { #expect(try await kiln.store.build(id)?.state == .succeeded) }
    }

    @Test
    func `With one provider a build waits until it is up again`() async throws {
        let kiln = try await Kiln(recipe: .remote(maxAttempts: 10))
        let provider = ScriptedProvider("webhook", givesHints: false, isInstant: true)
        provider.isDown = true
        let shop = try kiln.shop(providers: [provider])
        let id = try await kiln.submit()
        let build = try await kiln.working(shop) {
            try await kiln.turn(until: { shop.providerStates()[0].isOpen })
            let late = try await kiln.submit(address: "late@example.org")
            kiln.clock.advance(by: .seconds(10))
            #expect(try await kiln.store.build(late)?.state.name == .queued)
            provider.isDown = false
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            try await kiln.turn(until: { try await kiln.store.build(late)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(provider.starts.values.allSatisfy { $0 == 1 })
    }

    @Test
    func `Nothing moves to another provider while nobody knows whether it has a run (P3)`() async throws {
        let kiln = try await Kiln(recipe: .remote([.sampleWebhook, .sampleBuildbot]))
        let first = ScriptedProvider("webhook", plans: [.startUnheard], givesHints: false)
        let second = ScriptedProvider("buildbot", givesHints: false, isInstant: true)
        let shop = try kiln.shop(providers: [first, second])
        let id = try await kiln.submit()
        let build = try await kiln.working(shop) {
            try await until { first.triggers == 1 }
            first.isDown = true
            try await kiln.turn(until: { shop.providerStates().contains(where: \.isOpen) })
            for _ in 0..<300 {
                kiln.clock.advance(by: .seconds(1))
                await Task.yield()
            }
            #expect(try await kiln.store.build(id)?.state.name == .triggering)
            first.isDown = false
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name == .running })
            first.end(Attempt(number: 1, of: id), as: .succeeded)
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded && build.runs.map(\.provider) == ["webhook"])
        #expect(first.starts.values.map { $0 } == [1] && second.triggers == 0)
    }

    @Test
    func `A run whose provider says nothing for too long is given up and tried again`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name == .running })
            let began = kiln.clock.now()
            provider.isDown = true
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name != .running })
            #expect(kiln.clock.now() - began >= .seconds(1800))
            provider.isDown = false
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.run?.attempt.number == 2 })
            provider.end(Attempt(number: 2, of: id), as: .succeeded)
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded && build.runs.count == 2)
    }
}
