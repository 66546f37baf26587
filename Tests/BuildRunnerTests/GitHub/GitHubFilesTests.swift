import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct GitHubFilesTests {
    private func ended(_ player: GitHubPlayer, _ state: PlayedState = .succeeded) async throws -> (BuildOrder, Run) {
        let order = player.order("Ada")
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .done(let run) = await player.provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("not started")
        }
        try await player.move(attempt, to: state)
        return (order, run)
    }

    @Test
    func `Files come from the newest artifact that is not expired, without their folders`() async throws {
        let player = try await GitHubPlayer()
        let (order, run) = try await ended(player)
        try await player.leave("out/image.iso", Array("image".utf8), by: run.attempt)
        try await player.leave("sums.txt", Array("sum".utf8), by: run.attempt)
        let files = await player.provider.listFiles(of: run, for: order)
        #expect(
            files == .done([ProducedFile(name: "image.iso", bytes: 5), ProducedFile(name: "sums.txt", bytes: 3)]))
        let asked = player.server.requests.count { $0.path.hasSuffix("/zip") }
        #expect(asked == 1, "an archive is downloaded once")
        let target = player.folder.path("image")
        let file = ProducedFile(name: "image.iso", bytes: 5)
        guard case .done = await player.provider.fetch(file, of: run, for: order, to: target, limit: 5) else {
            throw Kiln.Unexpected.state("not fetched")
        }
        #expect(FileManager.default.contents(atPath: target) == Data("image".utf8))
        #expect(player.problems == [])
    }

    @Test
    func `Files come from a release where the recipe says so, and none before all of them are sent`() async throws {
        let player = try await GitHubPlayer(GitHubPlayer.Ways(releaseTag: try JobTemplate("v1/sample")))
        player.state.withLockedValue { $0.assets = [("image.iso", Array("image".utf8), "open")] }
        let (order, run) = try await ended(player)
        guard case .refusedUntil = await player.provider.listFiles(of: run, for: order) else {
            throw Kiln.Unexpected.state("a file was taken before it was sent")
        }
        player.state.withLockedValue { $0.assets[0].state = "uploaded" }
        let file = ProducedFile(name: "image.iso", bytes: 5)
        #expect(await player.provider.listFiles(of: run, for: order) == .done([file]))
        let target = player.folder.path("image")
        guard case .done = await player.provider.fetch(file, of: run, for: order, to: target, limit: 5) else {
            throw Kiln.Unexpected.state("not fetched")
        }
        #expect(FileManager.default.contents(atPath: target) == Data("image".utf8))
        #expect(player.problems == [])
    }

    @Test
    func `A release that is not there yet is asked for again`() async throws {
        let player = try await GitHubPlayer(GitHubPlayer.Ways(releaseTag: try JobTemplate("v2")))
        let (order, run) = try await ended(player)
        guard case .refusedUntil = await player.provider.listFiles(of: run, for: order) else {
            throw Kiln.Unexpected.state("not asked again")
        }
    }

    @Test
    func `The end is told with the log, or without it when GitHub has none for long`() async throws {
        let player = try await GitHubPlayer(GitHubPlayer.Ways(hasLogs: false))
        let (order, run) = try await ended(player, .failed)
        guard case .refusedUntil = await player.provider.observe(run, for: order) else {
            throw Kiln.Unexpected.state("the end was told before its log")
        }
        player.clock.advance(by: .seconds(61))
        guard case .done(let seen) = await player.provider.observe(run, for: order), seen.status.isEnd else {
            throw Kiln.Unexpected.state("no end")
        }
        let log = await player.provider.readLog(of: run, for: order, from: 0, limit: 1000)
        #expect(log == .done(Array("The build system has no log of this run.\n".utf8)))
    }

    @Test
    func `A log is read in its order, with headings, and the same after a restart`() async throws {
        let player = try await GitHubPlayer()
        let (order, run) = try await ended(player)
        try await player.write(Array("##[group]Run make\nmade\n##[endgroup]\n".utf8), by: run.attempt)
        let expected = """
            == build / Set up job
            == Operating System
            Ubuntu
            == build / Build
            == Run make
            made
            == build / Complete job
            Cleaning up orphan processes

            """
        let later = GitHubProvider(tools: Played.tools(clock: player.clock, scratch: player.folder.path("later")))
        for provider in [player.provider, later] {
            guard case .done(let seen) = await provider.observe(run, for: order) else {
                throw Kiln.Unexpected.state("not seen")
            }
            #expect(seen.status == .succeeded)
            let log = await provider.readLog(of: run, for: order, from: 0, limit: 10_000)
            #expect(log.map { String(decoding: $0, as: UTF8.self) } == .done(expected))
        }
        guard case .done = await player.provider.cleanUp(run.attempt, run: run, for: order) else {
            throw Kiln.Unexpected.state("not cleaned up")
        }
        let left = FileManager.default.enumerator(atPath: player.folder.path("scratch"))?.allObjects as? [String]
        #expect(left?.filter { $0.contains(run.attempt.publicKey) } == [], "nothing of the attempt stays here")
        #expect(player.problems == [])
    }
}
