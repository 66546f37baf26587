import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

/// What becomes of a gathering when the world goes on around it.
@Suite(.timeLimit(.minutes(3)))
struct GatherLifeTests {
    @Test
    func `A second attempt uses what the first one fetched`() async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png"])
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider()
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let build = try await kiln.working(try kiln.gatheringShop(provider)) {
            try await until { provider.starts.count == 1 }
            provider.end(Attempt(number: 1, of: id), as: .lost(reason: "power"))
            try await kiln.turn(until: { provider.starts.count == 2 })
            provider.end(Attempt(number: 2, of: id), as: .succeeded)
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(event.asked.count == 3)
        #expect(build.inputs.uploads.count == 1)
    }

    @Test
    func `A cancelled build stops fetching at once, and nothing is left`() async throws {
        let event = try await PlayedEvent()
        event.server.plan(.silence, times: 2)
        let kiln = try await Kiln(recipe: .gathered(time: .seconds(3600)), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        try await kiln.working(try kiln.gatheringShop(provider)) {
            try await until { event.asked.count == 2 }
            #expect(try await kiln.events(id).last == "fetching", "the page says what goes on")
            _ = try await kiln.store.apply(
                .cancelled, to: id, policy: BuildPolicy(maxAttempts: 3), lease: nil, at: kiln.clock.now())
            try await until { try kiln.gatherFolders().isEmpty }
        }
        #expect(try await kiln.store.build(id)?.state == .cancelled)
        #expect(provider.triggers == 0)
        #expect(try await kiln.strayUploads().isEmpty)
    }

    @Test
    func `A stopped worker hands the build back, and the next one fetches anew`() async throws {
        let event = try await PlayedEvent()
        event.server.plan(.silence, times: 2)
        let kiln = try await Kiln(recipe: .gathered(time: .seconds(3600)), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        try await kiln.working(try kiln.gatheringShop(provider)) { try await until { event.asked.count == 2 } }
        let build = try await kiln.working(try kiln.gatheringShop(provider)) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(event.asked.count == 4)
    }

    /// As a crash between keeping the file and saying so: held for ever, with its clock, so that its claim runs out.
    @Test
    func `A worker's death between keeping and recording leaves one file to the sweeper (P1, P3)`() async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png"])
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let (reached, signal) = AsyncStream.makeStream(of: Void.self)
        let stray = NIOLockedValueBox<Set<UploadID>>([])
        let dying = try kiln.gatheringShop(
            provider, clock: ManualClock(),
            faults: FaultPoints { seen in
                guard seen == .afterFetchBeforeRecord else { return }
                signal.finish()
                try? await Task.sleep(for: .seconds(3600))
            })
        try await kiln.working(dying) {
            for await _ in reached {}
            let left = try await kiln.strayUploads()
            stray.withLockedValue { $0 = left }
            kiln.clock.advance(by: .seconds(60))
            try await kiln.working(try kiln.gatheringShop(provider)) { _ = try await kiln.ended(id) }
        }
        #expect(stray.withLockedValue(\.count) == 1, "durable, and nobody's: what a crash here leaves")
        let build = try #require(try await kiln.store.build(id))
        #expect(build.state == .succeeded)
        #expect(provider.starts.values.map { $0 } == [1])
        #expect(build.inputs.uploads.count == 1)
        // The first worker came to life again, and took its own back.
        #expect(kiln.removedUploads.withLockedValue { $0 } == Array(stray.withLockedValue { $0 }))
        #expect(try await kiln.events(id).count { $0 == "fetched" } == 1)
    }

    @Test
    func `A check that fails is nobody's input: it is tried again, and then told as a fault of ours`() async throws {
        let event = try await PlayedEvent()
        let kiln = try await Kiln(recipe: .gathered(maxAttempts: 2), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        let id = try await kiln.submit(name: "die", fetching: "\(event.url)/api")
        let build = try await kiln.working(try kiln.gatheringShop(provider)) {
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.failure?.kind == .infrastructure)
        #expect(build.failure?.message.contains("out of luck") == false)
        #expect(provider.triggers == 0)
    }
}

extension Kiln {
    /// Folders of gatherings under way.
    fileprivate func gatherFolders() throws -> [String] {
        let scratch = directory.path("scratch")
        guard FileManager.default.fileExists(atPath: scratch) else { return [] }
        let folders = try FileManager.default.contentsOfDirectory(atPath: scratch)
        return try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: "\(scratch)/\(folder)").filter {
                $0.hasPrefix("gather-")
            }
        }
    }
}
