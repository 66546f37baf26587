import Domain
import Storage
import TestSupport
import Testing

@Suite("OutboxStore") struct OutboxStoreTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases)
    func `the end of a build owes one mail, due at once, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let build = try await fixture.accept()
        var mail = fixture.notices.subscribe(to: .mail).makeAsyncIterator()
        await mail.next()
        try await fixture.apply(.cancelled, to: build.id)
        await mail.next()
        #expect(try await fixture.store.nextDeliveryAt(pace: MailPace(), at: Fixture.start) == Fixture.start)
        let claimed = try #require(try await claim(fixture).first)
        #expect(claimed.delivery.build == build.id)
        #expect(claimed.delivery.kind == .cancelled)
        #expect(claimed.delivery.to == build.address)
        #expect(claimed.delivery.attempts == 1)
        #expect(claimed.delivery.status == .waiting)
        #expect(try await claim(fixture).isEmpty)
        #expect(
            try await fixture.store.nextDeliveryAt(pace: MailPace(), at: Fixture.start) == Fixture.start + Fixture.lease
        )
    }

    @Test(arguments: StoreEngine.allCases)
    func `an accepted mail is never claimed again, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await owed(fixture)
        let at = Fixture.start + .seconds(1)
        try await fixture.settle(claimed, as: .accepted(receipt: nil), at: at)
        #expect(try await claim(fixture, at: Fixture.start + .seconds(100_000)).isEmpty)
        let delivery = try #require(try await fixture.store.deliveries(of: claimed.delivery.build).first)
        #expect(delivery.status == .accepted)
        #expect(delivery.settledAt == at)
        #expect(delivery.attempts == 1)
        #expect(try await fixture.store.nextDeliveryAt(pace: MailPace(), at: Fixture.start) == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a mail that was put off comes back at its time, with its reason`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await owed(fixture)
        let later = Fixture.start + .seconds(60)
        try await fixture.settle(
            claimed, as: .retry(at: later, reason: "451 later", isUnknown: false), at: Fixture.start)
        #expect(try await fixture.store.nextDeliveryAt(pace: MailPace(), at: Fixture.start) == later)
        #expect(try await claim(fixture, at: Fixture.start + .seconds(59)).isEmpty)
        let again = try #require(try await claim(fixture, at: later).first)
        #expect(again.delivery.id == claimed.delivery.id)
        #expect(again.delivery.attempts == 2)
        #expect(again.delivery.lastError == "451 later")
    }

    @Test(arguments: StoreEngine.allCases)
    func `a refused mail is kept with its reason`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await owed(fixture)
        try await fixture.settle(claimed, as: .refused(reason: "550 nobody here", suppressFor: nil), at: Fixture.start)
        let delivery = try #require(try await fixture.store.deliveries(of: claimed.delivery.build).first)
        #expect(delivery.status == .refused)
        #expect(delivery.lastError == "550 nobody here")
        #expect(
            try await fixture.store.outboxSummary()
                == OutboxSummary(waiting: 0, refused: 1, oldestWaitingAt: nil))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a mail handed back untried is due again and the try is not counted`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await owed(fixture)
        try await fixture.settle(claimed, as: .handedBack, at: Fixture.start)
        let again = try #require(try await claim(fixture).first)
        #expect(again.delivery.attempts == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a mailer that lost its claim cannot settle, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let first = try await owed(fixture)
        let later = Fixture.start + Fixture.lease
        let second = try #require(try await claim(fixture, at: later).first)
        for outcome in [
            DeliveryOutcome.accepted(receipt: nil), .refused(reason: "no", suppressFor: nil),
            .retry(at: later, reason: "later", isUnknown: false), .handedBack,
        ] {
            await #expect(throws: StorageError.leaseLost) {
                try await fixture.settle(first, as: outcome, at: later)
            }
        }
        #expect(second.delivery.attempts == 2)
        try await fixture.settle(second, as: .accepted(receipt: nil), at: later)
    }

    @Test(arguments: StoreEngine.allCases)
    func `many mailers claim each mail once, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        for _ in 0..<40 {
            let build = try await fixture.accept()
            try await fixture.apply(.cancelled, to: build.id)
        }
        #expect(
            try await fixture.store.outboxSummary()
                == OutboxSummary(waiting: 40, refused: 0, oldestWaitingAt: Fixture.start))
        let claimed = try await withThrowingTaskGroup(of: [ClaimedDelivery].self) { group in
            for _ in 0..<20 { group.addTask { try await claim(fixture, limit: 3) } }
            return try await group.reduce(into: [ClaimedDelivery]()) { $0 += $1 }
        }
        #expect(claimed.count == 40)
        #expect(Set(claimed.map(\.delivery.id)).count == 40)
    }

    private func owed(_ fixture: Fixture) async throws -> ClaimedDelivery {
        let build = try await fixture.accept()
        try await fixture.apply(.cancelled, to: build.id)
        return try #require(try await claim(fixture).first)
    }

    private func claim(
        _ fixture: Fixture, limit: Int = 9, at now: Timestamp = Fixture.start
    ) async throws -> [ClaimedDelivery] {
        try await fixture.store.claimDueDeliveries(limit: limit, leaseFor: Fixture.lease, pace: MailPace(), at: now)
    }
}

extension StoreFixture {
    fileprivate func settle(
        _ claimed: ClaimedDelivery, as outcome: DeliveryOutcome, at now: Timestamp
    ) async throws {
        let lost = try await store.settle([(claimed, outcome, "smtp://mail.example:587")], at: now)
        if !lost.isEmpty { throw StorageError.leaseLost }
    }
}
