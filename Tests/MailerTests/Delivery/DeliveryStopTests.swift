import Domain
import Logging
import Mailer
import NIOConcurrencyHelpers
import ServiceLifecycle
import Storage
import TestSupport
import Testing

/// Ends of the service, wanted and not.
@Suite struct DeliveryStopTests {
    private static func settings() -> DeliveryService.Settings {
        var settings = DeliveryService.Settings()
        settings.workers = 2
        settings.ahead = 4
        return settings
    }

    private static func group(_ house: DeliveryHouse) -> ServiceGroup {
        ServiceGroup(
            configuration: .init(
                services: [.init(service: house.service)],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Mails that a claim has taken and no try has begun with.
    private static func claimed(_ house: DeliveryHouse, _ builds: [BuildID]) async throws -> Int {
        try await house.count(builds) { $0.attempts == 1 }
    }

    @Test func `at a graceful stop what is under way ends and is kept, and the rest is untouched (P2)`() async throws {
        let transport = PlayedTransport()
        transport.hold()
        let house = try await DeliveryHouse(transport, settings: Self.settings())
        let builds = try await house.owe(20, to: "reader")
        let services = Self.group(house)
        try await withThrowingTaskGroup { group in
            group.addTask { try await services.run() }
            try await until { try await Self.claimed(house, builds) >= 6 && transport.heldCount >= 2 }
            await services.triggerGracefulShutdown()
            try await until { try await Self.claimed(house, builds) <= 2 }
            transport.letGo()
            try await group.waitForAll()
        }
        #expect(transport.taken.count == 2)
        #expect(try await house.count(builds) { $0.status == .accepted && $0.attempts == 1 } == 2)
        #expect(try await house.count(builds) { $0.status == .waiting && $0.attempts == 0 } == 18)
        #expect(try await house.service.deliverDue() == 18, "at once: no lease is left behind")
    }

    @Test func `what is broken off at the end of the time to stop was not tried`() async throws {
        let transport = PlayedTransport()
        transport.hold()
        let house = try await DeliveryHouse(transport, settings: Self.settings())
        let builds = try await house.owe(5, to: "reader")
        await withThrowingTaskGroup { group in
            group.addTask { try await house.service.run() }
            try? await until { transport.heldCount >= 2 }
            group.cancelAll()
            while let _ = try? await group.next() {}
        }
        #expect(try await house.count(builds) { $0.status == .waiting && $0.attempts == 0 } == 5)
        transport.letGo()
        #expect(try await house.service.deliverDue() == 5)
        #expect(house.route.primary.status.isUp, "it is not the transport's fault")
    }

    @Test func `a crash before the answer is written down sends the same mail again (P2)`() async throws {
        let transport = PlayedTransport()
        let crash = NIOLockedValueBox<CheckedContinuation<Void, Never>?>(nil)
        let crashes = NIOLockedValueBox(true)
        let faults = FaultPoints { point in
            guard point == .afterMailBeforeRecord, crashes.withLockedValue({ $0 }) else { return }
            crashes.withLockedValue { $0 = false }
            // The process that stops here never comes to write anything down.
            await withCheckedContinuation { continuation in crash.withLockedValue { $0 = continuation } }
        }
        let house = try await DeliveryHouse(transport, faults: faults)
        let build = try await house.owe()
        try await withThrowingTaskGroup { group in
            group.addTask { _ = try await house.service.deliverDue() }
            try? await until { crash.withLockedValue { $0 != nil } }
            try await house.store.dropLeases()
            #expect(try await house.service.deliverDue() == 1, "the next start finds it")
            crash.withLockedValue { $0?.resume() }
            try await group.waitForAll()
        }
        #expect(transport.taken.count == 2 && Set(transport.taken).count == 1, "one Message-ID")
        let delivery = try #require(try await house.delivery(of: build))
        #expect(delivery.status == .accepted && delivery.attempts == 2)
    }

    @Test func `a running service notices what another process put into the outbox`() async throws {
        let transport = PlayedTransport()
        let house = try await DeliveryHouse(transport)
        // Another process' store posts its notices elsewhere.
        let other = try await SQLiteStore.open(path: house.directory.path("kiln.sqlite"), notices: Notices())
        await withThrowingTaskGroup { group in
            group.addTask { try await house.service.run() }
            try? await until { !house.clock.deadlines.isEmpty }
            group.addTask { try await house.owe(by: other) }
            _ = try? await group.next()
            try? await until {
                house.clock.advance(by: .seconds(5))
                return !transport.taken.isEmpty
            }
            group.cancelAll()
            while let _ = try? await group.next() {}
        }
        await other.close()
        #expect(transport.taken.count == 1)
    }
}
