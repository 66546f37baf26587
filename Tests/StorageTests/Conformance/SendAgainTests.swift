import Domain
import Storage
import TestSupport
import Testing

@Suite("OutboxDesk: sending again") struct SendAgainTests {
    @Test(arguments: StoreEngine.allCases)
    func `a mail that was taken is due again when its reader misses it, once`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let build = try await fixture.accept()
        try await fixture.apply(.cancelled, to: build.id)
        let id = try #require(try await fixture.store.deliveries(of: build.id).first?.id)
        let start = StoreFixture.start
        let desk = fixture.store
        #expect(try await desk.sendAgain(id, at: start) == false, "it waits")
        let claimed = try #require(
            try await fixture.store.claimDueDeliveries(
                limit: 1, leaseFor: .seconds(60), pace: MailPace(), at: start
            ).first)
        #expect(try await desk.sendAgain(id, at: start) == false, "it is on its way")
        _ = try await fixture.store.settle(
            [(claimed: claimed, outcome: .accepted(receipt: "r"), transport: "test")], at: start)
        let later = start + .seconds(90)
        #expect(try await desk.sendAgain(id, at: later))
        #expect(try await desk.sendAgain(id, at: later) == false)
        let delivery = try #require(try await desk.delivery(id))
        #expect(delivery.status == .waiting && delivery.nextTryAt == later && delivery.receipt == nil)
        let again = try await fixture.store.claimDueDeliveries(
            limit: 1, leaseFor: .seconds(60), pace: MailPace(), at: later)
        #expect(again.first?.delivery.attempts == 2)
        #expect(try await desk.tries(of: id).count == 1)
    }
}
