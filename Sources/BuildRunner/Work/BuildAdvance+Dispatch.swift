import Domain
import Logging
import Storage

extension BuildAdvance {
    /// The pause before a provider that gave no clear answer is asked again: a quarter of the time that went by since the
    /// attempt began, so that it grows.
    private static let pauses = Duration.seconds(1)...Duration.seconds(60)

    /// triggering: sees to it that the provider has exactly one run for this attempt (P3).
    func dispatch(_ order: BuildOrder, _ attempt: Attempt, at provider: any BuildProvider) async throws -> Step {
        if !isFresh {
            switch await provider.find(attempt, for: order) {
            case .done(.some(let run)): return try await record(.triggered(run), order)
            case .done(nil): break
            case .refused(let failure): return try await end(order.build, attempt, failure)
            case .refusedUntil(let pause, let reason):
                return try await later(order, attempt, pause: pause, "the provider is to be asked later", reason)
            case .unknown(let reason):
                return try await later(order, attempt, pause: nil, "whether a run exists is not known", reason)
            }
            if let step = try await giveUp(order, attempt) { return step }
        }
        await shop.faults.reach(.beforeTrigger)
        try await confirmLease(of: order.build.id)
        switch await provider.trigger(order, as: attempt) {
        case .done(let run):
            await shop.faults.reach(.afterTriggerBeforeRecord)
            do {
                let step = try await record(.triggered(run), order)
                await shop.faults.reach(.running)
                return step
            } catch StorageError.leaseLost {
                await abandon(order, attempt, run, at: provider)
                throw StorageError.leaseLost
            }
        case .refused(let failure):
            return try await end(order.build, attempt, failure)
        case .refusedUntil(let pause, let reason):
            return try await later(order, attempt, pause: pause, "the provider takes no build now", reason)
        case .unknown(let reason):
            return try await later(order, attempt, pause: nil, "whether the run was started is not known", reason)
        }
    }

    private func later(
        _ order: BuildOrder, _ attempt: Attempt, pause: Duration?, _ message: Logger.Message, _ reason: String
    ) async throws -> Step {
        try Task.checkCancellation()
        let began = try await time(of: .claimed, in: order.build)
        let elapsed = shop.clock.now() - began
        let pause = pause ?? min(max(elapsed / 4, Self.pauses.lowerBound), Self.pauses.upperBound)
        shop.logger.warning(
            message, metadata: ["build": "\(order.build.id)", "reason": "\(reason)", "again_in": "\(pause)"])
        // Never beyond the limit: the last look is at it.
        let left = shop.settings.startLimit - elapsed
        return rest(left > .zero ? min(pause, left) : pause)
    }

    /// The attempt took too long to begin, and the provider says that it has no run.
    private func giveUp(_ order: BuildOrder, _ attempt: Attempt) async throws -> Step? {
        let began = try await time(of: .claimed, in: order.build)
        guard shop.clock.now() - began >= shop.settings.startLimit else { return nil }
        return try await fail(order, attempt, FailureWords.neverStarted(after: shop.settings.startLimit))
    }

    /// The build went on without us while we started its run: if it is not this attempt that goes on, the run ends.
    private func abandon(
        _ order: BuildOrder, _ attempt: Attempt, _ run: Run, at provider: any BuildProvider
    ) async {
        do {
            if try await shop.store.build(order.build.id)?.state.attempt == attempt { return }
        } catch {
            shop.logger.warning(
                "whether a run is still wanted is not known",
                metadata: ["build": "\(order.build.id)", "error": "\(error)"])
            return
        }
        _ = await provider.cancel(attempt, run: run, for: order)
        if case .done = await provider.cleanUp(attempt, run: run, for: order) { return }
        shop.logger.warning(
            "a run that nobody wants is left to the caretaker", metadata: ["build": "\(order.build.id)"])
    }
}
