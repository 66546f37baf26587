import BuildRunner
import Domain
import Foundation
import Storage
import TestSupport
import Testing

/// What is fetched for one build holds up others that fetch, and nobody else.
@Suite(.timeLimit(.minutes(3)))
struct GatherPlacesTests {
    @Test
    func `An address that hangs takes no place of the provider`() async throws {
        let event = try await PlayedEvent()
        event.server.plan(.silence, times: 2)
        let kiln = try await Kiln(recipe: .gathered(time: .seconds(3600), maxPictures: 0), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        var shop = try kiln.gatheringShop(provider)
        shop.settings.atOnce["local"] = 1
        shop.settings.gathering = 1
        let hanging = try await kiln.submit(fetching: "\(event.url)/api")
        try await kiln.working(shop) {
            try await until { event.asked.count == 2 }
            let plain = try await kiln.submit()
            #expect(try await kiln.ended(plain).state == .succeeded)
            #expect(try await kiln.store.build(hanging)?.state.name == .triggering)
        }
    }

    @Test
    func `What is gathered goes through the queue to its place, with one attempt and one run (P3)`() async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png"])
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider()
        var shop = try kiln.gatheringShop(provider)
        shop.settings.atOnce["local"] = 1
        let plain = try await kiln.submit()
        let build = try await kiln.working(shop) {
            try await until { provider.starts.count == 1 }
            let fetching = try await kiln.submit(fetching: "\(event.url)/api")
            // The one place is taken: it waits with all that it needs.
            try await kiln.build(fetching) { $0.state.name == .queued && !$0.isToGather }
            #expect(provider.starts.count == 1)
            provider.end(Attempt(number: 1, of: plain), as: .succeeded)
            try await until { provider.starts.count == 2 }
            provider.end(Attempt(number: 1, of: fetching), as: .succeeded)
            return try await kiln.ended(fetching)
        }
        #expect(build.state == .succeeded)
        #expect(
            try await kiln.events(build.id).filter { $0 != "fetching" }.prefix(6)
                == ["accepted", "claimed", "fetched", "gathered", "claimed", "triggered"])
        #expect(build.runs.map(\.attempt) == [Attempt(number: 1, of: build.id)])
        #expect(event.asked.count == 3)
    }

    @Test
    func `A machine that cannot keep what it fetched does not try for ever, nor hold the place (P2)`() async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png"])
        let kiln = try await Kiln(recipe: .gathered(maxAttempts: 1), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        var shop = try kiln.gatheringShop(provider)
        shop.gathering = kiln.gathering(keep: { _ in throw POSIXError(.ENOSPC) })
        shop.settings.startLimit = .seconds(60)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let build = try await kiln.working(shop) {
            try await until {
                // So slowly that no try alone takes as long as all of them may.
                kiln.clock.advance(by: .milliseconds(50))
                return try await kiln.store.build(id)?.state.isTerminal == true
            }
            return try await kiln.ended(id)
        }
        #expect(build.failure?.kind == .infrastructure)
        #expect(provider.triggers == 0)
        #expect(try await kiln.strayUploads().isEmpty)
    }

    @Test
    func `Where nothing is to be fetched after all, it is looked for once`() async throws {
        let event = try await PlayedEvent()
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit()
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true))
        let build = try await kiln.working(shop) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(try await kiln.events(id).count { $0 == "gathered" } == 1)
        #expect(event.asked.isEmpty)
    }
}
