import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct GiteaProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract at Gitea`(_ line: RemoteCase) async throws {
        let gitea = try await GiteaPlayer()
        try await RemoteConformance(ci: gitea).check(line)
        #expect(gitea.complaints == [])
    }

    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract at Forgejo`(_ line: RemoteCase) async throws {
        let forgejo = try await GiteaPlayer(.forgejo)
        try await RemoteConformance(ci: forgejo).check(line)
        #expect(forgejo.complaints == [])
    }

    @Test(arguments: [RemoteCase.goesWell, .answerIsLost, .answerIsCut, .serverFails, .isUnreachable, .isDeleted])
    func `It keeps the contract at a Gitea that names no run and cancels none`(_ line: RemoteCase) async throws {
        let gitea = try await GiteaPlayer(.olderGitea)
        try await RemoteConformance(ci: gitea).check(line)
        #expect(gitea.complaints == [])
    }

    @Test
    func `A run that cannot be ended goes on, and its end is the end of asking`() async throws {
        let gitea = try await GiteaPlayer(.olderGitea)
        let (run, order) = try await started(gitea)
        guard case .refused(let failure) = await gitea.provider.cancel(run.attempt, run: run, for: order) else {
            throw Kiln.Unexpected.state("not refused")
        }
        #expect(failure.message.contains("goes on there"))
        try await gitea.move(run.attempt, to: .succeeded)
        guard case .done = await gitea.provider.cancel(run.attempt, run: run, for: order) else {
            throw Kiln.Unexpected.state("an ended run is still to be cancelled")
        }
    }

    @Test
    func `P3 A run that was accepted and does not show its key is not started a second time`() async throws {
        let gitea = try await GiteaPlayer(.olderGitea)
        gitea.state.withLockedValue { $0.workflow = "name: Image\n" }
        let order = gitea.order("Ada")
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .unknown = await gitea.provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("it is known")
        }
        for _ in 1...3 {
            guard case .unknown = await gitea.provider.find(attempt, for: order) else {
                throw Kiln.Unexpected.state("it is known")
            }
        }
        gitea.clock.advance(by: .seconds(300))
        guard case .refused = await gitea.provider.find(attempt, for: order) else {
            throw Kiln.Unexpected.state("it waits for ever")
        }
        #expect(gitea.state.withLockedValue { $0.runs.count } == 1)
    }

    @Test
    func `P3 The first attempt is not the eleventh`() async throws {
        let gitea = try await GiteaPlayer()
        let order = gitea.order("Ada")
        let eleventh = Attempt(number: 11, of: order.build.id)
        guard case .done = await gitea.provider.trigger(order, as: eleventh) else {
            throw Kiln.Unexpected.state("not started")
        }
        #expect(await gitea.provider.find(Attempt(number: 1, of: order.build.id), for: order) == .done(nil))
        guard case .done(.some) = await gitea.provider.find(eleventh, for: order) else {
            throw Kiln.Unexpected.state("not found")
        }
    }

    @Test
    func `P3 The same attempt has one run`() async throws {
        let gitea = try await GiteaPlayer()
        let (run, order) = try await started(gitea)
        #expect(await gitea.provider.trigger(order, as: run.attempt) == .done(run))
        #expect(await gitea.runCount(of: run.attempt) == 1)
    }

    @Test
    func `P5 Values arrive as they were typed`() async throws {
        let value = "a'b\"c $(id) ${{ secrets.X }} &x=1\u{1F4A5}\n+%0A"
        let gitea = try await GiteaPlayer()
        _ = try await started(gitea, name: value)
        #expect(gitea.state.withLockedValue { $0.runs[0].inputs["NAME"] } == value)
    }

    @Test
    func `P7 An archive on another host is fetched without the token`() async throws {
        let archive = StoredZip.bytes([("a.txt", Array("Hello\n".utf8))])
        let storage = try await PlayerServer { _ in PlayerServer.Answer(200, body: archive) }
        let gitea = try await GiteaPlayer()
        gitea.state.withLockedValue { $0.storage = storage.url }
        let (run, order) = try await started(gitea)
        try await gitea.leave("x", [], by: run.attempt)
        try await gitea.move(run.attempt, to: .succeeded)
        let files = await gitea.provider.listFiles(of: run, for: order)
        #expect(files == .done([ProducedFile(name: "a.txt", bytes: 6)]))
        #expect(storage.requests.count == 1)
        #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil })
    }

    @Test
    func `Files come from the release with the build's tag`() async throws {
        let gitea = try await GiteaPlayer(releaseTag: try JobTemplate("kiln-{{name}}"))
        let (run, order) = try await started(gitea)
        #expect(await gitea.provider.listFiles(of: run, for: order) == .done([]), "there is no release yet")
        let url = gitea.server.url
        gitea.state.withLockedValue { state in
            state.releases["kiln-Ada"] = [("image.iso", 3, "\(url)/kiln/image/releases/download/kiln-Ada/image.iso")]
            state.assets["/kiln/image/releases/download/kiln-Ada/image.iso"] = Array("ISO".utf8)
        }
        let file = ProducedFile(name: "image.iso", bytes: 3)
        #expect(await gitea.provider.listFiles(of: run, for: order) == .done([file]))
        let path = gitea.directory.path("image")
        guard case .done = await gitea.provider.fetch(file, of: run, for: order, to: path, limit: 3) else {
            throw Kiln.Unexpected.state("not fetched")
        }
        #expect(FileManager.default.contents(atPath: path) == Data("ISO".utf8))
    }

    @Test
    func `A set-up that works is found to`() async throws {
        let gitea = try await GiteaPlayer()
        let findings = await gitea.provider.check([gitea.order("Ada").recipe])
        #expect(findings.allSatisfy { $0.passed } && findings.count == 3, "\(findings)")
    }

    @Test(arguments: ["right", "name", "ref", "workflow"])
    func `What a set-up lacks is told with its mend`(_ lack: String) async throws {
        let gitea = try await GiteaPlayer(
            ref: lack == "ref" ? "gone" : "main", workflow: lack == "workflow" ? "other.yml" : "image.yml")
        gitea.state.withLockedValue { state in
            if lack == "right" { state.mayPush = false }
            if lack == "name" { state.workflow = "name: Image\n" }
        }
        let failed = await gitea.provider.check([gitea.order("Ada").recipe]).filter { !$0.passed }
        #expect(failed.count == 1 && failed.allSatisfy { $0.mend != nil }, "\(failed)")
    }

    private func started(_ gitea: GiteaPlayer, name: String = "Ada") async throws -> (Run, BuildOrder) {
        let order = gitea.order(name)
        let attempt = Attempt(number: 1, of: order.build.id)
        switch await gitea.provider.trigger(order, as: attempt) {
        case .done(let run): return (run, order)
        case let other: throw Kiln.Unexpected.state("\(other)")
        }
    }
}

