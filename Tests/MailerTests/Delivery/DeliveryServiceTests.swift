import Domain
import Logging
import Mailer
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

/// The outbox for real, on SQLite; the transport stands where the process ends.
@Suite struct DeliveryServiceTests {
    /// A transport that answers as it is told and remembers what it was given.
    final class ScriptedTransport: MailTransport {
        let name = "scripted"
        let answers: NIOLockedValueBox<[TransportAnswer]>
        let taken = NIOLockedValueBox<[String]>([])

        init(_ answers: [TransportAnswer]) {
            self.answers = NIOLockedValueBox(answers)
        }

        func deliver(_ message: MailMessage) async -> TransportAnswer {
            taken.withLockedValue { $0.append(message.messageID) }
            return answers.withLockedValue { $0.isEmpty ? .accepted(receipt: nil) : $0.removeFirst() }
        }

        func largestMessage() async -> Int64? { nil }

        func check() async -> TransportCheck { .working(detail: "scripted") }
    }

    struct House {
        let directory: TemporaryDirectory
        let store: SQLiteStore
        let clock = ManualClock()
        let transport: ScriptedTransport
        let service: DeliveryService
        let build: BuildID

        /// A house with one build that was cancelled, so that one mail is owed.
        init(_ answers: [TransportAnswer], address: String = "reader@example.net") async throws {
            directory = try TemporaryDirectory()
            let notices = Notices()
            store = try await SQLiteStore.open(path: directory.path("kiln.sqlite"), notices: notices)
            let objects = try DiskObjectStore(directory: directory.path("objects"))
            let logs = try DiskLogStore(directory: directory.path("logs"), notices: notices)
            transport = ScriptedTransport(answers)
            let composer = MailComposer(
                templates: try MailTemplates(directory: MailComposerTests.templates, recipes: []),
                sender: try NamedMailAddress(parsing: "kiln@example.org"),
                links: MailComposer.Links(page: { "/\($0)" }, artifact: { "/\($0)/\($1)" }, log: { "/\($0)" }),
                objects: objects, logs: logs)
            service = DeliveryService(
                outbox: store, builds: store, objects: objects, notices: notices, composer: composer,
                route: MailRoute(primary: transport, at: clock.now()), recipe: { _ in .sample() }, clock: clock,
                faults: .none,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            var random = SystemRandomNumberGenerator()
            build = BuildID.make(at: clock.now(), using: &random)
            let new = NewBuild(
                id: build, recipe: .sample, recipeDigest: "0", provider: "local", inputs: Inputs(values: []),
                address: address, priority: 0, retention: .seconds(60), source: "127.0.0.1", idempotencyKey: nil)
            let none = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
            _ = try await store.accept(new, limits: none, at: clock.now())
            _ = try await store.apply(
                .cancelled, to: build, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: clock.now())
        }

        func delivery() async throws -> Delivery {
            try #require(try await store.deliveries(of: build).first)
        }
    }

    @Test func `a mail that is taken is sent once (P2)`() async throws {
        let house = try await House([])
        #expect(try await house.service.deliverDue() == 1)
        #expect(try await house.service.deliverDue() == 0)
        #expect(house.transport.taken.withLockedValue { $0.count } == 1)
        #expect(try await house.delivery().status == .accepted)
    }

    @Test func `a mail that is not taken now waits, is shown, and is the same mail when it is tried again`()
        async throws
    {
        let house = try await House([
            .notNow(MailFault(.message, "451 busy"), after: nil), .unknown(MailFault(.message, "cut off")),
        ])
        #expect(try await house.service.deliverDue() == 1)
        #expect(try await house.delivery().lastError == "451 busy")
        #expect(try await house.service.deliverDue() == 0, "not before its time")
        house.clock.advance(by: .seconds(30))
        #expect(try await house.service.deliverDue() == 1)
        house.clock.advance(by: .seconds(60))
        #expect(try await house.service.deliverDue() == 1)
        #expect(try await house.delivery().status == .accepted)
        #expect(try await house.delivery().attempts == 3)
        #expect(Set(house.transport.taken.withLockedValue { $0 }).count == 1, "one Message-ID")
    }

    @Test func `where the other side says when, that is when`() async throws {
        let house = try await House([.notNow(MailFault(.message, "rate"), after: .seconds(600))])
        #expect(try await house.service.deliverDue() == 1)
        house.clock.advance(by: .seconds(599))
        #expect(try await house.service.deliverDue() == 0)
        house.clock.advance(by: .seconds(1))
        #expect(try await house.service.deliverDue() == 1)
    }

