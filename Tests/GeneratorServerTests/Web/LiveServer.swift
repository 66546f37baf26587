import BuildRunner
import Crypto
import Domain
import FileKind
import Foundation
import Intake
import Logging
import Mailer
import ServiceLifecycle
import Storage
import TestSupport

@testable import GeneratorServer

/// A server on a free port, with real storage in a folder of its own, for one test.
struct LiveServer: Sendable {
    let client: TestClient
    let store: SQLiteStore
    let objects: DiskObjectStore
    let logs: DiskLogStore
    let reportFiles: DiskReportFiles
    let uploads: UploadStore
    let signer: CapabilitySigner
    let clock: ManualClock
    let folder: TemporaryDirectory
    let log: LogBox
    private let group: ServiceGroup

    var port: Int { client.port }

    /// What a test may set.
    struct Options: Sendable {
        var recipes: [Recipe] = [.sample()]
        var connections = ConnectionLimits()
        var accept = AcceptLimits(waiting: 500, perSourcePerHour: nil, perAddressPerHour: nil)
        var health: [HealthCheck] = []
        var providerStates: @Sendable () async -> [ProviderStatus] = { [] }
        var mailLines: @Sendable () -> [MailLineStatus] = { [] }
        var webhooks: [String: InboundWebhook] = [:]
        var mailReports: @Sendable (SQLiteStore) throws -> MailReportDoors? = { _ in nil }
        var publicFiles = PublicFiles()
        var publicURL = "http://kiln.example"
        var heartbeat = Duration.seconds(60)
        /// Instead of the real one, for downloads.
        var objects: (any ObjectStore)?
        var trustsProxy: @Sendable (String) -> Bool = { _ in false }
        var maxConnections = 4096
        var mail = MailSettings()
        /// Scripts by their name in the folder of the first recipe, whose `check` is run.
        var scripts: [String: String]?
        /// As if this machine were another.
        var limitsOwnAddress = false
    }

    /// Runs `test` against a server, and stops it.
    static func with(
        _ options: Options = Options(), _ test: @Sendable (LiveServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory()
        let clock = ManualClock()
        let notices = Notices()
        let store = try await SQLiteStore.open(path: folder.path("kiln.db"), notices: notices)
        let objects = try DiskObjectStore(directory: folder.path("objects"))
        let logs = try DiskLogStore(directory: folder.path("logs"), notices: notices)
        let reportFiles = try DiskReportFiles(directory: folder.path("reports"))
        let uploads = try UploadStore(directory: folder.path("uploads"), clock: clock)
        let signer = CapabilitySigner(key: SymmetricKey(size: .bits256))
        let log = LogBox()
        let recipes = options.recipes
        var dependencies = WebDependencies(
            recipes: { RecipeCatalog(recipes: recipes) }, builds: store, outbox: store, desk: store, addresses: store,
            logs: logs, objects: options.objects ?? objects, notices: notices, reports: store,
            reportFiles: reportFiles, uploads: uploads,
            receiver: SubmissionReceiver(store: uploads, guards: KeepingGuard(), kinds: try FileKindDetector()),
            signer: signer, clock: clock, health: options.health, providerStates: options.providerStates,
            mailLines: options.mailLines,
            webhooks: options.webhooks, pages: PlainPages(), publicFiles: options.publicFiles, faults: .none,
            logger: log.logger)
        dependencies.check = try options.scripts.map { scripts in
            try Self.check(scripts, of: recipes[0], in: folder, uploads: uploads, clock: clock)
        }
        dependencies.mailReports = try options.mailReports(store)
        var settings = WebSettings(
            port: 0, publicURL: options.publicURL, trustsProxy: options.trustsProxy,
            maxConnections: options.maxConnections,
            connections: options.connections, accept: options.accept, heartbeat: options.heartbeat,
            mail: options.mail)
        if options.limitsOwnAddress { settings.isExemptFromAddressLimit = { _ in false } }
        let server = WebServer(settings: settings, dependencies: dependencies)
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: log.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let live = LiveServer(
                client: TestClient(port: await server.boundPort()), store: store, objects: objects, logs: logs,
                reportFiles: reportFiles, uploads: uploads, signer: signer, clock: clock, folder: folder, log: log,
                group: group)
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await test(live))
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            await store.close()
            try outcome.get()
        }
    }

    private static func check(
        _ scripts: [String: String], of recipe: Recipe, in folder: TemporaryDirectory, uploads: UploadStore,
        clock: ManualClock
    ) throws -> SubmissionCheck {
        let home = folder.path("recipes/\(recipe.id)")
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        for (name, text) in scripts {
            try Data(text.utf8).write(to: URL(filePath: "\(home)/\(name)"))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(home)/\(name)")
        }
        return SubmissionCheck(
            prepared: PreparedFolders(directory: folder.path("prepared"), recipes: folder.path("recipes")),
            uploadPath: { uploads.path(of: $0) }, scratch: folder.path("checks"), clock: clock)
    }

    /// Stops it, as SIGTERM would.
    func stop() async {
        await group.triggerGracefulShutdown()
    }
}

/// Keeps every file as it is: what guards do is tested in their own room.
struct KeepingGuard: UploadGuard {
    func inspect(_ file: GuardedFile, for field: Field) async throws(IntakeError) -> GuardVerdict { .kept }
}
