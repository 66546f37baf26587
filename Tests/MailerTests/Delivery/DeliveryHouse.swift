import Domain
import Foundation
import Logging
import Mailer
import Storage
import TestSupport

/// An outbox on real storage and a delivery service over played transports.
struct DeliveryHouse {
    let directory: TemporaryDirectory
    let store: SQLiteStore
    let objects: any ObjectStore
    let notices = Notices()
    let clock = ManualClock()
    let route: MailRoute
    let service: DeliveryService

    init(
        _ primary: any MailTransport, fallback: (any MailTransport)? = nil, fallbackAfter: Int = 3,
        settings: DeliveryService.Settings = DeliveryService.Settings(), faults: FaultPoints = .none,
        objects wrap: (any ObjectStore) -> any ObjectStore = { $0 },
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteStore.open(path: directory.path("kiln.sqlite"), notices: notices)
        objects = wrap(try DiskObjectStore(directory: directory.path("objects")))
        let logs = try DiskLogStore(directory: directory.path("logs"), notices: notices)
        let composer = MailComposer(
            templates: try MailTemplates(directory: MailComposerTests.templates, recipes: []),
            sender: try NamedMailAddress(parsing: "kiln@example.org"),
            links: MailComposer.Links(page: { "/\($0)" }, artifact: { "/\($0)/\($1)" }, log: { "/\($0)" }),
            objects: objects, logs: logs)
        route = MailRoute(primary: primary, fallback: fallback, fallbackAfter: fallbackAfter, at: clock.now())
        service = DeliveryService(
            outbox: store, builds: store, objects: objects, notices: notices, composer: composer, route: route,
            recipe: { _ in .sample() }, clock: clock, faults: faults, settings: settings,
            logger: logger)
    }

    /// A build for this address that was cancelled, so that one mail is owed.
    @discardableResult
    func owe(to address: String = "reader@example.net", by store: SQLiteStore? = nil) async throws -> BuildID {
        let store = store ?? self.store
        var random = SystemRandomNumberGenerator()
        let build = BuildID.make(at: clock.now(), using: &random)
        let new = NewBuild(
            id: build, recipe: .sample, recipeDigest: "0", provider: "local", inputs: Inputs(values: []),
            address: address, priority: 0, retention: .seconds(60), source: "127.0.0.1", idempotencyKey: nil)
        let none = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
        _ = try await store.accept(new, limits: none, at: clock.now())
        _ = try await store.apply(
            .cancelled, to: build, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: clock.now())
        return build
    }

    /// `count` mails to `<prefix><number>@<domain>`.
    func owe(_ count: Int, to prefix: String, at domain: String = "example.net") async throws -> [BuildID] {
        // At once, so that they share their flushes to the disk.
        try await withThrowingTaskGroup(of: BuildID.self) { group in
            for number in 0..<count { group.addTask { try await owe(to: "\(prefix)\(number)@\(domain)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    func delivery(of build: BuildID) async throws -> Delivery? {
        try await store.deliveries(of: build).first
    }

    func count(_ builds: [BuildID], where isCounted: (Delivery) -> Bool) async throws -> Int {
        let wanted = Set(builds)
        return try await store.deliveries(matching: OutboxFilter(), before: nil, limit: 10_000)
            .count { wanted.contains($0.build) && isCounted($0) }
    }
}
