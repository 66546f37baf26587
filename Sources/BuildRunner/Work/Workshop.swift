package import Domain
import Foundation
package import FileKind
package import Logging
package import Storage

/// What everything that moves builds works with.
package struct Workshop: Sendable {
    package var store: any BuildStore
    package var logs: any LogStore
    package var objects: any ObjectStore
    package var notices: any NoticeBoard
    package var clock: any WallClock
    package var providers: [String: any BuildProvider]
    package var verifier: Verifier
    package var kinds: FileKindDetector
    /// The installed recipes; asked again for every step, so that it may change while the service runs.
    package var recipe: @Sendable (RecipeID) -> Recipe?
    package var installedRecipes: @Sendable () -> [Recipe]
    /// A folder of this Kiln alone for files on their way into the object store; best on the same disk as it.
    package let scratchRoot: String
    /// The folder in it that this process uses; the others are of earlier ones.
    let scratchName = UUID().uuidString
    let copies = LogCopies()
    /// What may never be in a stored log (P7).
    package var secrets: [String]
    /// Removes received files; those that are gone are no error.
    package var removeUploads: @Sendable ([UploadID]) async -> Void
    package var settings: WorkshopSettings
    package var faults: FaultPoints
    package var logger: Logger

    package init(
        store: any BuildStore, logs: any LogStore, objects: any ObjectStore, notices: any NoticeBoard,
        clock: any WallClock, providers: [any BuildProvider], verifier: Verifier, kinds: FileKindDetector,
        recipes: @escaping @Sendable () -> [Recipe], scratch: String, secrets: [String] = [],
        removeUploads: @escaping @Sendable ([UploadID]) async -> Void, settings: WorkshopSettings,
        faults: FaultPoints = .none, logger: Logger
    ) {
        self.store = store
        self.logs = logs
        self.objects = objects
        self.notices = notices
        self.clock = clock
        self.providers = Dictionary(providers.map { ($0.name, $0) }) { first, _ in first }
        self.verifier = verifier
        self.kinds = kinds
        self.recipe = { id in recipes().first { $0.id == id } }
        installedRecipes = recipes
        scratchRoot = scratch
        self.secrets = secrets
        self.removeUploads = removeUploads
        self.settings = settings
        self.faults = faults
        self.logger = logger
    }
}

extension Workshop {
    var scratch: String { "\(scratchRoot)/\(scratchName)" }
}

/// How much is done at once, and how long things may take.
package struct WorkshopSettings: Hashable, Sendable {
    /// Builds under way at once, by provider.
    package var atOnce: [String: Int]
    /// Builds that one worker looks after at once.
    package var concurrency: Int
    /// How long a claim holds without a sign of life; also how long a crashed server's builds stand still.
    package var leaseFor: Duration
    /// How long a provider may take to accept a build.
    package var startLimit: Duration
    /// Beyond a recipe's time limit, for what is not the run's own time.
    package var grace: Duration
    /// How often a run that gives hints is looked at without one.
    package var lookInterval: Duration
    /// How often expired files, overdue builds and forgotten runs are looked for.
    package var careInterval: Duration

    package init(
        workers: Int, concurrency: Int = 32, leaseFor: Duration = .seconds(30), startLimit: Duration = .seconds(1800),
        grace: Duration = .seconds(60), lookInterval: Duration = .seconds(5), careInterval: Duration = .seconds(30)
    ) {
        atOnce = ["local": workers]
        self.concurrency = max(concurrency, workers + 16)
        self.leaseFor = leaseFor
        self.startLimit = startLimit
        self.grace = grace
        self.lookInterval = lookInterval
        self.careInterval = careInterval
    }
}
