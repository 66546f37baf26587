package import Domain
package import Logging
import ServiceLifecycle
package import Storage
import Crypto

/// Sends the mails that the outbox owes: claims what is due, tries once each, writes down how it ended.
package struct DeliveryService: Service {
    package struct Settings: Sendable {
        /// Mails on their way at once.
        package var workers = 4
        /// How long a claim holds; longer than any try can take.
        package var lease: Duration = .seconds(300)
        /// A mail that nobody took for this long is given up.
        package var patience: Duration = .seconds(3 * 86400)
        /// How long an address that was refused for good gets nothing.
        package var suppression: Duration = .seconds(90 * 86400)
        package var pace = MailPace()

        package init() {}
    }

    let outbox: any OutboxStore
    let builds: any BuildStore
    let objects: any ObjectStore
    let notices: any NoticeBoard
    let composer: MailComposer
    let transport: any MailTransport
    let recipe: @Sendable (RecipeID) async -> Recipe?
    let clock: any WallClock
    let faults: FaultPoints
    let settings: Settings
    let logger: Logger

    package init(
        outbox: any OutboxStore, builds: any BuildStore, objects: any ObjectStore, notices: any NoticeBoard,
        composer: MailComposer, transport: any MailTransport,
        recipe: @escaping @Sendable (RecipeID) async -> Recipe?, clock: any WallClock, faults: FaultPoints,
        settings: Settings = Settings(), logger: Logger
    ) {
        self.outbox = outbox
        self.builds = builds
        self.objects = objects
        self.notices = notices
        self.composer = composer
        self.transport = transport
        self.recipe = recipe
        self.clock = clock
        self.faults = faults
        self.settings = settings
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    if try await deliverDue() == 0 { await waitForMail() }
                } catch {
                    logger.error("The outbox cannot be read", metadata: ["error": "\(error)"])
                    try? await clock.sleep(until: clock.now() + .seconds(5))
                }
            }
        }
    }

    /// Tries every mail that is due now. Returns how many there were.
    package func deliverDue() async throws(StorageError) -> Int {
        let claimed = try await outbox.claimDueDeliveries(
            limit: settings.workers, leaseFor: settings.lease, pace: settings.pace, at: clock.now())
        await withTaskGroup { group in
            for entry in claimed { group.addTask { await deliver(entry) } }
        }
        return claimed.count
    }

    /// Returns when mail may be due.
    private func waitForMail() async {
        let next = (try? await outbox.nextDeliveryAt(pace: settings.pace, at: clock.now())) ?? nil
        let notices = notices.subscribe(to: .mail)
        await withTaskGroup { group in
            group.addTask {
                var hints = notices.makeAsyncIterator()
                // The first hint is the subscription's own; it is spent by asking the outbox once more below.
                _ = await hints.next()
                if let due = try? await outbox.nextDeliveryAt(pace: settings.pace, at: clock.now()), due <= clock.now()
                {
                    return
                }
                _ = await hints.next()
            }
            group.addTask {
                let latest = clock.now() + .seconds(60)
                try? await clock.sleep(until: min(next ?? latest, latest))
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func deliver(_ claimed: ClaimedDelivery) async {
        let delivery = claimed.delivery
        var logger = logger
        logger[metadataKey: "build"] = "\(delivery.build)"
        logger[metadataKey: "entry"] = "\(delivery.id)"
        let outcome = await outcome(of: delivery)
        await faults.reach(.afterMailBeforeRecord)
        do {
            let lost = try await outbox.settle([(claimed, outcome, transport.name)], at: clock.now())
            guard lost.isEmpty else { throw StorageError.leaseLost }
        } catch {
            logger.warning("A delivery's end was not recorded", metadata: ["error": "\(error)"])
            return
        }
        switch outcome {
        case .accepted: logger.info("Mail accepted", metadata: ["transport": "\(transport.name)"])
        case .refused(let reason, _): logger.error("Mail refused for good", metadata: ["reason": "\(reason)"])
        case .retry(let at, let reason, _):
            logger.warning("Mail not sent yet", metadata: ["reason": "\(reason)", "again_at": "\(at)"])
        case .handedBack: logger.info("Mail handed back")
        }
    }

    private func outcome(of delivery: Delivery) async -> DeliveryOutcome {
        do {
            // One mail tells of all that were asked for together.
            let group = try await builds.group(of: delivery.build)
            guard let lead = group.first else { return .refused(reason: "The build is gone.", suppressFor: nil) }
            for build in group { try await checkFiles(of: build) }
            let message = try await composer.message(
                for: delivery, about: group, recipe: await recipe(lead.recipe), largest: await transport.largestMessage())
            if Task.isCancelled { return .handedBack }
            await faults.reach(.beforeMail)
            return settle(await transport.deliver(message), delivery)
        } catch let error as MailComposerError {
            switch error {
            case .unsendable:
                return .refused(reason: "The address or the text cannot stand in a mail.", suppressFor: nil)
            case .missingTemplate(let name): return again(delivery, "The template \(name) is missing.", after: nil)
            case .unusableText(let fault): return again(delivery, "\(fault)", after: nil)
            case .unmade(let reason): return again(delivery, "The mail cannot be made: \(reason)", after: nil)
            case .withoutBuild: return .refused(reason: "The build is gone.", suppressFor: nil)
            case .storage(let error): return again(delivery, "The storage does not answer: \(error)", after: nil)
            }
        } catch {
            return again(delivery, "The storage does not answer: \(error)", after: nil)
        }
    }

    private func settle(_ answer: TransportAnswer, _ delivery: Delivery) -> DeliveryOutcome {
        switch answer {
        case .accepted(let receipt): .accepted(receipt: receipt)
        case .refused(let fault):
            .refused(reason: fault.words, suppressFor: fault.scope == .address ? settings.suppression : nil)
        case .notNow(let fault, let after): again(delivery, fault.words, after: after)
        case .unknown(let fault): again(delivery, fault.words, after: nil, isUnknown: true)
        }
    }

    private func again(
        _ delivery: Delivery, _ reason: String, after: Duration?, isUnknown: Bool = false
    ) -> DeliveryOutcome {
        let now = clock.now()
        guard now - delivery.createdAt < settings.patience else {
            return .refused(reason: "Given up after \(delivery.attempts) tries: \(reason)", suppressFor: nil)
        }
        var random = SystemRandomNumberGenerator()
        let pause = after ?? Backoff.deliveries.pause(after: delivery.attempts, using: &random)
        return .retry(at: now + pause, reason: reason, isUnknown: isUnknown)
    }

    /// P9: a link is mailed after what it leads to was read, and its bytes had the checksum that the mail names.
    private func checkFiles(of build: Build) async throws(StorageError) {
        guard build.state == .succeeded, build.filesRemovedAt == nil else { return }
        for artifact in build.artifacts {
            let key = ObjectKey(build: build.id, name: artifact.name)
            var hash = SHA256()
            var offset: Int64 = 0
            while offset < artifact.bytes {
                let piece = try await objects.read(key, from: offset, length: 1 << 20)
                guard !piece.isEmpty else { throw .missingObject(key: key.description) }
                hash.update(data: piece)
                offset += Int64(piece.count)
            }
            let digest = hash.finalize().hexText
            guard digest == artifact.sha256 else { throw .corrupt(detail: "\(key) has another checksum") }
        }
    }
}
