package import Domain
package import Logging
import ServiceLifecycle
package import Storage

/// Sends the mails that the outbox owes: claims what is due, tries once each, writes down how it ended.
///
/// Mails are claimed a little ahead of the workers and settled together, so that neither waits for the disk's flushes;
/// each worker goes on by itself, so that a slow mail holds up no other. See `DeliveryRound` for the order of things.
package struct DeliveryService: Service {
    package struct Settings: Sendable {
        /// Mails on their way at once.
        package var workers = 16
        /// Mails that are claimed before a worker is free.
        package var ahead = 16
        /// How long a claim holds: longer than the slowest try by two transports can take, because nothing renews it.
        /// After a crash nobody waits for it, since a start drops all leases.
        package var lease: Duration = .seconds(2 * 3600)
        /// A mail that nobody took for this long is given up.
        package var patience: Duration = .seconds(3 * 86400)
        /// A mail of which nobody knows whether it was taken is not tried again before this.
        package var unknownPause: Duration = .seconds(60)
        /// So many tries may end without anybody knowing: each of them may have put one more copy into the mailbox.
        package var mostUnknown = 2
        /// How long an address that was refused for good gets nothing.
        package var suppression = DeliveryReports.suppressionTime
        package var pace = MailPace()
        /// Where answers go, if not to the sender.
        package var replyTo: NamedMailAddress?
        /// How often the outbox is looked at for what another process (`kiln outbox`) put there.
        package var look: Duration = .seconds(5)

        package init() {}
    }

    let outbox: any OutboxStore
    let desk: any OutboxDesk
    let builds: any BuildStore
    let notices: any NoticeBoard
    let composer: MailComposer
    let route: MailRoute
    let recipe: @Sendable (RecipeID) async -> Recipe?
    let clock: any WallClock
    let faults: FaultPoints
    let settings: Settings
    let logger: Logger
    let checkedFiles: CheckedFiles

    package init(
        outbox: any OutboxStore & OutboxDesk, builds: any BuildStore, objects: any ObjectStore,
        notices: any NoticeBoard,
        composer: MailComposer, route: MailRoute,
        recipe: @escaping @Sendable (RecipeID) async -> Recipe?, clock: any WallClock, faults: FaultPoints,
        settings: Settings = Settings(), logger: Logger
    ) {
        self.outbox = outbox
        self.desk = outbox
        self.builds = builds
        self.notices = notices
        self.composer = composer
        self.route = route
        self.recipe = recipe
        self.clock = clock
        self.faults = faults
        self.settings = settings
        self.logger = logger
        checkedFiles = CheckedFiles(objects)
    }

    /// Sends until it is told to stop. What is under way then may end by itself; what was only claimed is handed back.
    package func run() async throws {
        _ = await DeliveryRound(self, isEndless: true).run()
    }

    /// Tries every mail that is due now, and what becomes due meanwhile. Returns how many tries that were.
    @discardableResult
    package func deliverDue() async throws(StorageError) -> Int {
        try await DeliveryRound(self, isEndless: false).run().get()
    }
}
