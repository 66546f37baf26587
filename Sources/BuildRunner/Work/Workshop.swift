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
    let patterns = PatternCache()
    let expected = ExpectedTimes()
    let circuits: Circuits
    let sent: SentTriggers
    /// What runs tell of themselves; `nil`: they cannot.
    package var reports: (any ReportStore)?
    package var reportFiles: (any ReportFiles)?
    /// Knows which builds nobody confirmed; `nil`: none has to be.
    package var addresses: (any AddressStore)?
    /// Looks at the links where a CI publishes; `nil`: recipes' links are not watched.
    package var releases: ReleaseLinks?
    /// Signs products; `nil`: recipes that want it fail.
    package var signer: Signer?
    /// What of Kiln a run may reach; `nil`: nothing.
    package var links: JobLinks?
    /// The value of a secret that recipes name.
    package var secret: @Sendable (SecretName) -> String?
    /// What may never be in a stored log (P7), beside what belongs to a build.
    package var secrets: [String]
    /// Fetches what recipes want; `nil`: nothing is fetched.
    package var gathering: Gathering?
    /// Removes received files; those that are gone are no error.
    package var removeUploads: @Sendable ([UploadID]) async -> Void
    package var settings: WorkshopSettings
    package var faults: FaultPoints
    package var logger: Logger

    package init(
        store: any BuildStore, logs: any LogStore, objects: any ObjectStore, notices: any NoticeBoard,
        clock: any WallClock, providers: [any BuildProvider], verifier: Verifier, kinds: FileKindDetector,
        recipes: @escaping @Sendable () -> [Recipe], scratch: String, secrets: [String] = [],
        secret: @escaping @Sendable (SecretName) -> String? = { _ in nil }, links: JobLinks? = nil,
        reports: (any ReportStore)? = nil, reportFiles: (any ReportFiles)? = nil,
        addresses: (any AddressStore)? = nil,
        releases: ReleaseLinks? = nil, gathering: Gathering? = nil, signer: Signer? = nil,
        removeUploads: @escaping @Sendable ([UploadID]) async -> Void, settings: WorkshopSettings,
        faults: FaultPoints = .none, logger: Logger
    ) {
        sent = SentTriggers(startedAt: clock.now())
        circuits = Circuits(at: clock.now(), logger: logger)
        self.secret = secret
        self.links = links
        self.reports = reports
        self.reportFiles = reportFiles
        self.addresses = addresses
        self.releases = releases
        self.gathering = gathering
        self.signer = signer
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

    func patterns(of recipe: Recipe) -> LinePatterns { patterns.patterns(of: recipe.watch) }

    /// What may not be in the logs of an attempt: the requester's address, the service's secrets and those that the
    /// recipe names, and what lets its holder act as the run.
    func redaction(_ order: BuildOrder, _ attempt: Attempt) -> Redaction {
        var secrets = secrets + order.recipe.build.providers.flatMap(\.secrets).compactMap(secret)
        if let links {
            secrets += [links.folder(order, attempt), links.token(attempt)]
            for value in order.build.inputs.values {
                if case .upload(let upload) = value.content { secrets.append(links.upload(upload, order, attempt)) }
            }
        }
        return Redaction(address: order.build.address, secrets: secrets)
    }
}

/// How much is done at once, and how long things may take.
package struct WorkshopSettings: Hashable, Sendable {
    /// Builds under way at once, by provider.
    package var atOnce: [String: Int]
    /// The same for a remote provider that is not in `atOnce`.
    package var remoteAtOnce: Int
    /// Runs started within any minute, by provider.
    package var triggersPerMinute: [String: Int]
    /// The same for a remote provider that is not in `triggersPerMinute`.
    package var remoteTriggersPerMinute: Int
    /// Builds that one worker works on at once.
    package var concurrency: Int
    /// Builds that one worker holds while they wait for something outside.
    package var held: Int
    /// Builds for which things are fetched at once, in all and of one source; they take no place of a provider.
    package var gathering: Int
    package var gatheringPerSource: Int
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
        grace: Duration = .seconds(60), lookInterval: Duration = .seconds(5), careInterval: Duration = .seconds(30),
        remoteAtOnce: Int = 100, remoteTriggersPerMinute: Int = 60, held: Int = 20_000,
        gathering: Int = 16, gatheringPerSource: Int = 4
    ) {
        atOnce = ["local": workers]
        triggersPerMinute = [:]
        self.remoteAtOnce = remoteAtOnce
        self.remoteTriggersPerMinute = remoteTriggersPerMinute
        self.held = held
        self.gathering = gathering
        self.gatheringPerSource = gatheringPerSource
        self.concurrency = max(concurrency, workers + 16) + gathering
        self.leaseFor = leaseFor
        self.startLimit = startLimit
        self.grace = grace
        self.lookInterval = lookInterval
        self.careInterval = careInterval
    }
}
