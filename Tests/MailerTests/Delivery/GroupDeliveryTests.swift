import Domain
import Foundation
import Logging
import Mailer
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

/// The one mail of several builds, on real storage.
@Suite struct GroupDeliveryTests {
    struct House {
        let directory: TemporaryDirectory
        let store: SQLiteStore
        let objects: DiskObjectStore
        let clock = ManualClock()
        let transport = DeliveryServiceTests.ScriptedTransport([])
        let service: DeliveryService
        let builds: [BuildID]

        /// Two builds of one submission that wait.
        init() async throws {
            directory = try TemporaryDirectory()
            let notices = Notices()
            store = try await SQLiteStore.open(path: directory.path("kiln.sqlite"), notices: notices)
            objects = try DiskObjectStore(directory: directory.path("objects"))
            let logs = try DiskLogStore(directory: directory.path("logs"), notices: notices)
            let composer = try await MailComposer(
                templatesDirectory: MailComposerTests.templates, sender: NamedMailAddress(parsing: "kiln@example.org"),
                links: MailComposer.Links(page: { "/\($0)" }, artifact: { "/\($0)/\($1)" }, log: { "/\($0)" }),
                objects: objects, logs: logs)
            service = DeliveryService(
                outbox: store, builds: store, objects: objects, notices: notices, composer: composer,
                route: MailRoute(primary: transport, at: clock.now()), recipe: { _ in .sample() }, clock: clock,
                faults: .none,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            var random = SystemRandomNumberGenerator()
            let clock = clock
            let new = ["amd64", "i386"].map { target in
                NewBuild(
                    id: .make(at: clock.now(), using: &random), recipe: .sample, recipeDigest: "0", provider: "local",
                    inputs: Inputs(values: []), address: "reader@example.net", priority: 0, retention: .seconds(3600),
                    source: "127.0.0.1", idempotencyKey: nil, target: target)
            }
            builds = new.map(\.id)
            let none = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
            _ = try await store.accept(new, limits: none, at: clock.now())
        }

        /// Ends a build well, with a product whose stored bytes are these.
        func finish(_ id: BuildID, stored: String) async throws {
            let path = directory.path("product")
            try Data(stored.utf8).write(to: URL(filePath: path))
            try await objects.put(fileAt: path, as: ObjectKey(build: id, name: "out.txt"))
            // The SHA-256 of "hello".
            let artifact = Artifact(
                name: "out.txt", role: .product, contentType: "text/plain", bytes: 5,
                sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
            let attempt = Attempt(number: 1, of: id)
            let run = Run(attempt: attempt, provider: "local", id: "r", url: nil)
            let collected = BuildEvent.collected([artifact], of: attempt, needsVerification: false)
            for event in [.claimed(attempt), .triggered(run), .runSucceeded(of: attempt), collected] as [BuildEvent] {
                _ = try await store.apply(
                    event, to: id, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: clock.now())
            }
        }
    }

    @Test func `one mail is sent when the last of several has ended (P2)`() async throws {
        let house = try await House()
        try await house.finish(house.builds[0], stored: "hello")
        #expect(try await house.service.deliverDue() == 0)
        try await house.finish(house.builds[1], stored: "hello")
        #expect(try await house.service.deliverDue() == 1)
        #expect(try await house.service.deliverDue() == 0)
        #expect(house.transport.taken.withLockedValue { $0.count } == 1)
        #expect(try await house.store.deliveries(of: house.builds[0]).map(\.status) == [.accepted])
    }

    @Test(arguments: [0, 1]) func `no link is mailed while any of the files is not what it was (P9)`(
        broken: Int
    ) async throws {
        let house = try await House()
        for (number, id) in house.builds.enumerated() {
            try await house.finish(id, stored: number == broken ? "jello" : "hello")
        }
        #expect(try await house.service.deliverDue() == 1)
        #expect(house.transport.taken.withLockedValue { $0.isEmpty })
        let delivery = try #require(try await house.store.deliveries(of: house.builds[0]).first)
        #expect(delivery.status == .waiting && delivery.lastError?.contains("checksum") == true)
    }
}
