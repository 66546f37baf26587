import Domain
import Storage
import TestSupport
import Testing

@Suite("OutboxDesk") struct OutboxDeskTests {
    typealias Fixture = StoreFixture
    private static let start = Fixture.start
    private static let later = Fixture.start + .seconds(600)
    private static let month = Duration.seconds(30 * 86400)

    private func report(_ fate: DeliveryReport.Fate, condemns: Bool = false) -> DeliveryReport {
        DeliveryReport(fate: fate, words: "said \(fate)", condemnsAddress: condemns, at: Self.later)
    }

    /// The entry of a mail that a transport took.
    private func taken(_ fixture: Fixture, _ address: String = "Ann@example.org") async throws -> OutboxEntryID {
        try await fixture.owe(to: address)
        let claimed = try #require(try await fixture.claimMail().first)
        _ = try await fixture.store.settle([(claimed, .accepted(receipt: "queued as 4F1D2"), "smtp")], at: Self.start)
        return claimed.delivery.id
    }

    private func status(_ fixture: Fixture, _ id: OutboxEntryID) async throws -> Delivery.Status {
        try #require(try await fixture.store.delivery(id)).status
    }

    @Test(arguments: StoreEngine.allCases)
    func `a mail that was taken says by whom, and what it was called there`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let id = try await taken(fixture)
        let delivery = try #require(try await fixture.store.delivery(id))
        #expect(delivery.status == .accepted && delivery.nextTryAt == nil)
        #expect(delivery.transport == "smtp" && delivery.receipt == "queued as 4F1D2")
        #expect(
            try await fixture.store.tries(of: id) == [
                DeliveryTry(
                    number: 1, at: Self.start, transport: "smtp", outcome: .accepted, words: "queued as 4F1D2")
            ])
        #expect(try await fixture.store.delivery(OutboxEntryID(unchecked: "x")) == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `every try is written down as it ended`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let owed = try await fixture.owe(to: "a@example.org")
        let outcomes: [DeliveryOutcome] = [
            .retry(at: Self.start, reason: "451", isUnknown: false), .handedBack,
            .retry(at: Self.start, reason: "gone", isUnknown: true), .refused(reason: "550", suppressFor: nil),
        ]
        for outcome in outcomes {
            let claimed = try #require(try await fixture.claimMail().first)
            _ = try await fixture.store.settle([(claimed, outcome, "smtp")], at: Self.start)
        }
        let tries = try await fixture.store.tries(of: owed.id)
        #expect(tries.map(\.number) == [1, 2, 3])
        #expect(tries.map(\.outcome) == [.notNow, .unknown, .refused])
        #expect(tries.map(\.words) == ["451", "gone", "550"])
    }

    @Test(
        arguments: StoreEngine.allCases,
        [
            ([DeliveryReport.Fate.deferred], Delivery.Status.deferred), ([.delivered], .delivered),
            ([.bounced], .bounced), ([.dropped], .bounced), ([.deferred, .delivered], .delivered),
            ([.delivered, .deferred], .delivered), ([.delivered, .bounced], .bounced),
            ([.bounced, .delivered], .bounced), ([.bounced, .deferred], .bounced), ([.dropped, .deferred], .bounced),
        ])
    func `what is heard later is kept, and what is final stays`(
        engine: StoreEngine, heard: ([DeliveryReport.Fate], Delivery.Status)
    ) async throws {
        let fixture = try await engine.open()
        let id = try await taken(fixture)
        for fate in heard.0 {
            #expect(try await fixture.store.record(report(fate), of: id, suppressFor: Self.month))
        }
        #expect(try await status(fixture, id) == heard.1)
        #expect(try await fixture.store.suppression(of: "ann@example.org", at: Self.later) == nil)
        #expect(try await fixture.store.outboxSummary().bounced == (heard.1 == .bounced ? 1 : 0))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a report is told to the build's watchers, and one about no entry is said to be so`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let id = try await taken(fixture)
        let build = try #require(try await fixture.store.delivery(id)).build
        var hints = fixture.notices.subscribe(to: .build(build)).makeAsyncIterator()
        await hints.next()
        #expect(try await fixture.store.record(report(.bounced), of: id, suppressFor: Self.month))
        await hints.next()
        #expect(try await fixture.store.delivery(id)?.lastError == "said bounced")
        let nobody = OutboxEntryID(unchecked: "x")
        #expect(try await !fixture.store.record(report(.bounced), of: nobody, suppressFor: Self.month))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a report that comes before the sender's own note is kept, and the note too, P2`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let owed = try await fixture.owe(to: "a@example.org")
        let claimed = try #require(try await fixture.claimMail().first)
        #expect(try await fixture.store.record(report(.delivered), of: owed.id, suppressFor: Self.month))
        #expect(
            try await fixture.store.settle([(claimed, .accepted(receipt: "id"), "sendgrid")], at: Self.later).isEmpty)
        let delivery = try #require(try await fixture.store.delivery(owed.id))
        #expect(delivery.status == .delivered && delivery.receipt == "id" && delivery.transport == "sendgrid")
        #expect(try await fixture.store.tries(of: owed.id).map(\.outcome) == [.accepted])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a mail that may have been taken is not sent again once it is heard of, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let owed = try await fixture.owe(to: "a@example.org")
        let claimed = try #require(try await fixture.claimMail().first)
        let outcome = DeliveryOutcome.retry(at: Self.later, reason: "gone", isUnknown: true)
        _ = try await fixture.store.settle([(claimed, outcome, "smtp")], at: Self.start)
        #expect(try await fixture.store.record(report(.deferred), of: owed.id, suppressFor: Self.month))
        #expect(try await status(fixture, owed.id) == .deferred)
        #expect(try await fixture.claimMail(at: Self.later).isEmpty)
        #expect(try await fixture.store.nextDeliveryAt(pace: MailPace(), at: Self.later) == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `an operator's "again" makes it due, for another span of patience`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let id = try await taken(fixture)
        #expect(try await !fixture.store.retryDelivery(id, at: Self.later), "it was taken")
        _ = try await fixture.store.record(report(.bounced), of: id, suppressFor: Self.month)
        #expect(try await fixture.store.retryDelivery(id, at: Self.later))
        let again = try #require(try await fixture.store.delivery(id))
        #expect(again.status == .waiting && again.nextTryAt == Self.later && again.patienceSince == Self.later)
        #expect(again.transport == nil && again.settledAt == nil && again.createdAt == Self.start)
        _ = try await fixture.store.record(report(.deferred), of: id, suppressFor: Self.month)
        #expect(try await status(fixture, id) == .waiting, "that was the mail before")
        #expect(try await fixture.claimMail(at: Self.later).map(\.delivery.attempts) == [2])
        #expect(try await !fixture.store.retryDelivery(id, at: Self.later), "it is on its way")
        #expect(try await !fixture.store.cancelDelivery(id, at: Self.later), "it is on its way")
    }

    @Test(arguments: StoreEngine.allCases)
    func `a mail that waits can be hurried and cancelled, and what was cancelled sent after all`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let owed = try await fixture.owe(to: "a@example.org")
        let claimed = try #require(try await fixture.claimMail().first)
        let outcome = DeliveryOutcome.retry(at: Self.later, reason: "451", isUnknown: false)
        _ = try await fixture.store.settle([(claimed, outcome, "smtp")], at: Self.start)
        let now = Self.start + .seconds(1)
        #expect(try await fixture.store.retryDelivery(owed.id, at: now))
        #expect(try await fixture.store.nextDeliveryAt(pace: MailPace(), at: now) == now)
        #expect(try await fixture.store.cancelDelivery(owed.id, at: now))
        #expect(try await status(fixture, owed.id) == .cancelled)
        #expect(try await fixture.claimMail(at: Self.later).isEmpty)
        #expect(try await !fixture.store.cancelDelivery(owed.id, at: now))
        #expect(try await fixture.store.retryDelivery(owed.id, at: now))
        #expect(try await fixture.claimMail(at: now).count == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `the outbox is listed newest first, by status, address and build, page by page`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        var owed: [Delivery] = []
        for second in 0..<4 {
            let address = second == 3 ? "Bob@example.org" : "ann@example.org"
            owed.append(try await fixture.owe(to: address, at: Self.start + .seconds(second)))
        }
        _ = try await fixture.store.cancelDelivery(owed[1].id, at: Self.later)
        _ = try await fixture.store.record(report(.bounced), of: owed[2].id, suppressFor: Self.month)
        func list(_ filter: OutboxFilter, before: OutboxEntryID? = nil, limit: Int = 9) async throws -> [OutboxEntryID]
        {
            try await fixture.store.deliveries(matching: filter, before: before, limit: limit).map(\.id)
        }
        let ids = owed.map(\.id)
        #expect(try await list(OutboxFilter()) == ids.reversed())
        #expect(try await list(OutboxFilter(), limit: 2) == [ids[3], ids[2]])
        #expect(try await list(OutboxFilter(), before: ids[2]) == [ids[1], ids[0]])
        #expect(try await list(OutboxFilter(statuses: [.cancelled, .bounced])) == [ids[2], ids[1]])
        #expect(try await list(OutboxFilter(statuses: [.waiting], address: "bob@EXAMPLE.org")) == [ids[3]])
        #expect(try await list(OutboxFilter(build: owed[0].build)) == [ids[0]])
    }
}
