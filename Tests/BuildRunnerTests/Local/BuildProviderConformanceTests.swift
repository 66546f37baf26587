import BuildRunner
import Domain
import Foundation
import Storage
import TestSupport
import Testing

/// What every provider owes, seen from outside. The field `name` says how the run goes: `well`, `badly` or `on` (for ever).
struct BuildProviderConformance {
    let provider: any BuildProvider
    let order: @Sendable (String) -> BuildOrder
    /// Lets a run end as its order says; providers that really run need no help.
    let play: @Sendable (Attempt, String) -> Void
    let scratch: String

    func check() async throws {
        try await aRunThatGoesWell()
        try await aRunThatGoesBadly()
        try await aRunThatIsCancelled()
        try await whatIsNotThere()
    }

    private func end(of run: Run, _ order: BuildOrder) async throws -> Observation.Status {
        let changes = try #require(provider.changes(of: run))
        var iterator = changes.makeAsyncIterator()
        while true {
            let answer = await provider.observe(run, for: order)
            guard case .done(let seen) = answer else { throw Kiln.Unexpected.state("\(answer)") }
            if seen.status.isEnd { return seen.status }
            guard await iterator.next() != nil else { throw Kiln.Unexpected.state("no end") }
        }
    }

    private func aRunThatGoesWell() async throws {
        let order = order("well")
        let attempt = Attempt(number: 1, of: order.build.id)
        #expect(await provider.find(attempt, for: order) == .done(nil))
        guard case .done(let run) = await provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("not started")
        }
        #expect(run.attempt == attempt && run.provider == provider.name)
        #expect(await provider.trigger(order, as: attempt) == .done(run), "the same attempt has the same run")
        #expect(await provider.find(attempt, for: order) == .done(run))
        play(attempt, "well")
        #expect(try await end(of: run, order) == .succeeded)
        #expect(await provider.trigger(order, as: attempt) == .done(run), "an ended run is not started again")
        #expect(await provider.find(attempt, for: order) == .done(run))

        let whole = await provider.readLog(of: run, for: order, from: 0, limit: 1000)
        #expect(whole == .done(Array("one\ntwo\n".utf8)))
        #expect(await provider.readLog(of: run, for: order, from: 4, limit: 2) == .done(Array("tw".utf8)))
        #expect(await provider.readLog(of: run, for: order, from: 8, limit: 2) == .done([]))

        let file = ProducedFile(name: "hello.txt", bytes: 6)
        #expect(await provider.listFiles(of: run, for: order) == .done([file]))
        let small = await provider.fetch(file, of: run, for: order, to: scratch + "/small", limit: 5)
        if case .refused = small {} else { Issue.record("a file over the limit was fetched: \(small)") }
        #expect(!FileManager.default.fileExists(atPath: scratch + "/small"))
        guard case .done = await provider.fetch(file, of: run, for: order, to: scratch + "/whole", limit: 6) else {
            throw Kiln.Unexpected.state("not fetched")
        }
        #expect(FileManager.default.contents(atPath: scratch + "/whole") == Data("Hello\n".utf8))

        for _ in 1...2 { await expectDone(await provider.cleanUp(attempt, run: run, for: order)) }
        #expect(await provider.find(attempt, for: order) == .done(nil))
    }

    private func aRunThatGoesBadly() async throws {
        let order = order("badly")
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .done(let run) = await provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("not started")
        }
        play(attempt, "badly")
        guard case .failed(let failure) = try await end(of: run, order) else {
            throw Kiln.Unexpected.state("not failed")
        }
        #expect(failure.kind == .build && !failure.message.isEmpty)
        await expectDone(await provider.cleanUp(attempt, run: nil, for: nil))
    }

    private func aRunThatIsCancelled() async throws {
        let order = order("on")
        let attempt = Attempt(number: 2, of: order.build.id)
        guard case .done(let run) = await provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("not started")
        }
        if case .done(let held) = await provider.heldAttempts(), !held.isEmpty { #expect(held == [attempt]) }
        for _ in 1...2 { await expectDone(await provider.cancel(attempt, run: nil, for: order)) }
        switch try await end(of: run, order) {
        case .cancelled, .lost: break
        case let other: Issue.record("a cancelled run ended as \(other)")
        }
        await expectDone(await provider.cancel(attempt, run: run, for: order))
        await expectDone(await provider.cleanUp(attempt, run: run, for: order))
        guard case .done(let gone) = await provider.observe(run, for: order), case .lost = gone.status else {
            throw Kiln.Unexpected.state("a removed run is not lost")
        }
    }

    private func whatIsNotThere() async throws {
        let order = order("well")
        let attempt = Attempt(number: 7, of: order.build.id)
        #expect(await provider.find(attempt, for: order) == .done(nil))
        await expectDone(await provider.cancel(attempt, run: nil, for: nil))
        await expectDone(await provider.cleanUp(attempt, run: nil, for: nil))
    }

    private func expectDone(_ answer: ProviderAnswer<Void>) async {
        if case .done = answer { return }
        Issue.record("\(answer)")
    }
}

@Suite(.timeLimit(.minutes(5)))
struct BuildProviderConformanceTests {
    private static let script = """
        #!/bin/sh
        case "$(cat "$KILN_INPUTS/fields/name")" in
        well) printf 'one\\ntwo\\n'; echo Hello > "$KILN_OUT/hello.txt" ;;
        badly) exit 1 ;;
        on) exec sleep 600 ;;
        esac
        """

    private func order(_ kiln: Kiln, _ name: String) -> BuildOrder {
        var generator = SystemRandomNumberGenerator()
        let now = kiln.clock.now()
        let build = Build(
            id: .make(at: now, using: &generator), recipe: .sample, recipeDigest: kiln.recipe.digest, provider: "local",
            state: .queued(attemptsUsed: 0),
            inputs: Inputs(values: [InputValue(field: .sampleName, content: .text(name))]), address: nil, priority: 0,
            createdAt: now)
        return BuildOrder(build: build, recipe: kiln.recipe)
    }

    @Test
    func `The local provider keeps the contract`() async throws {
        let kiln = try await Kiln(scripts: ["build.sh": Self.script])
        try await BuildProviderConformance(
            provider: kiln.local, order: { order(kiln, $0) }, play: { _, _ in }, scratch: kiln.directory.path
        ).check()
    }

    @Test
    func `The provider that other tests script keeps it too`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        try await BuildProviderConformance(
            provider: provider, order: { order(kiln, $0) },
            play: { attempt, how in
                let failure = Failure(kind: .build, message: "It ended badly.")
                provider.end(attempt, as: how == "well" ? .succeeded : .failed(failure), log: "one\ntwo\n")
            }, scratch: kiln.directory.path
        ).check()
    }
}
