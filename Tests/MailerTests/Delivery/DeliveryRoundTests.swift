import Domain
import Mailer
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

/// Many mails at once.
@Suite struct DeliveryRoundTests {
    private static func settings(workers: Int, ahead: Int) -> DeliveryService.Settings {
        var settings = DeliveryService.Settings()
        settings.workers = workers
        settings.ahead = ahead
        return settings
    }

    @Test func `all that is due goes out, each mail once, and many share a flush to the disk`() async throws {
        let transport = PlayedTransport()
        let house = try await DeliveryHouse(transport)
        let builds = try await house.owe(200, to: "reader")
        let before = try #require(house.store.revision)
        #expect(try await house.service.deliverDue() == 200)
        let after = try #require(house.store.revision)
        #expect(transport.taken.count == 200 && Set(transport.taken).count == 200)
        #expect(try await house.count(builds) { $0.status == .accepted && $0.attempts == 1 } == 200)
        #expect(transport.mostUnderWay <= 16, "bounded (P6)")
        #expect(after - before < 200, "claims and endings together")
        #expect(house.route.primary.status.counts == [.accepted: 200])
    }

    @Test func `a slow mail holds up no other`() async throws {
        let transport = PlayedTransport()
        transport.hold { $0.hasPrefix("slow") }
        let house = try await DeliveryHouse(transport, settings: Self.settings(workers: 2, ahead: 2))
        let slow = try await house.owe(to: "slow@example.net")
        let others = try await house.owe(40, to: "reader")
        try await withThrowingTaskGroup { group in
            group.addTask { _ = try await house.service.deliverDue() }
            try await until { try await house.count(others) { $0.status == .accepted } == 40 }
            #expect(try await house.delivery(of: slow)?.status == .waiting)
            #expect(transport.heldCount == 1)
            transport.letGo()
            try await group.waitForAll()
        }
        #expect(try await house.delivery(of: slow)?.status == .accepted)
    }

    @Test func `a transport that is down costs few mails a try, and all go on when it is back`() async throws {
        let isAway = NIOLockedValueBox(true)
        let transport = PlayedTransport { _, _ in
            isAway.withLockedValue { $0 }
                ? .notNow(MailFault(.transport, "connection refused"), after: nil) : .accepted(receipt: nil)
        }
        transport.set(isWell: false)
        let house = try await DeliveryHouse(transport, settings: Self.settings(workers: 4, ahead: 4))
        let builds = try await house.owe(50, to: "reader")
        try await house.service.deliverDue()
        let burnt = transport.taken.count
        #expect((3...6).contains(burnt), "\(burnt)")
        #expect(try await house.count(builds) { $0.attempts == 0 } == 50 - burnt, "the others kept theirs")
        #expect(house.route.primary.status.isUp == false)
        #expect(house.route.primary.status.fault == "connection refused")

        // Looked at when the pauses are over, without a mail.
        for pause in [4, 1, 9, 1] {
            house.clock.advance(by: .seconds(pause))
            try await house.service.deliverDue()
        }
        #expect(transport.looks == 2 && transport.taken.count == burnt)
        #expect(house.route.primary.status.fault == "still away")

        transport.set(isWell: true)
        isAway.withLockedValue { $0 = false }
        house.clock.advance(by: .seconds(60))
        try await house.service.deliverDue()
        #expect(try await house.count(builds) { $0.status == .accepted } == 50)
        #expect(house.route.primary.status.isUp)
    }

    @Test func `a transport that looks well and takes nothing gets one mail for each look`() async throws {
        let transport = PlayedTransport { _, _ in .notNow(MailFault(.transport, "550 sender refused"), after: nil) }
        let house = try await DeliveryHouse(transport, settings: Self.settings(workers: 4, ahead: 4))
        let builds = try await house.owe(50, to: "reader")
        try await house.service.deliverDue()
        let burnt = transport.taken.count
        for pause in [5, 10, 20] {
            house.clock.advance(by: .seconds(pause))
            try await house.service.deliverDue()
        }
        #expect(transport.taken.count == burnt + 3)
        #expect(try await house.count(builds) { $0.status == .waiting } == 50)
    }

    @Test func `a fault of one address makes only its mail wait`() async throws {
        let transport = PlayedTransport { to, _ in
            to.hasPrefix("full")
                ? .notNow(MailFault(.address, "452 mailbox full"), after: nil) : .accepted(receipt: nil)
        }
        let house = try await DeliveryHouse(transport)
        let full = try await house.owe(30, to: "full")
        let others = try await house.owe(30, to: "reader")
        try await house.service.deliverDue()
        #expect(try await house.count(others) { $0.status == .accepted } == 30)
        #expect(try await house.count(full) { $0.status == .waiting && $0.attempts == 1 } == 30)
        #expect(house.route.primary.status.isUp)
    }

    @Test func `a thousand mails to a dead domain do not hold up one to a living one`() async throws {
        let transport = PlayedTransport { to, _ in
            to.hasSuffix("dead.example")
                ? .notNow(MailFault(.domain, "no answer"), after: nil) : .accepted(receipt: nil)
        }
        transport.hold { $0.hasSuffix("dead.example") }
        var settings = Self.settings(workers: 8, ahead: 8)
        settings.pace = MailPace(perDomainPerMinute: 60, perDomainAtOnce: 4)
        let house = try await DeliveryHouse(transport, settings: settings)
        _ = try await house.owe(1000, to: "reader", at: "dead.example")
        let living = try await house.owe(to: "reader@living.example")
        try await withThrowingTaskGroup { group in
            group.addTask { _ = try await house.service.deliverDue() }
            try await until { try await house.delivery(of: living)?.status == .accepted }
            #expect(transport.heldCount <= 4)
            transport.letGo()
            try await group.waitForAll()
        }
        #expect(transport.taken.count == 61, "the others wait for the next minute")
        let next = try await house.store.nextDeliveryAt(pace: settings.pace, at: house.clock.now())
        #expect(next.map { $0 > house.clock.now() } == true)
    }

    @Test func `the files of a mail are read through once, not at each try (P9)`() async throws {
        let reads = NIOLockedValueBox(0)
        let transport = PlayedTransport { _, number in
            number < 3 ? .notNow(MailFault(.domain, "451 later"), after: .seconds(1)) : .accepted(receipt: nil)
        }
        let house = try await DeliveryHouse(transport, objects: { CountedObjects($0, reads) })
        try await house.oweProduct()
        for _ in 1...4 {
            try await house.service.deliverDue()
            house.clock.advance(by: .seconds(1))
        }
        #expect(transport.taken.count == 4)
        #expect(reads.withLockedValue { $0 } == 1)
    }
}
