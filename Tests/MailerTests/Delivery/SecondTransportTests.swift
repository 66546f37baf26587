import Domain
import Mailer
import TestSupport
import Testing

/// The way out by another door.
@Suite struct SecondTransportTests {
    private static let later = TransportAnswer.notNow(MailFault(.domain, "451 greylisted"), after: .seconds(30))
    private static let away = TransportAnswer.notNow(MailFault(.transport, "connection refused"), after: nil)

    @Test func `a mail that the first one put off often enough goes by the second, in the same try`() async throws {
        let first = PlayedTransport("first") { _, _ in Self.later }
        let second = PlayedTransport("second")
        let house = try await DeliveryHouse(first, fallback: second, fallbackAfter: 1)
        let build = try await house.owe()
        try await house.service.deliverDue()
        #expect(first.taken.count == 1 && second.taken == first.taken, "the same mail")
        let delivery = try #require(try await house.delivery(of: build))
        #expect(delivery.status == .accepted && delivery.attempts == 1)
    }

    @Test func `mail goes by the second while the first is down`() async throws {
        let first = PlayedTransport("first") { _, _ in Self.away }
        first.set(isWell: false)
        let second = PlayedTransport("second")
        let house = try await DeliveryHouse(first, fallback: second, fallbackAfter: 100)
        let builds = try await house.owe(40, to: "reader")
        try await house.service.deliverDue()
        // The first of them met it while it was not known to be down.
        let done = try await house.count(builds) { $0.status == .accepted }
        #expect(done >= 24)
        house.clock.advance(by: .seconds(60))
        try await house.service.deliverDue()
        #expect(try await house.count(builds) { $0.status == .accepted } == 40)
        #expect(second.taken.count == 40 && house.route.primary.status.isUp == false)
    }

    @Test(arguments: [
        TransportAnswer.refused(MailFault(.address, "550 5.1.1 no such user")),
        .unknown(MailFault(.transport, "cut off")),
    ]) func `what was refused, or may have been taken, does not go by the second in that try (P2)`(
        answer: TransportAnswer
    ) async throws {
        let first = PlayedTransport("first") { _, _ in answer }
        let second = PlayedTransport("second")
        let house = try await DeliveryHouse(first, fallback: second, fallbackAfter: 1)
        try await house.owe()
        try await house.service.deliverDue()
        #expect(first.taken.count == 1 && second.taken.isEmpty)
    }

    @Test func `when neither takes it, both are named`() async throws {
        let first = PlayedTransport("first") { _, _ in Self.later }
        let second = PlayedTransport("second") { _, _ in Self.away }
        let house = try await DeliveryHouse(first, fallback: second, fallbackAfter: 1)
        let build = try await house.owe()
        try await house.service.deliverDue()
        let error = try await house.delivery(of: build)?.lastError
        #expect(error == "first: 451 greylisted; then: connection refused")
    }
}
