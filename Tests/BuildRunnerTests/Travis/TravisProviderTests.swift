import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import BuildRunner

@Suite(.timeLimit(.minutes(5)))
struct TravisProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract`(_ line: RemoteCase) async throws {
        try await RemoteConformance(ci: try await TravisPlayer()).check(line)
    }

    @Test
    func `A request says what is to be built, and holds no token (P7)`() async throws {
        let (ci, order, attempt) = try await fresh()
        guard case .done = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        let request = try #require(ci.state.withLockedValue { $0.requests.first })
        #expect(request.message == "Kiln \(attempt.publicKey)" && request.branch == "main")
        let folder = "https://kiln.example.org/uploads/capability-of-\(attempt.publicKey)"
        #expect(
            request.environment == [
                "KILN_ATTEMPT=\(attempt.publicKey)", "KILN_URL=\(folder)", "GREETING=$'Ada\\040L.'",
            ])
        let sent = try #require(ci.server.requests.first { ci.startsRun($0) })
        #expect(!sent.text.contains("token-of") && !sent.text.contains("s3cret"))
        #expect(sent.path == "/repo/fossasia%2Fmeilix/requests")
    }

    /// P3: until Travis has read a request, it does not say whose it is.
    @Test
    func `A request that Travis has not read yet may be ours, and nothing is sent again`() async throws {
        let (ci, order, attempt) = try await fresh()
        ci.state.withLockedValue {
            $0.readsAtOnce = false
            $0.createdAt = "2026-11-18T11:06:00Z"
        }
        ci.server.plan(.answerLost, where: ci.startsRun)
        guard case .unknown = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        guard case .unknown = await ci.provider.find(attempt, for: order) else { throw CancellationError() }
        guard case .unknown = await ci.provider.cancel(attempt, run: nil, for: order) else {
            throw CancellationError()
        }
        ci.state.withLockedValue { $0.makeBuild(attempt.publicKey) }
        guard case .done(let found?) = await ci.provider.find(attempt, for: order) else { throw CancellationError() }
        #expect(found.id.hasPrefix("build/"))
        #expect(await ci.runCount(of: attempt) == 1)
    }

    @Test
    func `A request that was never read is nobody's after a quarter of an hour`() async throws {
        let (ci, order, attempt) = try await fresh()
        ci.state.withLockedValue {
            $0.readsAtOnce = false
            $0.createdAt = "2026-11-18T00:00:00Z"
            _ = $0.take(message: "of someone", branch: "main", environment: [])
        }
        #expect(await ci.provider.find(attempt, for: order) == .done(nil))
    }

    @Test(arguments: [
        (429, 360), (406, 60), (403, 60),
    ])
    func `Travis' noes that its operator or time can mend let builds wait`(_ status: Int, _ seconds: Int) async throws {
        let (ci, order, attempt) = try await fresh()
        ci.state.withLockedValue {
            if status == 429 { $0.requestsLeft = 0 }
            $0.isActive = status != 406
            $0.mayStart = status != 403
        }
        guard case .refusedUntil(let pause, let reason) = await ci.provider.trigger(order, as: attempt) else {
            throw CancellationError()
        }
        #expect(pause == .seconds(seconds))
        #expect(reason.hasPrefix("Travis answered \(status): ") && reason.count > 30, "in Travis' own words")
    }

    @Test
    func `A request that Travis rejects is no fault of what was sent`() async throws {
        let (ci, order, attempt) = try await fresh()
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        ci.state.withLockedValue { $0.requests[0].rejection = "Could not parse .travis.yml" }
        guard case .done(let seen) = await ci.provider.observe(run, for: order), case .failed(let failure) = seen.status
        else { throw CancellationError() }
        #expect(failure.kind == .infrastructure)
        #expect(await ci.provider.cancel(attempt, run: run, for: order).isDone)
    }

    @Test
    func `A request is cancelled when it has become a build`() async throws {
        let (ci, order, attempt) = try await fresh()
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        guard case .refusedUntil = await ci.provider.cancel(attempt, run: run, for: order) else {
            throw CancellationError()
        }
        try await ci.move(attempt, to: .queued)
        for _ in 1...2 { #expect(await ci.provider.cancel(attempt, run: run, for: order).isDone) }
        #expect(ci.state.withLockedValue { $0.builds.first?.state } == "canceled")
    }

    @Test(arguments: [
        ("https://api.travis-ci.com", "https://app.travis-ci.com/github/fossasia/meilix/builds/7"),
        ("https://travis.example.org/api", "https://travis.example.org/fossasia/meilix/builds/7"),
        ("https://api.example.org", nil),
    ])
    func `People are shown the build's page`(_ base: String, _ page: String?) throws {
        let slug = try #require(RepositorySlug("fossasia/meilix"))
        let settings = TravisSettings(baseURL: base, repository: slug, branch: "main", token: SecretName("TOKEN"))
        let tools = Played.tools(clock: ManualClock(), scratch: "/nowhere")
        let client = try TravisClient(settings, api: RemoteAPI(tools: tools, name: "Travis"))
        #expect(client.page(ofBuild: 7) == page)
    }

    @Test
    func `Its check says what stands and what is to be mended`() async throws {
        let (ci, order, _) = try await fresh()
        var recipe = order.recipe
        let good = await ci.provider.check([recipe])
        #expect(good.allSatisfy { $0.passed } && good.count == 3)
        #expect(good.contains { $0.message.contains("keeps no files") })
        ci.state.withLockedValue { $0.isActive = false }
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("not active") })
        ci.state.withLockedValue { ($0.isActive, $0.mayStart) = (true, false) }
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("may not start") })
        ci.state.withLockedValue { ($0.mayStart, $0.branches) = (true, []) }
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("branch main") })
        recipe.build.parameters = [JobParameter(name: "A-B", value: try JobTemplate("x"))]
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("`A-B`") })
    }

    private func fresh() async throws -> (TravisPlayer, BuildOrder, Attempt) {
        let ci = try await TravisPlayer()
        let order = ci.order("Ada L.")
        return (ci, order, Attempt(number: 1, of: order.build.id))
    }
}

extension ProviderAnswer {
    var isDone: Bool {
        if case .done = self { true } else { false }
    }
}
