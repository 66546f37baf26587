import Domain
import Storage
import TestSupport
import Testing

@Suite("OutboxStore: pace") struct MailPaceTests {
    typealias Fixture = StoreFixture
    private static let start = Fixture.start

    @Test(arguments: StoreEngine.allCases)
    func `only so many tries a minute begin to one domain, and others go meanwhile`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for number in 0..<5 { try await fixture.owe(to: "\(number)@slow.example") }
        try await fixture.owe(to: "a@Quick.example", at: Self.start + .seconds(1))
        let pace = MailPace(perDomainPerMinute: 2)
        let now = Self.start + .seconds(10)
        let claimed = try await fixture.claimMail(pace: pace, at: now)
        #expect(
            claimed.map { $0.delivery.to.split(separator: "@").last } == [
                "slow.example", "slow.example", "quick.example",
            ]
                || claimed.last?.delivery.to == "a@Quick.example")
        #expect(claimed.count == 3)
        _ = try await fixture.store.settle(
            claimed.map { ($0, .accepted(receipt: nil), "smtp") }, at: now + .seconds(1))
        #expect(try await fixture.claimMail(pace: pace, at: now + .seconds(59)).isEmpty)
        #expect(
            try await fixture.store.nextDeliveryAt(pace: pace, at: now + .seconds(2)) == now + .seconds(60),
            "not now: that would be a loop without an end")
        #expect(try await fixture.claimMail(pace: pace, at: now + .seconds(60)).count == 2)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a try that was handed back does not count for the pace`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        try await fixture.owe(to: "a@slow.example")
        let pace = MailPace(perDomainPerMinute: 1)
        let claimed = try #require(try await fixture.claimMail(pace: pace).first)
        _ = try await fixture.store.settle([(claimed, .handedBack, "smtp")], at: Self.start)
        #expect(try await fixture.claimMail(pace: pace).count == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `only so many mails are under way to one domain`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for number in 0..<3 { try await fixture.owe(to: "\(number)@slow.example") }
        let pace = MailPace(perDomainAtOnce: 2)
        let claimed = try await fixture.claimMail(pace: pace)
        #expect(claimed.count == 2)
        #expect(try await fixture.claimMail(pace: pace).isEmpty)
        #expect(try await fixture.store.nextDeliveryAt(pace: pace, at: Self.start) == Self.start + Fixture.lease)
        _ = try await fixture.store.settle([(claimed[0], .accepted(receipt: nil), "smtp")], at: Self.start)
        #expect(try await fixture.store.nextDeliveryAt(pace: pace, at: Self.start) == Self.start)
        #expect(try await fixture.claimMail(pace: pace).count == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `only so many mails are accepted within an hour, and those under way may be`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        for number in 0..<4 { try await fixture.owe(to: "a@\(number).example") }
        let pace = MailPace(perHour: 2)
        let claimed = try await fixture.claimMail(pace: pace)
        #expect(claimed.count == 2)
        #expect(try await fixture.claimMail(pace: pace).isEmpty)
        let refused = DeliveryOutcome.refused(reason: "550", suppressFor: nil)
        _ = try await fixture.store.settle(
            [(claimed[0], .accepted(receipt: nil), "smtp"), (claimed[1], refused, "smtp")], at: Self.start)
        let third = try await fixture.claimMail(pace: pace)
        #expect(third.count == 1)
        let later = Self.start + .seconds(5)
        _ = try await fixture.store.settle([(third[0], .accepted(receipt: nil), "smtp")], at: later)
        #expect(try await fixture.store.nextDeliveryAt(pace: pace, at: later) == Self.start + .seconds(3600))
        #expect(try await fixture.claimMail(pace: pace, at: Self.start + .seconds(3599)).isEmpty)
        #expect(try await fixture.claimMail(pace: pace, at: Self.start + .seconds(3600)).count == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a pace of none lets nothing go, ever`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        try await fixture.owe(to: "a@one.example")
        for pace in [MailPace(perDomainPerMinute: 0), MailPace(perDomainAtOnce: 0), MailPace(perHour: 0)] {
            #expect(try await fixture.claimMail(pace: pace).isEmpty)
            #expect(try await fixture.store.nextDeliveryAt(pace: pace, at: Self.start) == nil)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func `oldest due goes first, whatever its domain`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let addresses = ["a@one.example", "a@two.example", "b@one.example", "b@two.example"]
        for (second, address) in addresses.enumerated() {
            try await fixture.owe(to: address, at: Self.start + .seconds(second))
        }
        let claimed = try await fixture.claimMail(limit: 3, at: Self.start + .seconds(9))
        #expect(claimed.map(\.delivery.to) == Array(addresses.prefix(3)))
    }
}