struct GiteaWebhookTests {
    /// Of `printf '%s' BODY | openssl dgst -sha256 -hmac SECRET`.
    private static let body = Array(#"{"workflow_run":{"id":34}}"#.utf8)

    @Test
    func `Only a body with the secret's signature is believed`() {
        let signature = "52462d0a22a5f9618108bfd19495f83674a9a1be5d212091cdb19191728b91a0"
        #expect(GiteaWebhook.verify(body: Self.body, signature: signature, secret: "whisper"))
        #expect(GiteaWebhook.verify(body: Self.body, signature: signature.uppercased(), secret: "whisper"))
        #expect(!GiteaWebhook.verify(body: Self.body + [0x20], signature: signature, secret: "whisper"))
        #expect(!GiteaWebhook.verify(body: Self.body, signature: signature, secret: "shout"))
        #expect(!GiteaWebhook.verify(body: Self.body, signature: nil, secret: "whisper"))
        #expect(!GiteaWebhook.verify(body: Self.body, signature: "", secret: "whisper"))
        #expect(!GiteaWebhook.verify(body: Self.body, signature: String(repeating: "g", count: 64), secret: "whisper"))
        #expect(!GiteaWebhook.verify(body: Self.body, signature: signature, secret: ""))
    }

    @Test(arguments: [
        ("workflow_run", #"{"action":"completed","workflow_run":{"id":34}}"#, "34"),
        ("workflow_job", #"{"action":"in_progress","workflow_job":{"id":99,"run_id":34}}"#, "34"),
        ("action_run_success", #"{"action":"success","run":{"id":34}}"#, "34"),
        ("push", #"{"ref":"refs/heads/main","run":{"id":34}}"#, nil),
        ("workflow_run", "[]", nil),
    ])
    func `An event tells its run`(_ event: String, _ body: String, _ run: String?) {
        #expect(GiteaWebhook.run(event: event, body: Array(body.utf8)) == run)
    }
}
