import BuildRunner
import Domain
import Storage
import TestSupport
import Testing

/// Reports through the callback and looks at the provider make the same facts; nothing here waits for the clock.
@Suite(.timeLimit(.minutes(5)))
struct ReportTests {
    private let provider = ScriptedProvider("webhook", givesHints: false)

    private func running(_ kiln: Kiln, _ id: BuildID) async throws {
        _ = try await kiln.build(id) { $0.state.name == .running }
    }

    private func phase(of id: BuildID, _ kiln: Kiln) async throws -> Phase? {
        guard case .running(_, let phase)? = try await kiln.store.build(id)?.state else { return nil }
        return phase
    }

    private func send(_ name: String, _ text: String, of id: BuildID, to kiln: Kiln) async throws {
        let attempt = Attempt(number: 1, of: id)
        _ = try await kiln.reportFiles.append(Array(text.utf8), at: 0, to: name, of: attempt, limit: 1 << 20)
        _ = try await kiln.reportFiles.complete(name, sha256: nil, of: attempt)
    }

    @Test
    func `A reported end is in the outbox without a wait for the next look (P2)`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            try await kiln.report(
                RunReport(phase: Phase(label: "Packing", percent: 80), reportedAt: kiln.clock.now()), of: id)
            _ = try await kiln.build(id) {
                if case .running(_, let phase) = $0.state { phase?.label == "Packing" } else { false }
            }
            try await kiln.report(RunReport(result: .succeeded, reportedAt: kiln.clock.now()), of: id)
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(try await kiln.store.deliveries(of: id).map(\.kind) == [.succeeded])
        #expect(provider.observations == 1)
    }

    @Test
    func `What the run sent by itself comes first: log and files, and goes when they are taken over`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let attempt = Attempt(number: 1, of: id)
        try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            provider.say(attempt, log: "from the CI\n")
            _ = try await kiln.reportFiles.appendLog(Array("from the run\n".utf8), at: 0, of: attempt)
            try await send("hello.txt", "sent\n", of: id, to: kiln)
            try await kiln.report(RunReport(result: .succeeded, reportedAt: kiln.clock.now()), of: id)
            _ = try await kiln.ended(id)
            try await until { provider.held.isEmpty }
            try await until { try await kiln.reportFiles.files(of: attempt).isEmpty }
        }
        #expect(try await kiln.content("hello.txt", of: id) == Array("sent\n".utf8))
        #expect(try await kiln.log(id) == "from the run\nfrom the CI\n")
        #expect(provider.listings == 0)
        #expect(try await kiln.store.report(of: attempt) == nil)
    }

    @Test
    func `What the run did not send is fetched from its provider`() async throws {
        var recipe = Recipe.remote()
        recipe.artifacts.append(ArtifactRule(match: "*.bin", contentType: nil, maxBytes: 100))
        let kiln = try await Kiln(recipe: recipe)
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            provider.leave(Attempt(number: 1, of: id), files: ["hello.txt": [1], "a.bin": [2]])
            try await send("hello.txt", "sent\n", of: id, to: kiln)
            try await kiln.report(RunReport(result: .succeeded, reportedAt: kiln.clock.now()), of: id)
            _ = try await kiln.ended(id)
        }
        #expect(try await kiln.content("hello.txt", of: id) == Array("sent\n".utf8))
        #expect(try await kiln.content("a.bin", of: id) == [2])
    }

    @Test
    func `A run that is at work and says nothing else is told from one that waits for its turn`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            provider.answerNextLook(.done(Observation(status: .waiting)))
            try await kiln.turn(until: { provider.observations == 1 })
            #expect(try await phase(of: id, kiln) == nil)
            try await kiln.turn(until: { try await phase(of: id, kiln)?.label == "Building" })
        }
    }

    @Test(arguments: [Failure.Kind.build, .input])
    func `A reported failure ends the build in the run's own words`(kind: Failure.Kind) async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            _ = try await kiln.reportFiles.appendLog(
                Array("one\nerror: no clay\n".utf8), at: 0, of: Attempt(number: 1, of: id))
            try await kiln.report(
                RunReport(result: .failed(message: "There is no clay.", kind: kind), reportedAt: kiln.clock.now()),
                of: id)
            return try await kiln.ended(id)
        }
        #expect(build.failure?.kind == kind && build.failure?.message == "There is no clay.")
        #expect(build.failure?.errorLine == "no clay")
        #expect(build.failure?.context == "one\nerror: no clay")
    }

    @Test(arguments: [RunReport.Result.succeeded, .failed(message: "There is no clay.", kind: .build)])
    func `A run that told its end is left to end by itself`(told: RunReport.Result) async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            _ = try await kiln.reportFiles.appendLog(Array("one\n".utf8), at: 0, of: Attempt(number: 1, of: id))
            try await send("hello.txt", "sent\n", of: id, to: kiln)
            try await kiln.report(RunReport(result: told, reportedAt: kiln.clock.now()), of: id)
            _ = try await kiln.ended(id)
            try await until { provider.held.isEmpty }
        }
        #expect(provider.cancels.isEmpty)
    }

    @Test
    func `A run that told its own fault is ended before another one is at work (P3)`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            _ = try await kiln.reportFiles.appendLog(Array("one\n".utf8), at: 0, of: Attempt(number: 1, of: id))
            let told = RunReport.Result.failed(message: "The disk is full.", kind: .infrastructure)
            try await kiln.report(RunReport(result: told, reportedAt: kiln.clock.now()), of: id)
            try await until { provider.cancels == ["\(id)-1"] }
        }
    }

    @Test
    func `A failure that is told without a log waits for the CI's own, which says why`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let attempt = Attempt(number: 1, of: id)
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            let told = RunReport.Result.failed(message: "It did not compile.", kind: .build)
            try await kiln.report(RunReport(result: told, reportedAt: kiln.clock.now()), of: id)
            try await until { provider.observations > 0 }
            provider.end(
                attempt, as: .failed(Failure(kind: .build, message: "The job failed.")), log: "error: no clay\n")
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.failure?.message == "It did not compile." && build.failure?.errorLine == "no clay")
        #expect(try await kiln.log(id) == "error: no clay\n")
    }

    @Test
    func `A failure that is told of a run that goes on does not wait for ever (P2)`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let began = kiln.clock.now()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            let told = RunReport.Result.failed(message: "It did not compile.", kind: .build)
            try await kiln.report(RunReport(result: told, reportedAt: kiln.clock.now()), of: id)
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.failure?.message == "It did not compile.")
        // Well before the run's own time is up; on a busy machine the clock flies ahead of those who read it.
        #expect(kiln.clock.now() - began < .seconds(900))
    }

    @Test
    func `What the run tells stands before its CI's log and does not grow after that began`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let attempt = Attempt(number: 1, of: id)
        try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            _ = try await kiln.reportFiles.appendLog(Array("told\n".utf8), at: 0, of: attempt)
            kiln.notices.post(.build(id))
            try await kiln.logged("told", by: id)
            provider.say(attempt, log: "seen\n")
            try await kiln.turn(until: { try await kiln.log(id).contains("seen") })
            _ = try await kiln.reportFiles.appendLog(Array("told later\n".utf8), at: 5, of: attempt)
            provider.say(attempt, log: "and more\n")
            try await kiln.turn(until: { try await kiln.log(id).contains("and more") })
        }
        #expect(try await kiln.log(id) == "told\nseen\nand more\n")
    }

    @Test
    func `A success that is told of a run that failed is a failure`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            provider.end(
                Attempt(number: 1, of: id), as: .failed(Failure(kind: .build, message: "A later step failed.")))
            try await kiln.report(RunReport(result: .succeeded, reportedAt: kiln.clock.now()), of: id)
            return try await kiln.ended(id)
        }
        #expect(build.failure?.message == "A later step failed.")
    }

    @Test
    func `A reported end counts while the provider does not answer`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await running(kiln, id)
            try await send("hello.txt", "sent\n", of: id, to: kiln)
            provider.isDown = true
            try await kiln.report(RunReport(result: .succeeded, reportedAt: kiln.clock.now()), of: id)
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
    }

    @Test
    func `A report that names its run resolves a trigger whose answer was lost (P3)`() async throws {
        let provider = ScriptedProvider("webhook", plans: [.startUnheard], givesHints: false)
        for _ in 0..<50 { provider.answerNextFind(.unknown(reason: "timeout")) }
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await until { provider.triggers == 1 }
            try await kiln.untilAsleep(for: .seconds(1)...(.seconds(1)))
            try await kiln.report(
                RunReport(runID: "42", runURL: "https://ci.example.org/42", reportedAt: kiln.clock.now()), of: id)
            return try await kiln.build(id) { $0.state.name == .running }
        }
        #expect(build.runs.map(\.id) == ["42"] && build.runs.map(\.url) == ["https://ci.example.org/42"])
        #expect(provider.triggers == 1)
    }

    @Test
    func `A run cannot pass another one off as its own at a CI that finds runs by their key (P4)`() async throws {
        let provider = ScriptedProvider("buildbot", plans: [.startUnheard], givesHints: false)
        for _ in 0..<3 { provider.answerNextFind(.unknown(reason: "timeout")) }
        let kiln = try await Kiln(recipe: .remote([.sampleBuildbot]))
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await until { provider.triggers == 1 }
            try await kiln.untilAsleep(for: .seconds(1)...(.seconds(1)))
            try await kiln.report(RunReport(runID: "build/7", reportedAt: kiln.clock.now()), of: id)
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name == .running })
            return try #require(try await kiln.store.build(id))
        }
        #expect(build.runs.map(\.id) == [Attempt(number: 1, of: id).key], "as its provider finds it")
        #expect(provider.triggers == 1)
    }

    @Test
    func `A log without an end keeps no build from its own (P2)`() async throws {
        let provider = ScriptedProvider("webhook", givesHints: false)
        let kiln = try await Kiln(recipe: .remote())
        let clock = kiln.clock
        provider.talkOn { clock.advance(by: .seconds(60)) }
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await until { provider.triggers == 1 }
            provider.end(Attempt(number: 1, of: id), as: .succeeded)
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
    }

    @Test
    func `A report without a name shows that there is a run: none is started beside it (P3)`() async throws {
        let provider = ScriptedProvider("webhook", plans: [.startUnheard], givesHints: false)
        for _ in 0..<5 { provider.answerNextFind(.done(nil)) }
        let kiln = try await Kiln(recipe: .remote())
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            try await until { provider.triggers == 1 }
            try await kiln.untilAsleep(for: .seconds(1)...(.seconds(1)))
            try await kiln.report(
                RunReport(phase: Phase(label: "At work", percent: nil), reportedAt: kiln.clock.now()), of: id)
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.name == .running })
            return try #require(try await kiln.store.build(id))
        }
        #expect(provider.triggers == 1 && provider.finds == 6)
        #expect(build.runs.count == 1)
    }
}
