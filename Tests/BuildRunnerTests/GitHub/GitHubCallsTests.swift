import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing
import _CryptoExtras

@testable import BuildRunner

@Suite(.timeLimit(.minutes(5)))
struct GitHubCallsTests {
    private func start(_ player: GitHubPlayer, _ name: String = "Ada") async throws -> (BuildOrder, Attempt, Run) {
        let order = player.order(name)
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .done(let run) = await player.provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("not started")
        }
        return (order, attempt, run)
    }

    private func look(_ player: GitHubPlayer, _ run: Run, _ order: BuildOrder) async throws -> Observation {
        guard case .done(let seen) = await player.provider.observe(run, for: order) else {
            throw Kiln.Unexpected.state("not seen")
        }
        return seen
    }

    @Test
    func `A dispatch names its run, with its page, in one call (P3)`() async throws {
        let player = try await GitHubPlayer()
        let (order, attempt, run) = try await start(player)
        #expect(run.id == String(GitHubPlayer.firstRun) && run.url == GitHubDocuments.page(of: GitHubPlayer.firstRun))
        #expect(player.server.requests.count == 1)
        #expect(await player.provider.trigger(order, as: attempt) == .done(run), "the same attempt has the same run")
        #expect(player.server.requests.count == 1)
    }

    @Test
    func `What a requester typed arrives as it is (P5)`() async throws {
        let value = "a'b\"c $(id) ${{ secrets.X }} \\ \n%0A \u{1F4A5} {{name}} </script>"
        let player = try await GitHubPlayer()
        let (_, attempt, _) = try await start(player, value)
        let inputs = try #require(player.run(of: attempt)?.inputs)
        #expect(inputs["NAME"] == value)
        #expect(inputs["KILN_URL"] == "https://kiln.example.org/uploads/capability-of-\(attempt.publicKey)")
        #expect(inputs.keys.sorted() == ["KILN_ATTEMPT", "KILN_URL", "NAME"])
    }

    @Test
    func `A server that knows no run details is asked without them, and the run is found by its name`() async throws {
        let player = try await GitHubPlayer(GitHubPlayer.Ways(returnsRun: false))
        let (_, attempt, run) = try await start(player)
        #expect(run.id == String(GitHubPlayer.firstRun))
        #expect(await player.runCount(of: attempt) == 1)
        #expect(player.problems.count <= 1, "the member that it refuses is described by newer servers only")
    }

    @Test
    func `A repository's dispatch has all parameters in one member, and its run is found when it is listed (P3)`()
        async throws
    {
        let player = try await GitHubPlayer(
            GitHubPlayer.Ways(listLag: 3, trigger: .repository(eventType: "kiln")))
        let order = player.order("Ada")
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .unknown = await player.provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("GitHub has not listed it yet")
        }
        guard case .refusedUntil(let pause, _) = await player.provider.find(attempt, for: order) else {
            throw Kiln.Unexpected.state("that it is not listed yet does not say that there is none")
        }
        #expect(pause <= .seconds(5))
        player.clock.advance(by: pause)
        _ = await player.provider.find(attempt, for: order)
        guard case .done(let run?) = await player.provider.find(attempt, for: order) else {
            throw Kiln.Unexpected.state("not found")
        }
        #expect(run.id == String(GitHubPlayer.firstRun))
        #expect(await player.runCount(of: attempt) == 1)
        #expect(player.problems == [])
    }

    @Test
    func `A provider that has just begun does not trust a list about what may have been asked before it (P3)`()
        async throws
    {
        let player = try await GitHubPlayer()
        let order = player.order("Ada")
        let attempt = Attempt(number: 1, of: order.build.id)
        player.clock.advance(by: .seconds(5))
        let later = GitHubProvider(tools: Played.tools(clock: player.clock, scratch: player.folder.path("later")))
        guard case .refusedUntil = await later.find(attempt, for: order) else {
            throw Kiln.Unexpected.state("a no was believed too early")
        }
        player.clock.advance(by: .seconds(30))
        #expect(await later.find(attempt, for: order) == .done(nil))
    }

    @Test
    func `A run is found on a later page, and not by a key that only begins alike`() async throws {
        let player = try await GitHubPlayer()
        let (order, attempt, run) = try await start(player)
        player.state.withLockedValue { state in
            let first = state.runs[0]
            for number in 1...150 {
                var other = first
                other.id -= Int64(number)
                other.title = "Image \(attempt.publicKey)\(number)"
                state.runs.append(other)
            }
        }
        let later = GitHubProvider(tools: Played.tools(clock: player.clock, scratch: player.folder.path("later")))
        guard case .done(let found?) = await later.find(attempt, for: order) else {
            throw Kiln.Unexpected.state("not found")
        }
        #expect(found == run)
    }

    @Test
    func `What has not changed costs nothing of the rate limit`() async throws {
        let player = try await GitHubPlayer(GitHubPlayer.Ways(changesAtEachLook: false))
        let (order, attempt, run) = try await start(player)
        try await player.move(attempt, to: .running)
        let first = try await look(player, run, order)
        #expect(first.phase == Phase(label: "build / Make the image", percent: 25))
        let left = player.state.withLockedValue { $0.callsLeft }
        for _ in 1...20 { #expect(try await look(player, run, order) == first) }
        #expect(player.state.withLockedValue { $0.callsLeft } == left)
        #expect(player.problems == [])
    }

    @Test
    func `A secondary limit that names no time is waited out for a minute`() async throws {
        let player = try await GitHubPlayer()
        let (order, _, run) = try await start(player)
        let words = #"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}"#
        player.server.plan(.answer(.json(words, status: 403)), where: player.asksForState)
        guard case .refusedUntil(let pause, let reason) = await player.provider.observe(run, for: order) else {
            throw Kiln.Unexpected.state("not refused")
        }
        #expect(pause == .seconds(60) && reason.contains("rate limit"))
    }

    @Test
    func `The first limit is waited out until its reset`() async throws {
        let player = try await GitHubPlayer()
        let (order, _, run) = try await start(player)
        let reset = player.clock.now().milliseconds / 1000 + 90
        player.server.plan(
            .answer(
                .json(
                    #"{"message":"API rate limit exceeded"}"#, status: 403,
                    headers: ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": String(reset)])),
            where: player.asksForState)
        guard case .refusedUntil(let pause, _) = await player.provider.observe(run, for: order) else {
            throw Kiln.Unexpected.state("not refused")
        }
        #expect(pause == .seconds(90))
    }

    @Test
    func `A renamed repository is followed on the same host`() async throws {
        let player = try await GitHubPlayer()
        let (order, attempt, run) = try await start(player)
        try await player.move(attempt, to: .running)
        let target = "\(player.server.url)/api/v3/repos/ada/images/actions/runs/\(run.id)?moved=1"
        player.server.plan(.answer(PlayerServer.Answer(301, headers: ["Location": target])), where: player.asksForState)
        #expect(try await look(player, run, order).status == .running)
    }

    // MARK: - Apps

    private func app() throws -> GitHubPlayer.App {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        return GitHubPlayer.App(
            id: "Iv23liKiln", installation: 4711, privateKey: key.pemRepresentation,
            publicKey: key.publicKey.pemRepresentation)
    }

    private func bought(_ player: GitHubPlayer) -> Int {
        player.server.requests.count { $0.path.hasSuffix("/access_tokens") }
    }

    @Test
    func `An App's token is bought once, renewed before its end, and after GitHub no longer takes it`() async throws {
        let player = try await GitHubPlayer(GitHubPlayer.Ways(app: try app()))
        let (order, attempt, run) = try await start(player)
        try await player.move(attempt, to: .running)
        _ = try await look(player, run, order)
        #expect(bought(player) == 1)
        player.clock.advance(by: .seconds(3600 - 299))
        _ = try await look(player, run, order)
        #expect(bought(player) == 2)
        player.state.withLockedValue { $0.tokens = [:] }
        #expect(try await look(player, run, order).status == .running)
        #expect(bought(player) == 3)
        #expect(player.problems == [])
    }

    @Test(arguments: [
        ("no key at all", "APP_KEY"),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", "APP_KEY"),
    ])
    func `A key that is none delays builds, and is not told (P7)`(pem: String, named: String) async throws {
        var broken = try app()
        broken.privateKey = pem
        let player = try await GitHubPlayer(GitHubPlayer.Ways(app: broken))
        let order = player.order("Ada")
        let answer = await player.provider.trigger(order, as: Attempt(number: 1, of: order.build.id))
        guard case .refusedUntil(_, let reason) = answer else { throw Kiln.Unexpected.state("\(answer)") }
        #expect(reason.contains(named) && !reason.contains("AAAA"))
        #expect(player.server.requests.isEmpty)
    }

    @Test
    func `A key with its line breaks written out is taken`() throws {
        let pem = try app().privateKey
        let now = ManualClock().now()
        let token = try GitHubAppToken.make(app: "1", key: pem.replacing("\n", with: "\\n"), at: now)
        #expect(token.split(separator: ".").count == 3 && !token.contains("="))
    }

    // MARK: - Check

    @Test
    func `A good set-up passes the check`() async throws {
        for app in [nil, try app()] {
            let player = try await GitHubPlayer(GitHubPlayer.Ways(app: app))
            let findings = await player.provider.check([player.order("Ada").recipe, .sample()])
            #expect(findings.count == 4 && findings.allSatisfy(\.passed), "\(findings)")
            #expect(player.problems == [])
        }
    }

    @Test
    func `The check says what is wrong and how to mend it`() async throws {
        let player = try await GitHubPlayer(GitHubPlayer.Ways(trigger: .workflow("other.yml")))
        var recipe = player.order("Ada").recipe
        recipe.build.parameters = try (1...24).map { JobParameter(name: "P\($0)", value: try JobTemplate("x")) }
        var findings = await player.provider.check([recipe]).filter { !$0.passed }
        #expect(
            findings.map(\.subject) == ["recipe sample: github parameters", "recipe sample: github workflow other.yml"])
        #expect(findings.allSatisfy { $0.mend != nil })
        player.server.plan(.answer(.json(#"{"message":"Bad credentials"}"#, status: 401)))
        findings = await player.provider.check([player.order("Ada").recipe]).filter { !$0.passed }
        #expect(findings.count == 1 && findings[0].message.contains("Bad credentials"))
        let order = BuildOrder(build: player.order("Ada").build, recipe: recipe)
        guard case .refused = await player.provider.trigger(order, as: Attempt(number: 1, of: order.build.id)) else {
            throw Kiln.Unexpected.state("more inputs than GitHub takes were sent")
        }
    }
}
