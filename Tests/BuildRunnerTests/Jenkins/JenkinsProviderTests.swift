import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import BuildRunner

@Suite(.timeLimit(.minutes(5)))
struct JenkinsProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract`(_ line: RemoteCase) async throws {
        try await RemoteConformance(ci: try await JenkinsPlayer()).check(line)
    }

    // MARK: - Starting

    @Test(arguments: [
        "Ada", "a b+c&d=e%20", "a'b\"c $(id) `id` \\ <i>", "one\r\ntwo", "üñí💥", "&KILN_ATTEMPT=x", "",
    ])
    func `The job gets every value as it is, and no token (P5, P7)`(_ value: String) async throws {
        let (ci, order, attempt) = try await fresh(value)
        guard case .done = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        let folder = "https://kiln.example.org/uploads/capability-of-\(attempt.publicKey)"
        #expect(
            ci.state.withLockedValue { $0.items.map(\.parameters) }
                == [["KILN_ATTEMPT": attempt.publicKey, "KILN_URL": folder, "GREETING": value]])
        let sent = try #require(ci.server.requests.first { ci.startsRun($0) })
        #expect(!sent.text.contains("token-of") && !sent.text.contains("s3cret"))
    }

    /// P3, P4: Jenkins makes one build of queued items that have the same parameters.
    @Test
    func `Jenkins merges no builds of Kiln's: their keys differ`() async throws {
        let (ci, order, attempt) = try await fresh()
        let other = ci.order("Ada")
        let second = Attempt(number: 1, of: other.build.id)
        guard case .done(let one) = await ci.provider.trigger(order, as: attempt),
            case .done(let two) = await ci.provider.trigger(other, as: second)
        else { throw CancellationError() }
        #expect(one.id != two.id)
        #expect(ci.state.withLockedValue { $0.items.count } == 2)
        #expect(await ci.provider.trigger(order, as: attempt) == .done(one), "the same attempt has the same run")
    }

    @Test
    func `A Jenkins without crumbs is asked for none`() async throws {
        let (ci, order, attempt) = try await fresh()
        ci.state.withLockedValue { $0.asksForCrumbs = false }
        guard case .done = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        #expect(ci.server.requests.first { ci.startsRun($0) }?.headers["jenkins-crumb"] == nil)
    }

    @Test(arguments: [
        (PlayerServer.Answer(302, headers: ["Location": "/jenkins/login?from=%2F"]), true),
        (PlayerServer.Answer(302, headers: ["Location": "."]), false),
        (PlayerServer.Answer(201), false),
        (PlayerServer.Answer(201, headers: ["Location": "http://h/queue/item/x/"]), false),
    ])
    func `An answer without a queue item is a log-in page, or leaves open what happened`(
        _ answer: PlayerServer.Answer, _ isLogIn: Bool
    ) async throws {
        let (ci, order, attempt) = try await fresh()
        ci.server.plan(.answer(answer), where: ci.startsRun)
        switch await ci.provider.trigger(order, as: attempt) {
        case .refusedUntil: #expect(isLogIn)
        case .unknown: #expect(!isLogIn)
        case let other: Issue.record("\(other)")
        }
    }

    @Test
    func `Builds wait for a job that is disabled`() async throws {
        let (ci, order, attempt) = try await fresh()
        ci.state.withLockedValue { $0.isBuildable = false }
        guard case .refusedUntil(_, let reason) = await ci.provider.trigger(order, as: attempt) else {
            throw CancellationError()
        }
        #expect(reason.contains("disabled"))
    }

    // MARK: - Following

    @Test
    func `A queue item that Jenkins has forgotten is found among the builds`() async throws {
        let (ci, order, attempt) = try await fresh()
        let run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        ci.state.withLockedValue { $0.items = [] }
        guard case .done(let seen) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        #expect(seen.status == .running && seen.run?.id == "build/1")
        #expect(seen.run?.url == "\(ci.server.url)\(JenkinsPlayer.job)/1/")
    }

    /// P4
    @Test
    func `Numbers that now belong to another build say nothing about this one`() async throws {
        let (ci, order, attempt) = try await fresh()
        let run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        guard case .done(let seen) = await ci.provider.observe(run, for: order), let build = seen.run else {
            throw CancellationError()
        }
        ci.state.withLockedValue { state in
            state.items[0].parameters["KILN_ATTEMPT"] = "other"
            state.builds[0].parameters["KILN_ATTEMPT"] = "other"
            state.builds[0].result = "SUCCESS"
        }
        for known in [run, build] {
            guard case .done(let seen) = await ci.provider.observe(known, for: order), case .lost = seen.status else {
                throw CancellationError()
            }
            #expect(await ci.provider.cancel(attempt, run: known, for: order).isDone)
        }
        #expect(ci.state.withLockedValue { !$0.builds[0].isStopping }, "another's build is not stopped")
    }

    @Test(arguments: [
        ("SUCCESS", nil), ("FAILURE", Failure.Kind.build), ("UNSTABLE", .build), ("NOT_BUILT", .infrastructure),
    ])
    func `Results are told apart`(_ result: String, _ kind: Failure.Kind?) async throws {
        let (ci, order, attempt) = try await fresh()
        let run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        ci.state.withLockedValue { $0.change(attempt.publicKey) { $0.result = result } }
        guard case .done(let early) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        #expect(early.status == .running, "the worst so far is no end")
        ci.state.withLockedValue { $0.end(attempt.publicKey, result) }
        guard case .done(let seen) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        if case .failed(let failure) = seen.status { #expect(failure.kind == kind) } else { #expect(kind == nil) }
    }

    @Test(arguments: [true, false])
    func `A pipeline's stage is its phase, where Jenkins tells it`(_ tells: Bool) async throws {
        let (ci, order, attempt) = try await fresh()
        let run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        ci.state.withLockedValue { state in
            state.canShowStages = tells
            state.change(attempt.publicKey) {
                $0.stages = [("Fetch", "SUCCESS"), ("Pack\u{202E} it\n", "IN_PROGRESS")]
            }
        }
        guard case .done(let seen) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        #expect(seen.phase == (tells ? Phase(label: "Pack it", percent: nil) : nil))
    }

    // MARK: - Ending

    @Test(arguments: [204, 302, 404])
    func `An item is taken out of the queue, whatever a version of Jenkins answers`(_ status: Int) async throws {
        let (ci, order, attempt) = try await fresh()
        ci.state.withLockedValue { $0.cancelAnswer = status }
        let run = try await run(ci, order, attempt)
        #expect(await ci.provider.cancel(attempt, run: run, for: order).isDone)
        #expect(ci.state.withLockedValue { $0.items[0].isCancelled })
        guard case .done(let seen) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        #expect(seen.status == .cancelled)
    }

    @Test
    func `A build is stopped also by the name of its queue item, and an ended one is left alone`() async throws {
        let (ci, order, attempt) = try await fresh()
        let run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        #expect(await ci.provider.cancel(attempt, run: run, for: order).isDone)
        #expect(ci.state.withLockedValue { $0.builds[0].isStopping })
        try await ci.move(attempt, to: .succeeded)
        let asked = ci.server.requests.count { $0.method == "POST" }
        #expect(await ci.provider.cancel(attempt, run: run, for: order).isDone)
        #expect(ci.server.requests.count { $0.method == "POST" } == asked)
    }

    // MARK: - Checking

    @Test
    func `Its check says what stands and what is to be mended`() async throws {
        let (ci, order, _) = try await fresh()
        var recipe = order.recipe
        let good = await ci.provider.check([recipe, recipe])
        #expect(good.allSatisfy { $0.passed } && good.count == 3, "a server is looked at once")
        #expect(good.contains { $0.message == "Jenkins 2.504.3 knows the user kiln" })
        recipe.build.parameters.append(JobParameter(name: "COLOUR", value: try JobTemplate("x")))
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("COLOUR") })
        ci.state.withLockedValue { $0.isBuildable = false }
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("disabled") })
        ci.state.withLockedValue { $0.hasJob = false }
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("no such job") })
        let directory = try TemporaryDirectory()
        let stranger = JenkinsProvider(
            tools: Played.tools(secrets: ["TOKEN": "wrong"], clock: ci.clock, scratch: directory.path))
        #expect(await stranger.check([recipe]).contains { !$0.passed && $0.message.contains("does not accept") })
        ci.server.plan(.answer(PlayerServer.Answer(200, body: Array("<html>".utf8)))) { $0.path.contains("/me/") }
        #expect(await ci.provider.check([recipe]).contains { !$0.passed && $0.message.contains("no Jenkins") })
    }

    @Test(arguments: [
        ("http://h/queue/item/7/", "queue/7"), ("/jenkins/queue/item/12", "queue/12"), ("/queue/item/0/", nil),
        ("/queue/item/", nil), ("/queue/item/-3/", nil), ("/item/7/", nil), ("", nil),
    ])
    func `A trigger's Location names the item`(_ location: String, _ id: String?) {
        #expect(JenkinsRunID(location: location)?.description == id)
    }

    @Test(arguments: [
        ("image", "/job/image"), ("a/b c", "/job/a/job/b%20c"), ("../x", nil), ("a//b", nil), ("", nil),
    ])
    func `A job's name is a path of its own`(_ name: String, _ path: String?) {
        #expect(JenkinsText.path(ofJob: name) == path)
    }

    private func fresh(_ name: String = "Ada") async throws -> (JenkinsPlayer, BuildOrder, Attempt) {
        let ci = try await JenkinsPlayer()
        let order = ci.order(name)
        return (ci, order, Attempt(number: 1, of: order.build.id))
    }

    private func run(_ ci: JenkinsPlayer, _ order: BuildOrder, _ attempt: Attempt) async throws -> Run {
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        return run
    }
}
