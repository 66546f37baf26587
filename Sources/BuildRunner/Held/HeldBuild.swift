import Domain
import Logging
import Storage

/// One build that waits for something outside: its run at a provider that gives no hints, or a provider that is to be
/// asked later. At rest it costs a few sleeping tasks; the database is asked only when the notice board says that something
/// was told of the build.
struct HeldBuild: Sendable {
    /// How the holding ended.
    enum End: Sendable {
        /// There is work to do, under the same claim. `isUnsent`: nothing can have been sent to the provider.
        indirect case goOn(Build, isUnsent: Bool)
        /// The claim is over: the build ended, went back to the queue, or is another worker's.
        case over
        /// To be given back until then, after a fault.
        case rest(until: Timestamp)
        /// The worker is being stopped; the claim still stands.
        case stopped
    }

    let advance: BuildAdvance
    let registry: HeldBuilds
    let wake: WakeSignal
    private var shop: Workshop { advance.shop }

    /// Holds until something is to be done.
    func run(_ hold: BuildAdvance.Hold) async -> End {
        do {
            switch hold.reason {
            case .asksLater(let until, let isUnsent): return try await wait(hold, until: until, isUnsent)
            case .watchesRun: return try await watch(hold)
            }
        } catch is CancellationError {
            return .stopped
        } catch StorageError.leaseLost {
            shop.logger.debug("a build went on without this worker", metadata: ["build": "\(hold.build.id)"])
            return .over
        } catch {
            if Task.isCancelled { return .stopped }
            shop.logger.error(
                "a build could not be moved on", metadata: ["build": "\(hold.build.id)", "error": "\(error)"])
            return .rest(until: shop.clock.now() + BuildAdvance.pauseAfterFault)
        }
    }

    // MARK: - A provider that is to be asked later

    private func wait(_ hold: BuildAdvance.Hold, until deadline: Timestamp, _ isUnsent: Bool) async throws -> End {
        guard let attempt = hold.build.state.attempt else { return .over }
        return try await wake.raised(by: shop.notices.subscribe(to: .build(hold.build.id))) {
            while true {
                let isTold = await wake.wait(until: deadline, by: shop.clock)
                try Task.checkCancellation()
                if registry.isLost(hold.build.id, advance.lease) { return .over }
                if isTold, let end = try await apart({ try await hear(hold, attempt) }) { return end }
                if shop.clock.now() >= deadline { return .goOn(hold.build, isUnsent: isUnsent) }
            }
        }
    }

    /// Something was told of a build that waits.
    private func hear(_ hold: BuildAdvance.Hold, _ attempt: Attempt) async throws -> End? {
        guard try await shop.store.build(hold.build.id)?.state.attempt == attempt else { return .over }
        // A run that reports exists, whatever became of the provider's answer.
        return try await shop.reports?.report(of: attempt) == nil ? nil : .goOn(hold.build, isUnsent: false)
    }

    // MARK: - A run

    private func watch(_ hold: BuildAdvance.Hold) async throws -> End {
        guard let watch = try await apart({ try await begin(hold.build) }) else {
            return .goOn(hold.build, isUnsent: false)
        }
        return try await follow(watch)
    }

    /// `nil`: there is nothing to watch.
    private func begin(_ build: Build) async throws -> RunWatch? {
        guard let recipe = shop.recipe(build.recipe), let run = build.state.run,
            let provider = shop.providers[run.provider]
        else { return nil }
        return try await RunWatch(
            advance: advance, order: BuildOrder(build: build, recipe: recipe), run: run, provider: provider, wake: wake,
            spread: .milliseconds(10) * registry.count)
    }

    private func follow(_ watch: RunWatch) async throws -> End {
        let id = watch.order.build.id
        while true {
            wake.clear()
            if registry.isLost(id, advance.lease) { return .over }
            // Each subscription begins with a hint: what was told before it is looked for once. It ends when something
            // was written, because that posts notices that tell nothing new.
            let hints = shop.notices.subscribe(to: .build(id))
            for await _ in hints { break }
            if let end = try await apart({ try await watch.hear(isForeign: false) }) { return end }
            let end = try await wake.raised(by: hints) { () throws -> End? in try await period(watch) }
            if let end { return end }
        }
    }

    /// Watches until something was written (`nil`) or the build goes on.
    private func period(_ watch: RunWatch) async throws -> End? {
        while !watch.hasWritten {
            let isTold = await wake.wait(until: watch.nextLook, by: shop.clock)
            try Task.checkCancellation()
            if registry.isLost(watch.order.build.id, advance.lease) { return .over }
            if isTold, let end = try await apart({ try await watch.hear(isForeign: true) }) { return end }
            if shop.clock.now() >= watch.nextLook, let end = try await apart({ try await watch.look() }) { return end }
        }
        watch.beginAnew()
        return nil
    }

    /// Works in a task of its own, whose memory is given back with its end. A task keeps what its deepest call once
    /// needed, and ours sleeps for most of a run's life, beside thousands of others.
    private func apart<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        async let value = work()
        return try await value
    }
}
