import Domain
import Storage
import TestSupport
import Testing

@Suite("AddressStore: suppression") struct SuppressionTests {
    typealias Fixture = StoreFixture
    private static let start = Fixture.start
    private static let until = Fixture.start + .seconds(3600)

    private func suppression(
        _ address: String, _ reason: Suppression.Reason = .asked, since: Timestamp = start
    ) -> Suppression {
        Suppression(address: address, reason: reason, words: nil, since: since, until: since + .seconds(3600))
    }

    @Test(arguments: StoreEngine.allCases, Suppression.Reason.allCases)
    func `a suppressed address is asked for nothing and sent nothing`(
        engine: StoreEngine, reason: Suppression.Reason
    ) async throws {
        let fixture = try await engine.open()
        let owed = try await fixture.owe(to: "Ann@example.org")
        try await fixture.owe(to: "bob@example.org")
        let suppression = suppression("ann@Example.org", reason)
        try await fixture.store.suppress(suppression)
        #expect(try await fixture.claimMail().map(\.delivery.to) == ["bob@example.org"])
        let delivery = try #require(try await fixture.store.delivery(owed.id))
        #expect(delivery.status == .refused && delivery.attempts == 0 && delivery.lastError != nil)
        var new = NewBuild.sample()
        new.address = "ANN@example.org"
        #expect(
            try await fixture.store.accept(new, limits: .none, at: Self.start) == .suppressed(suppression))
        new.address = nil
        guard case .accepted = try await fixture.store.accept(new, limits: .none, at: Self.start) else {
            throw UnexpectedAnswer()
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func `a suppressed address is known in each of its spellings, and no other is taken for it, P4`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        try await fixture.store.suppress(suppression("Ann@bücher.example"))
        for same in ["ann@bu\u{308}cher.example", "ANN@xn--bcher-kva.example"] {
            #expect(try await fixture.store.suppression(of: same, at: Self.start) != nil)
        }
        // The Kelvin sign, whose small form is a k.
        try await fixture.store.suppress(suppression("\u{212A}ate@example.org", .bounced))
        #expect(try await fixture.store.suppression(of: "kate@example.org", at: Self.start) == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a suppression ends with its time, or when it is lifted`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        try await fixture.store.suppress(suppression("ann@example.org"))
        #expect(try await fixture.store.suppression(of: "ANN@example.org", at: Self.start) != nil)
        #expect(try await fixture.store.suppression(of: "ann@example.org", at: Self.until) == nil)
        #expect(try await fixture.store.liftSuppression(of: "Ann@Example.org"))
        #expect(try await fixture.store.suppression(of: "ann@example.org", at: Self.start) == nil)
        #expect(try await !fixture.store.liftSuppression(of: "ann@example.org"))
    }

    @Test(arguments: StoreEngine.allCases)
    func `suppressions are listed newest first, and a bounce does not replace what the owner asked for`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let asked = suppression("ann@example.org")
        let newer = suppression("bob@example.org", .bounced, since: Self.start + .seconds(5))
        for one in [asked, newer, suppression("Ann@example.org", .bounced, since: Self.start + .seconds(9))] {
            try await fixture.store.suppress(one)
        }
        #expect(try await fixture.store.suppressions(limit: 9, at: Self.start) == [newer, asked])
        #expect(try await fixture.store.suppressions(limit: 1, at: Self.start) == [newer])
        #expect(try await fixture.store.suppressions(limit: 9, at: Self.until) == [newer])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a refusal and a report can condemn the address`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        try await fixture.owe(to: "ann@example.org")
        try await fixture.owe(to: "bob@example.org")
        let claimed = try await fixture.claimMail()
        let hour = Duration.seconds(3600)
        _ = try await fixture.store.settle(
            [
                (claimed[0], .refused(reason: "550 5.1.1", suppressFor: hour), "smtp"),
                (claimed[1], .accepted(receipt: nil), "smtp"),
            ], at: Self.start)
        let report = DeliveryReport(fate: .bounced, words: "no such user", condemnsAddress: true, at: Self.start)
        #expect(try await fixture.store.record(report, of: claimed[1].delivery.id, suppressFor: hour))
        let found = try await fixture.store.suppressions(limit: 9, at: Self.start)
        #expect(Set(found.map(\.address)) == ["ann@example.org", "bob@example.org"])
        #expect(Set(found.map(\.words)) == ["550 5.1.1", "no such user"])
        #expect(found.allSatisfy { $0.reason == .bounced && $0.until == Self.until })
    }
}
