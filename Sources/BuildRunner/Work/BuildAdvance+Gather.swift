import Domain
import Logging
import Storage

extension BuildAdvance {
    /// How gathering for a build went.
    enum Gathered {
        /// Nothing is to be fetched any more.
        case ready(Build)
        /// The build is not to be started now.
        case step(Step)
    }

    /// While as many checks run as can.
    private static let pauseWhileBusy = Duration.seconds(5)

    /// triggering, in a place for gathering: fetches, and gives the build back to the queue for a place of its provider.
    func gatherApart(_ order: BuildOrder, _ attempt: Attempt) async throws -> Step {
        // Tried before, and ended by a fault of this machine or with the server: not for ever (P2).
        if !isFresh, order.recipe.isToGather(order.build.inputs), let step = try await giveUp(order, attempt) {
            return step
        }
        switch try await gather(order, attempt) {
        case .ready(let build):
            return try await record(.gathered(of: attempt), BuildOrder(build: build, recipe: order.recipe))
        case .step(let step): return step
        }
    }

    /// triggering, before anything is sent: fetches what the recipe wants and keeps it with the build. Done anew by whoever
    /// finds the build without it; what a crash leaves is a file that nobody owns.
    func gather(_ order: BuildOrder, _ attempt: Attempt) async throws -> Gathered {
        guard let gathering = shop.gathering, let step = order.recipe.fetch,
            order.recipe.isToGather(order.build.inputs)
        else { return .ready(order.build) }
        let folder = "\(shop.scratch)/gather-\(lease)"
        let log = GatherLog()
        let scratch = shop.scratch
        try await Blocking.run { () throws(FileFault) in
            try FolderWork.make(scratch, mode: 0o700)
            try FolderWork.remove(folder)
            try FolderWork.make(folder, mode: 0o700)
        }
        let (store, clock, lease, id) = (shop.store, shop.clock, lease, order.build.id)
        let run = GatherRun(
            gathering: gathering, step: step, order: order, folder: folder, kinds: shop.kinds, clock: clock, log: log
        ) { note in
            try await store.noteFetching(note, for: id, lease: lease, at: clock.now())
        }
        let result: Result<Gathered, any Error>
        do {
            let outcome = try await whileOurs(order.build.id, attempt) { try await run.run() }
            result = .success(.ready(try await keep(outcome, step, order, gathering, log)))
        } catch {
            result = .failure(error)
        }
        await Blocking.run { try? FolderWork.remove(folder) }
        await write(log, order, attempt)
        switch result {
        case .success(let gathered): return gathered
        case .failure(let fault as GatherFault): return .step(try await conclude(fault, order, attempt))
        case .failure(let error): throw error
        }
    }

    /// Gives the build what was fetched, in one guarded step.
    private func keep(
        _ outcome: GatherRun.Outcome?, _ step: FetchStep, _ order: BuildOrder, _ gathering: Gathering, _ log: GatherLog
    ) async throws -> Build {
        guard let outcome else { return order.build }
        log.say("==> Fetched \(outcome.summary)")
        let kept = try await gathering.keep(outcome.path)
        await shop.faults.reach(.afterFetchBeforeRecord)
        let upload = Upload(
            id: kept.id, name: "\(step.into).zip", contentType: "application/zip", bytes: kept.bytes,
            sha256: kept.sha256, receivedSHA256: kept.sha256)
        do {
            let build = try await shop.store.attach(
                upload, as: step.into, note: outcome.summary, to: order.build.id, lease: lease, at: shop.clock.now())
            if !build.inputs.uploads.contains(where: { $0.id == kept.id }) { await shop.removeUploads([kept.id]) }
            return build
        } catch {
            await shop.removeUploads([kept.id])
            throw error
        }
    }

    private func conclude(_ fault: GatherFault, _ order: BuildOrder, _ attempt: Attempt) async throws -> Step {
        switch fault {
        case .input(let failure): return try await end(order.build, attempt, failure)
        case .check(.busy):
            let until = shop.clock.now() + Self.pauseWhileBusy
            return .hold(Hold(build: order.build, reason: .asksLater(until: until, isUnsent: isFresh)))
        case .check(let fault):
            shop.logger.error(
                "what was fetched for a build could not be checked",
                metadata: ["build": "\(order.build.id)", "recipe": "\(order.recipe.id)", "reason": "\(fault)"])
            return try await fail(order, attempt, FailureWords.checkFailed)
        case .stopped:
            try Task.checkCancellation()
            // The transfers were shut down.
            throw CancellationError()
        case .machine: throw fault
        }
    }

    private enum WorkEnd: Sendable {
        case worked(GatherRun.Outcome?)
        /// The build is no longer ours.
        case gone
    }

    /// Ends `work` as soon as the build goes on without us: it was cancelled, or is another worker's.
    private func whileOurs(
        _ id: BuildID, _ attempt: Attempt, _ work: @escaping @Sendable () async throws -> GatherRun.Outcome?
    ) async throws -> GatherRun.Outcome? {
        try await withThrowingTaskGroup(of: WorkEnd.self) { group in
            group.addTask { .worked(try await work()) }
            group.addTask {
                for await _ in self.shop.notices.subscribe(to: .build(id)) {
                    guard let build = try await self.shop.store.build(id) else { return .gone }
                    guard case .triggering(attempt) = build.state else { return .gone }
                }
                return .gone
            }
            let first = try await group.next()
            group.cancelAll()
            if case .worked(let outcome)? = first { return outcome }
            try Task.checkCancellation()
            throw StorageError.leaseLost
        }
    }

    /// What could not be fetched is for the requester to read; that it cannot be written down is no reason to fail.
    private func write(_ log: GatherLog, _ order: BuildOrder, _ attempt: Attempt) async {
        var copy = LogCopy(
            of: LogPart(build: order.build.id, attempt: attempt.number, stage: .fetch),
            limit: order.recipe.build.limits.log, redaction: shop.redaction(order, attempt),
            patterns: shop.patterns(of: order.recipe))
        do {
            try await copy.take(Array(log.text.utf8), into: shop.logs)
            try await copy.finish(into: shop.logs)
        } catch {
            shop.logger.warning(
                "what was fetched could not be written into a build's log",
                metadata: ["build": "\(order.build.id)", "error": "\(error)"])
        }
    }
}
