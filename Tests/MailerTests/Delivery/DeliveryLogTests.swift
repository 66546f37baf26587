import Domain
import Logging
import Mailer
import NIOConcurrencyHelpers
import Testing

/// What deliveries leave in the log.
@Suite struct DeliveryLogTests {
    @Test(arguments: [
        TransportAnswer.refused(MailFault(.address, "550 5.1.1 <reader@example.net>: nobody here", code: 550)),
        .notNow(MailFault(.address, "450 4.2.0 reader@example.net: greylisted", code: 450), after: nil),
        .notNow(MailFault(.transport, "550 5.7.1 <kiln@example.org>, reader@example.net: no"), after: nil),
    ])
    func `the log names no address, though the server does; the outbox has its words (P7)`(
        answer: TransportAnswer
    ) async throws {
        let lines = NIOLockedValueBox<[String]>([])
        var settings = DeliveryService.Settings()
        settings.workers = 1
        let house = try await DeliveryHouse(
            PlayedTransport { _, _ in answer }, settings: settings,
            logger: Logger(label: "test") { _ in Lines(box: lines) })
        let builds = try await house.owe(4, to: "reader")
        _ = try await house.service.deliverDue()
        let logged = lines.withLockedValue { $0 }
        #expect(!logged.isEmpty && logged.contains { $0.contains("(an address)") })
        #expect(!logged.contains { $0.contains("@") }, "\(logged)")
        #expect(try await house.count(builds) { $0.lastError?.contains("reader@example.net") == true } > 0)
    }

    private struct Lines: LogHandler {
        let box: NIOLockedValueBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            box.withLockedValue { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
