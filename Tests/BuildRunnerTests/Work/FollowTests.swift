import BuildRunner
import Domain
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FollowTests {
    @Test
    func `A run of a provider without hints is looked at in its interval`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(givesHints: false)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            try await kiln.untilAsleep(for: .milliseconds(4500)...(.milliseconds(5500)))
            provider.end(Attempt(number: 1, of: id), as: .succeeded, log: "one\ntwo\n")
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(try await kiln.log(id) == "one\ntwo\n")
    }

    @Test
    func `A provider that does not answer delays a build and does not end it`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider(isInstant: true)
        provider.answerNextLook(.unknown(reason: "timeout"))
        provider.answerNextLook(.refusedUntil(after: .seconds(30), reason: "429"))
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(provider.starts.count == 1)
    }

    @Test
    func `A provider that stays silent is given up after the recipe's limit`() async throws {
        let kiln = try await Kiln(recipe: .sample(maxAttempts: 1))
        let provider = ScriptedProvider()
        for _ in 0..<10_000 { provider.answerNextLook(.unknown(reason: "timeout")) }
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            try await until { !provider.cancels.isEmpty }
            return try await kiln.ended(id)
        }
        #expect(build.failure?.kind == .infrastructure)
    }

    @Test
    func `A run that goes on beyond the recipe's limit is ended by the watchdog`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            try await until { provider.cancels.contains("\(id)-1") }
            return try await kiln.ended(id)
        }
        #expect(build.failure?.kind == .timeout)
    }

    @Test(arguments: [
        Observation.Status.lost(reason: "deleted"), .failed(Failure(kind: .infrastructure, message: "x")),
    ])
    func `A lost run is tried again with a new key, and the old one is cleaned up`(
        status: Observation.Status
    ) async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            provider.end(Attempt(number: 1, of: id), as: status)
            _ = try await kiln.build(id) { $0.state.name != .running }
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.run?.attempt.number == 2 })
            provider.end(Attempt(number: 2, of: id), as: .succeeded)
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(build.runs.map(\.id) == ["\(id)-1", "\(id)-2"])
        #expect(try await kiln.store.deliveries(of: id).count == 1)
    }

    @Test
    func `A run that was cancelled at the provider ends the build and is not fought`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            provider.end(Attempt(number: 1, of: id), as: .cancelled)
            return try await kiln.ended(id)
        }
        #expect(build.failure?.kind == .build)
        #expect(build.runs.count == 1)
    }
}
