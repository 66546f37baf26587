import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct GitLabProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract with the pipeline API`(_ line: RemoteCase) async throws {
        let gitlab = try await GitLabPlayer()
        try await RemoteConformance(ci: gitlab).check(line)
        #expect(gitlab.complaints == [])
    }

    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract with a trigger token and logs that come only whole`(_ line: RemoteCase) async throws {
        let gitlab = try await GitLabPlayer(byTriggerToken: true, hasRanges: false, project: "42")
        try await RemoteConformance(ci: gitlab).check(line)
        #expect(gitlab.complaints == [])
    }

    @Test(arguments: [false, true])
    func `P3 The same attempt has one run, however many others there are`(_ byTriggerToken: Bool) async throws {
        let gitlab = try await GitLabPlayer(byTriggerToken: byTriggerToken)
        let (run, order) = try await started(gitlab)
        for name in ["Bea", "Cy", "Dan"] { _ = try await started(gitlab, name: name) }
        #expect(await gitlab.provider.trigger(order, as: run.attempt) == .done(run))
        // After a restart too, by the variables at GitLab; each pipeline's are asked for once.
        let restarted = gitlab.restarted()
        for _ in 1...2 { #expect(await restarted.find(run.attempt, for: order) == .done(run)) }
        #expect(await gitlab.runCount(of: run.attempt) == 1)
        let asked = gitlab.server.requests.filter { $0.path.hasSuffix("/variables") }.map(\.path)
        #expect(Set(asked).count == asked.count)
    }

    @Test
    func `P3 Among too many pipelines nobody knows whether there is a run`() async throws {
        let gitlab = try await GitLabPlayer()
        let order = gitlab.order("Ada")
        gitlab.state.withLockedValue { state in
            for id in 1...501 as ClosedRange<Int64> {
                state.pipelines.append(
                    GitLabPlayer.Pipeline(
                        id: id + 1000, source: "push", variables: [:], createdAt: order.build.createdAt, jobs: []))
            }
        }
        guard case .unknown = await gitlab.provider.find(Attempt(number: 1, of: order.build.id), for: order) else {
            throw Kiln.Unexpected.state("it is known")
        }
    }

    @Test(arguments: [false, true])
    func `P5 Values arrive as they were typed`(_ byTriggerToken: Bool) async throws {
        let value = "a'b\"c $(id) $CI_JOB_TOKEN &x=1+1\u{1F4A5}\n%0A"
        let gitlab = try await GitLabPlayer(byTriggerToken: byTriggerToken)
        let (run, _) = try await started(gitlab, name: value)
        let variables = gitlab.state.withLockedValue { $0.pipelines[0].variables }
        #expect(variables["NAME"].map { GitLabPlayer.inJob($0) } == value)
        #expect(Set(variables.keys) == ["NAME", "KILN_ATTEMPT", "KILN_URL"], "P7: and nothing else")
        #expect(variables["KILN_ATTEMPT"] == run.attempt.publicKey)
    }

    @Test(arguments: ["100 %CI_JOB_TOKEN% ok", "%a%", "x%%%NAME_2%"])
    func `P5 A value that GitLab would replace is refused before anything is sent`(_ value: String) async throws {
        let gitlab = try await GitLabPlayer()
        let order = gitlab.order(value)
        guard
            case .refused(let failure) = await gitlab.provider.trigger(
                order, as: Attempt(number: 1, of: order.build.id))
        else { throw Kiln.Unexpected.state("sent") }
        #expect(failure.kind == .input && failure.message.contains("`NAME`"))
        #expect(gitlab.server.requests.isEmpty)
    }

    @Test(arguments: ["100% of 20%", "caf%C3%A9%20x", "%%", "% a %"])
    func `A plain percent sign stays`(_ value: String) async throws {
        let gitlab = try await GitLabPlayer()
        _ = try await started(gitlab, name: value)
        #expect(gitlab.state.withLockedValue { $0.pipelines[0].variables["NAME"] } == value)
    }

    @Test
    func `P7 An archive on another host is fetched without the token`() async throws {
        let archive = StoredZip.bytes([("out/a.txt", Array("Hello\n".utf8)), ("b.txt", [])])
        let storage = try await PlayerServer { _ in PlayerServer.Answer(200, body: archive) }
        let gitlab = try await GitLabPlayer()
        gitlab.state.withLockedValue { $0.storage = storage.url }
        let (run, order) = try await started(gitlab)
        try await gitlab.leave("x", [], by: run.attempt)
        try await gitlab.move(run.attempt, to: .succeeded)
        let files = await gitlab.provider.listFiles(of: run, for: order)
        #expect(files == .done([ProducedFile(name: "a.txt", bytes: 6), ProducedFile(name: "b.txt", bytes: 0)]))
        #expect(storage.requests.count == 1)
        #expect(storage.requests.allSatisfy { $0.headers["private-token"] == nil })
    }

    @Test
    func `P6 Archives that are much larger than what they hold do not fill the disk`() async throws {
        let gitlab = try await GitLabPlayer()
        var (run, order) = try await started(gitlab)
        // Nothing but names: each archive has some 35 KB, and no bytes in it.
        let names = (0..<100).map { "\(String(repeating: "x", count: 90))\($0 + 100)" }
        gitlab.change(run.attempt) { pipeline, _ in
            for job in 0..<2 { pipeline.jobs[job].files = names.map { ($0, []) } }
        }
        try await gitlab.move(run.attempt, to: .succeeded)
        order.recipe.build.limits.output = 50_000
        order.recipe.artifacts = [ArtifactRule(match: "*", contentType: nil, maxBytes: 50_000)]
        guard case .refused(let failure) = await gitlab.provider.listFiles(of: run, for: order) else {
            throw Kiln.Unexpected.state("both were kept")
        }
        #expect(failure.kind == .build)
    }

    @Test
    func `Files are fetched after a restart, and an archive that is none ends the build`() async throws {
        let gitlab = try await GitLabPlayer()
        let (run, order) = try await started(gitlab)
        try await gitlab.leave("a.txt", Array("Hello\n".utf8), by: run.attempt)
        try await gitlab.move(run.attempt, to: .succeeded)
        let path = gitlab.directory.path("a")
        let file = ProducedFile(name: "a.txt", bytes: 6)
        guard case .done = await gitlab.restarted().fetch(file, of: run, for: order, to: path, limit: 6) else {
            throw Kiln.Unexpected.state("not fetched")
        }
        #expect(FileManager.default.contents(atPath: path) == Data("Hello\n".utf8))
        let nonsense = PlayerServer.Answer(200, body: Array("no archive at all, of some length".utf8))
        gitlab.server.plan(.answer(nonsense)) { $0.path.hasSuffix("/artifacts") }
        guard case .refused(let failure) = await gitlab.provider.listFiles(of: run, for: order) else {
            throw Kiln.Unexpected.state("it was read")
        }
        #expect(failure.kind == .build)
    }

    @Test
    func `Files come from the links of the release with the build's tag`() async throws {
        let host = try await PlayerServer { _ in PlayerServer.Answer(200, body: Array("ISO".utf8)) }
        let gitlab = try await GitLabPlayer(releaseTag: try JobTemplate("kiln-{{name}}"))
        let (run, order) = try await started(gitlab)
        #expect(await gitlab.provider.listFiles(of: run, for: order) == .done([]), "there is no release yet")
        gitlab.state.withLockedValue { $0.releases["kiln-Ada"] = [("image.iso", "\(host.url)/image.iso")] }
        let file = ProducedFile(name: "image.iso", bytes: 3)
        #expect(await gitlab.provider.listFiles(of: run, for: order) == .done([file]))
        let path = gitlab.directory.path("image")
        guard case .refused = await gitlab.provider.fetch(file, of: run, for: order, to: path, limit: 2) else {
            throw Kiln.Unexpected.state("fetched over the limit")
        }
        guard case .done = await gitlab.provider.fetch(file, of: run, for: order, to: path, limit: 3) else {
            throw Kiln.Unexpected.state("not fetched")
        }
        #expect(FileManager.default.contents(atPath: path) == Data("ISO".utf8))
        #expect(host.requests.allSatisfy { $0.headers["private-token"] == nil }, "P7")
    }

    @Test(arguments: [
        ("created", Observation.Status.waiting), ("waiting_for_resource", .waiting), ("preparing", .waiting),
        ("pending", .waiting), ("scheduled", .waiting), ("running", .running), ("success", .succeeded),
        ("canceling", .running), ("canceled", .cancelled),
    ])
    func `A pipeline's status is understood`(_ word: String, _ status: Observation.Status) async throws {
        let gitlab = try await GitLabPlayer()
        let (run, order) = try await started(gitlab)
        gitlab.change(run.attempt) { pipeline, _ in pipeline.status = word }
        guard case .done(let seen) = await gitlab.provider.observe(run, for: order) else {
            throw Kiln.Unexpected.state("not seen")
        }
        #expect(seen.status == status)
    }

    @Test(arguments: [
        ("failed", "script_failure" as String?, Failure.Kind.build), ("failed", "job_execution_timeout", .timeout),
        ("failed", "runner_system_failure", .infrastructure), ("failed", "stuck_or_timeout_failure", .infrastructure),
        ("failed", "something_new", .build), ("skipped", nil, .infrastructure), ("manual", nil, .infrastructure),
    ])
    func `A failure is whose it is`(_ word: String, _ reason: String?, _ kind: Failure.Kind) async throws {
        let gitlab = try await GitLabPlayer()
        let (run, order) = try await started(gitlab)
        gitlab.change(run.attempt) { pipeline, _ in
            pipeline.status = word
            guard let reason else { return }
            pipeline.jobs[0].status = "failed"
            pipeline.jobs[0].failureReason = reason
        }
        guard case .done(let seen) = await gitlab.provider.observe(run, for: order),
            case .failed(let failure) = seen.status
        else { throw Kiln.Unexpected.state("not failed") }
        #expect(failure.kind == kind)
    }

    @Test
    func `A reference that is not there, and variables that nobody may give, are refused for good`() async throws {
        for change in [0, 1] {
            let gitlab = try await GitLabPlayer(ref: change == 0 ? "gone" : "main")
            if change == 1 { gitlab.state.withLockedValue { $0.minimumRole = "no_one_allowed" } }
            let order = gitlab.order("Ada")
            let answer = await gitlab.provider.trigger(order, as: Attempt(number: 1, of: order.build.id))
            guard case .refused = answer else { throw Kiln.Unexpected.state("\(answer)") }
        }
    }

    @Test
    func `A set-up that works is found to, and what cannot be tried is said`() async throws {
        let gitlab = try await GitLabPlayer(byTriggerToken: true)
        let findings = await gitlab.provider.check([gitlab.order("Ada").recipe])
        #expect(findings.allSatisfy { $0.passed } && findings.count == 4, "\(findings)")
        #expect(findings.contains { $0.subject.hasSuffix("trigger token") && $0.message.contains("not tried") })
    }

    @Test(arguments: ["scope", "ref", "project", "role"])
    func `What a set-up lacks is told with its mend`(_ lack: String) async throws {
        let gitlab = try await GitLabPlayer(
            ref: lack == "ref" ? "gone" : "main", project: lack == "project" ? "group/other" : GitLabPlayer.project)
        gitlab.state.withLockedValue { state in
            if lack == "scope" { state.scopes = ["read_api"] }
            if lack == "role" { state.minimumRole = "no_one_allowed" }
        }
        let failed = await gitlab.provider.check([gitlab.order("Ada").recipe]).filter { !$0.passed }
        #expect(failed.count == 1 && failed.allSatisfy { $0.mend != nil }, "\(failed)")
    }

    private func started(_ gitlab: GitLabPlayer, name: String = "Ada") async throws -> (Run, BuildOrder) {
        let order = gitlab.order(name)
        switch await gitlab.provider.trigger(order, as: Attempt(number: 1, of: order.build.id)) {
        case .done(let run): return (run, order)
        case let other: throw Kiln.Unexpected.state("\(other)")
        }
    }
}

extension GitLabPlayer {
    var complaints: [String] { state.withLockedValue { $0.complaints } }
}
