import Domain
import Logging
import ServiceLifecycle
import Storage

/// Ends the runs of attempts that are over and removes what they keep at their provider and on this machine.
package struct CleanUpWorker: Service {
    private let shop: Workshop
    private let wake = WakeSignal()

    private static let batch = 16
    private static let sleep = Duration.seconds(10)
    private static let pauses = Backoff(first: .seconds(2), cap: .seconds(600))
    /// A provider that says no this often is left alone; some hours with the pauses above.
    private static let mostFailures = 40

    package init(_ shop: Workshop) {
        self.shop = shop
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }

    private func work() async {
        await wake.raised(by: shop.notices.subscribe(to: .work)) {
            while !Task.isCancelled {
                if await cleanUpDue() == Self.batch { continue }
                await wake.wait(until: shop.clock.now() + Self.sleep, by: shop.clock)
            }
        }
    }

    private func cleanUpDue() async -> Int {
        do {
            let due = try await shop.store.claimDueCleanUps(
                limit: Self.batch, leaseFor: shop.settings.leaseFor, at: shop.clock.now())
            await withDiscardingTaskGroup { group in
                for cleanUp in due {
                    group.addTask { await settle(cleanUp) }
                }
            }
            return due.count
        } catch {
            shop.logger.warning("clean-ups could not be claimed", metadata: ["error": "\(error)"])
            return 0
        }
    }

    private func settle(_ cleanUp: CleanUp) async {
        let metadata: Logger.Metadata = ["build": "\(cleanUp.build)", "attempt": "\(cleanUp.attempt.number)"]
        do {
            let retryAt = try await retryTime(of: cleanUp, metadata)
            try await shop.store.settleCleanUp(cleanUp, retryAt: retryAt)
        } catch StorageError.leaseLost {
            shop.logger.debug("a clean-up went on without this worker", metadata: metadata)
        } catch {
            shop.logger.warning(
                "a clean-up could not be settled", metadata: metadata.merging(["error": "\(error)"]) { $1 })
        }
    }

    /// `nil`: nothing is left to do.
    private func retryTime(of cleanUp: CleanUp, _ metadata: Logger.Metadata) async throws -> Timestamp? {
        let order = try await order(of: cleanUp.build)
        var reasons: [String] = []
        if let provider = shop.providers[cleanUp.provider] {
            if try await !endsByItself(cleanUp, order) {
                let cancelled = await provider.cancel(cleanUp.attempt, run: cleanUp.run, for: order)
                reasons += cancelled.whyOpen
            }
            let cleaned = await provider.cleanUp(cleanUp.attempt, run: cleanUp.run, for: order)
            reasons += cleaned.whyOpen
        }
        let cleaned = await shop.verifier.cleanUp(cleanUp.attempt)
        reasons += cleaned.whyOpen
        // What the run sent was taken over, or nobody wants it; what it goes on to send is refused.
        try await shop.reportFiles?.removeAll(of: cleanUp.attempt)
        let now = shop.clock.now()
        if reasons.isEmpty { return nil }
        if Task.isCancelled { return now }
        guard cleanUp.failures < Self.mostFailures else {
            shop.logger.error(
                "a clean-up is given up; look at the provider",
                metadata: metadata.merging(["reasons": "\(reasons.joined(separator: "; "))"]) { $1 })
            return nil
        }
        shop.logger.info(
            "a clean-up is tried again",
            metadata: metadata.merging(["reasons": "\(reasons.joined(separator: "; "))"]) { $1 })
        var generator = SystemRandomNumberGenerator()
        return now + Self.pauses.pause(after: cleanUp.failures + 1, using: &generator)
    }

    /// A run that did its work still has its last steps to do: cancelled now, it would stand as cancelled at its CI,
    /// beside a build that is well.
    private func endsByItself(_ cleanUp: CleanUp, _ order: BuildOrder?) async throws -> Bool {
        guard let order else { return false }
        switch order.build.state {
        case .cancelled, .expired: return false
        case .succeeded where order.recipe.watch.release != nil: return true
        case .queued, .triggering, .running, .collecting, .verifying, .succeeded, .failed: break
        }
        switch try await shop.reports?.report(of: cleanUp.attempt)?.result {
        case .succeeded?: return true
        // Another attempt begins: two runs of one build are not to be at work together.
        case .failed(_, let kind)?: return kind != .infrastructure
        case nil: return false
        }
    }

    private func order(of id: BuildID) async throws -> BuildOrder? {
        guard let build = try await shop.store.build(id), let recipe = shop.recipe(build.recipe) else { return nil }
        return BuildOrder(build: build, recipe: recipe)
    }
}

extension ProviderAnswer {
    /// Why something is still to be done; empty when it is done.
    var whyOpen: [String] {
        switch self {
        case .done: []
        case .refused(let failure): [failure.message]
        case .refusedUntil(_, let reason), .unknown(let reason): [reason]
        }
    }
}
