import BuildRunner
import Curl
import Domain
import Foundation
import Storage
import TestSupport
import Testing

/// Runs whose CI publishes at a link what it built; the link's host is played.
@Suite(.timeLimit(.minutes(5)))
struct ReleaseWatchTests {
    private let provider = ScriptedProvider("webhook", givesHints: false)

    private func kiln(at port: Int) async throws -> (Kiln, Workshop) {
        var recipe = Recipe.remote()
        let link = try JobTemplate("http://127.0.0.1:\(port)/out/{{name}}-{{kiln.build}}/hello.txt?key=word")
        recipe.watch.release = ReleaseWatch(links: [link], patience: .seconds(300))
        let kiln = try await Kiln(recipe: recipe)
        let transfers = HTTPTransfers(TransferSettings(userAgent: "test", allowedNetworks: ["127.0.0.0/8"]))
        return (
            kiln,
            try kiln.shop(providers: [provider], releases: ReleaseLinks(transfers: transfers, clock: kiln.clock))
        )
    }

    @Test
    func `What appears at the link ends the run and is fetched from there (P9)`() async throws {
        let host = try await PlayedHost()
        let (kiln, shop) = try await kiln(at: host.port)
        let id = try await kiln.submit(name: "a b")
        let build = try await kiln.working(shop) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            host.publish("/out/a%20b-\(id.publicName)/hello.txt", "published\n")
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(host.looks.contains("/out/a%20b-\(id.publicName)/hello.txt"))
        #expect(try await kiln.content("hello.txt", of: id) == Array("published\n".utf8))
        #expect(provider.listings == 0)
    }

    @Test
    func `A run that ended well and published nothing has failed, with the link and without its query (P7)`()
        async throws
    {
        let host = try await PlayedHost()
        let (kiln, shop) = try await kiln(at: host.port)
        let id = try await kiln.submit()
        let build = try await kiln.working(shop) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            provider.end(Attempt(number: 1, of: id), as: .succeeded)
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.failure?.kind == .build)
        #expect(host.looks.count > 1)
        #expect(build.failure?.message.contains("/out/Ada-\(id.publicName)/hello.txt.") == true)
        #expect(build.failure?.message.contains("word") == false)
    }

    @Test
    func `A run that failed at its CI has failed, whatever the link says`() async throws {
        let host = try await PlayedHost()
        let (kiln, shop) = try await kiln(at: host.port)
        let id = try await kiln.submit()
        let build = try await kiln.working(shop) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            provider.end(
                Attempt(number: 1, of: id), as: .failed(Failure(kind: .build, message: "It failed.")))
            try await kiln.store.nudge(id, at: kiln.clock.now())
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.failure?.message == "It failed.")
        #expect(Set(host.looks).count <= 1)
    }
}