    @Test func `what is refused for good is not tried again and says why`() async throws {
        let house = try await House([.refused(MailFault(.message, "550 no such user"))])
        #expect(try await house.service.deliverDue() == 1)
        house.clock.advance(by: .seconds(86400))
        #expect(try await house.service.deliverDue() == 0)
        #expect(try await house.delivery().status == .refused)
        #expect(try await house.delivery().lastError == "550 no such user")
    }

    @Test func `after three days it is given up, visibly`() async throws {
        let house = try await House(Array(repeating: .notNow(MailFault(.message, "451 busy"), after: nil), count: 100))
        for _ in 0..<80 where try await house.delivery().status == .waiting {
            _ = try await house.service.deliverDue()
            house.clock.advance(by: .seconds(4 * 3600))
        }
        #expect(try await house.delivery().status == .refused)
        #expect(try await house.delivery().lastError?.contains("Given up") == true)
        #expect(try await house.delivery().attempts > 15)
    }

    @Test func `an address that cannot stand in a mail is refused, not cleaned (P5)`() async throws {
        let house = try await House([], address: "a@b.example\r\nBcc: c@d.example")
        #expect(try await house.service.deliverDue() == 1)
        #expect(try await house.delivery().status == .refused)
        #expect(house.transport.taken.withLockedValue { $0.isEmpty })
    }

    @Test func `a mail that may have been taken is tried once more, after a minute (P2)`() async throws {
        let lost = TransportAnswer.unknown(MailFault(.transport, "cut off after the data"))
        let house = try await House([lost, lost])
        #expect(try await house.service.deliverDue() == 1)
        house.clock.advance(by: .milliseconds(59_999))
        #expect(try await house.service.deliverDue() == 0)
        house.clock.advance(by: .milliseconds(1))
        #expect(try await house.service.deliverDue() == 1)
        let delivery = try await house.delivery()
        #expect(delivery.status == .refused && delivery.attempts == 2)
        #expect(delivery.lastError?.contains("may have arrived") == true)
        #expect(try await house.store.tries(of: delivery.id).map(\.outcome) == [.unknown, .refused])

        #expect(try await house.store.retryDelivery(delivery.id, at: house.clock.now()))
        #expect(try await house.service.deliverDue() == 1)
        #expect(try await house.delivery().status == .accepted, "the operator may want it all the same")
        #expect(Set(house.transport.taken.withLockedValue { $0 }).count == 1, "one Message-ID")
    }

    @Test func `the pauses grow from half a minute to four hours, and begin anew when the operator asks`() async throws
    {
        let busy = TransportAnswer.notNow(MailFault(.domain, "451 busy"), after: nil)
        let house = try await House(Array(repeating: busy, count: 100))
        var pauses: [Duration] = []
        func tryOnce() async throws {
            try await house.service.deliverDue()
            let delivery = try await house.delivery()
            guard let next = delivery.nextTryAt else { return }
            pauses.append(next - house.clock.now())
            house.clock.advance(by: next - house.clock.now())
        }
        for _ in 1...12 { try await tryOnce() }
        for (number, pause) in pauses.enumerated() {
            let whole = min(Duration.seconds(30 << number), .seconds(4 * 3600))
            #expect(whole * 7 / 10 <= pause && pause <= whole, "\(number): \(pause)")
        }
        #expect(Set(pauses).count > 6, "jitter")
        #expect(try await house.store.retryDelivery(try await house.delivery().id, at: house.clock.now()))
        pauses = []
        house.clock.advance(by: .milliseconds(1))
        try await tryOnce()
        #expect(pauses.allSatisfy { $0 <= .seconds(30) })
    }

    @Test func `an address that is no good gets nothing more (P8)`() async throws {
        let house = try await House([.refused(MailFault(.address, "550 5.1.1 no such user", code: 550))])
        try await house.service.deliverDue()
        let suppression = try await house.store.suppression(of: "reader@example.net", at: house.clock.now())
        #expect(suppression?.reason == .bounced && suppression?.words == "550 5.1.1 no such user")
        house.clock.advance(by: .seconds(181 * 86400))
        #expect(try await house.store.suppression(of: "reader@example.net", at: house.clock.now()) == nil)
    }

    @Test func `the running service sends what becomes due`() async throws {
        let house = try await House([])
        let notices = AsyncStream<Void>.makeStream()
        let watched = house
        await withThrowingTaskGroup { group in
            group.addTask { try await watched.service.run() }
            group.addTask {
                try? await until { try await watched.delivery().status == .accepted }
                notices.continuation.finish()
            }
            for await _ in notices.stream {}
            group.cancelAll()
            while let _ = try? await group.next() {}
        }
        #expect(house.transport.taken.withLockedValue { $0.count } == 1)
    }
}
