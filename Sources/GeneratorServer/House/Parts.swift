import BuildRunner
import Curl
import Domain
import FileKind
import Foundation
import Intake
import Logging
import Mailer
import Pictures
import Recipes
import Sandbox
import Storage

/// The parts of the house that others are made of.
struct Parts: Sendable {
    let configuration: KilnConfiguration
    let data: DataFolder
    let recipesDirectory: String
    let recipes: LoadedRecipes
    let notices: Notices
    let clock: SystemWallClock
    let store: SQLiteStore
    let objects: DiskObjectStore
    let logs: DiskLogStore
    let reportFiles: DiskReportFiles
    let uploads: UploadStore
    let kinds: FileKindDetector
    let sandbox: SandboxSettings
    let runs: LocalRuns
    let prepared: PreparedFolders
    let submissionCheck: SubmissionCheck
    let provider: LocalProvider
    let transfers: HTTPTransfers
    let secrets: Secrets
    let signer: CapabilitySigner
    /// Signs what recipes want signed.
    let productSigner: Signer
    let logger: Logger

    init(_ configuration: KilnConfiguration, logger: Logger) async throws {
        self.configuration = configuration
        self.logger = logger
        data = DataFolder(configuration.data.directory)
        do { try data.make() } catch {
            throw HouseError.dataFolder(path: data.path, reason: error.localizedDescription)
        }
        guard try data.claim() else { throw HouseError.alreadyServed(path: data.path) }
        data.sweep()
        recipesDirectory = DataFolder.absolute(configuration.recipes.directory)
        recipes = Self.load(recipesDirectory, configuration, logger)
        notices = Notices()
        clock = SystemWallClock()
        kinds = try FileKindDetector()
        do throws(StorageError) {
            store = try await SQLiteStore.open(path: data.database, notices: notices)
            // The folder is ours alone: whoever held these is dead.
            try await store.dropLeases()
            objects = try DiskObjectStore(directory: data.artifacts)
            logs = try DiskLogStore(directory: data.logs, notices: notices)
            reportFiles = try DiskReportFiles(directory: data.reports)
        } catch {
            throw HouseError.storage(error, path: data.path)
        }
        let uploadsDirectory = DataFolder.absolute(configuration.uploads.directory)
        do {
            uploads = try UploadStore(directory: uploadsDirectory, clock: clock)
        } catch {
            throw HouseError.folder(key: "uploads.directory", path: uploadsDirectory, reason: "\(error)")
        }
        sandbox = Self.sandbox(configuration)
        runs = try LocalRuns(directory: data.runs, settings: sandbox, supervisor: .thisExecutable())
        prepared = PreparedFolders(directory: data.prepared, recipes: recipesDirectory)
        let uploads = self.uploads
        submissionCheck = SubmissionCheck(
            sandbox: sandbox, prepared: prepared, uploadPath: { uploads.path(of: $0) }, scratch: data.checks,
            clock: clock)
        transfers = Self.transfers(configuration.network)
        secrets = Secrets(
            environment: ProcessInfo.processInfo.environment, directory: configuration.secrets.directory)
        do { signer = try CapabilitySigner(keyFile: configuration.server.secretFile) } catch {
            throw HouseError.secret("\(error)")
        }
        do throws(Signing.Fault) {
            productSigner = try Signing.signer(configuration, keys: store, sandbox: sandbox, logger: logger)
        } catch {
            throw HouseError.signing(error)
        }
        // The folder is ours alone: nobody works on these any more.
        await productSigner.factory.sweep()
        provider = LocalProvider(
            runs: runs, settings: sandbox, prepared: prepared, uploadPath: { uploads.path(of: $0) }, logger: logger)
    }

    static func sandbox(_ configuration: KilnConfiguration) -> SandboxSettings {
        let standard = RunUserRange.standard
        return SandboxSettings(
            bubblewrap: configuration.sandbox.bubblewrap,
            users: RunUserRange(
                first: UInt32(configuration.sandbox.firstUser), count: standard.count, locks: standard.locks),
            allowUnsandboxed: configuration.sandbox.allowUnsandboxed)
    }

    /// A recipe that cannot be used is left out and said loudly; the others are served.
    private static func load(_ directory: String, _ configuration: KilnConfiguration, _ logger: Logger) -> LoadedRecipes
    {
        var loaded = RecipeLoader().load(directory: directory)
        for diagnostic in loaded.diagnostics where diagnostic.severity == .error {
            logger.error("A recipe cannot be used", metadata: ["finding": "\(diagnostic.text)"])
        }
        if let retention = configuration.recipes.retention {
            for index in loaded.recipes.indices { loaded.recipes[index].retention = retention }
        }
        return loaded
    }

    func recipe(_ id: RecipeID) -> Recipe? { recipes[id] }
}
