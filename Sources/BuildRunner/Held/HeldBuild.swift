import Domain
import Logging
import Storage

/// One build that waits for something outside: its run at a provider that gives no hints, or a provider that is to be
/// asked later. At rest it costs two sleeping tasks; the database is asked only when the notice board says that something
/// was told of the build.
struct HeldBuild: Sendable {
    /// How the holding ended.
    enum End: Sendable {
        /// There is work to do, under the same claim. `isUnsent`: nothing can have been sent to the provider.
        case goOn(Build, isUnsent: Bool)
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
            case .asksLater(let until, let isUnsent): return try await wait(hold.build, until: until, isUnsent)
            case .watchesRun: return try await watch(hold.build)
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

    private func wait(_ build: Build, until deadline: Timestamp, _ isUnsent: Bool) async throws -> End {
        guard let attempt = build.state.attempt else { return .over }
        return try await wake.raised(by: shop.notices.subscribe(to: .build(build.id))) {
            while true {
                let isTold = await wake.wait(until: deadline, by: shop.clock)
                try Task.checkCancellation()
                if registry.isLost(build.id, advance.lease) { return .over }
                if isTold {
                    guard try await shop.store.build(build.id)?.state.attempt == attempt else { return .over }
                    // A run that reports exists, whatever became of the provider's answer.
                    if try await shop.reports?.report(of: attempt) != nil { return .goOn(build, isUnsent: false) }
                }
                if shop.clock.now() >= deadline { return .goOn(build, isUnsent: isUnsent) }
            }
        }
    }

    // MARK: - A run

    private func watch(_ build: Build) async throws -> End {
        guard let recipe = shop.recipe(build.recipe), let run = build.state.run,
            let provider = shop.providers[run.provider]
        else { return .goOn(build, isUnsent: false) }
        var watch = try await RunWatch(
            advance: advance, order: BuildOrder(build: build, recipe: recipe), run: run, provider: provider, wake: wake,
            spread: .milliseconds(10) * registry.count)
        while true {
            wake.clear()
            if registry.isLost(build.id, advance.lease) { return .over }
            // Each subscription begins with a hint: what was told before it is looked for once. It ends when something
            // was written, because that posts notices that tell nothing new.
            let hints = shop.notices.subscribe(to: .build(build.id))
            for await _ in hints { break }
            if let end = try await watch.hear(isForeign: false) { return end }
            let end = try await wake.raised(by: hints) { () throws -> End? in try await period(&watch) }
            if let end { return end }
        }
    }

    /// Watches until something was written (`nil`) or the build goes on.
    private func period(_ watch: inout RunWatch) async throws -> End? {
        while !watch.hasWritten {
            let isTold = await wake.wait(until: watch.nextLook, by: shop.clock)
            try Task.checkCancellation()
            if registry.isLost(watch.order.build.id, advance.lease) { return .over }
            if isTold, let end = try await watch.hear(isForeign: true) { return end }
            if shop.clock.now() >= watch.nextLook, let end = try await watch.look() { return end }
        }
        watch.beginAnew()
        return nil
    }
}
