import Domain
import Logging
import Storage

/// Moves one claimed build as far as it goes, then lets it go: in the end, until a later look, or to another worker.
///
/// Everything that it does can be done again from the state that is written down. Whatever goes wrong stays with this
/// build; it never reaches the worker.
///
/// A class, so that what waits for one of thousands of runs keeps a reference and no copy of the whole workshop.
final class BuildAdvance: Sendable {
    let shop: Workshop
    let lease: LeaseToken
    /// Nothing can have been sent for its attempt: it was started by this claim, or all that was sent was refused.
    let isFresh: Bool
    private let claimedAt: Timestamp

    init(shop: Workshop, lease: LeaseToken, isFresh: Bool) {
        self.shop = shop
        self.lease = lease
        self.isFresh = isFresh
        claimedAt = shop.clock.now()
    }

    /// How one step went.
    enum Step {
        /// The build is as told, and still ours.
        case goOn(Build)
        /// Nothing to do before then.
        case rest(until: Timestamp)
        /// Nothing to do before something happens outside: to be held without a worker's place.
        case hold(Hold)
        /// It has ended, or is the queue's again.
        case over
    }

    /// What a build waits for under its claim. A class for the same reason: tasks that wait keep a reference.
    final class Hold: Sendable {
        enum Reason: Sendable {
            /// Its run, at a provider that gives no hints.
            case watchesRun
            /// The provider is to be asked then. `isUnsent`: nothing can have been sent to it for the attempt.
            case asksLater(until: Timestamp, isUnsent: Bool)
        }

        let build: Build
        let reason: Reason

        init(build: Build, reason: Reason) {
            self.build = build
            self.reason = reason
        }
    }

    /// How the work on a build ended, for now.
    private enum Outcome: Sendable {
        case rest(until: Timestamp)
        case hold(Hold)
        case over
    }

    /// After a fault of the storage or one of our own.
    static let pauseAfterFault = Duration.seconds(5)

    private enum HoldEnd {
        case worked(Result<Outcome, any Error>)
        case leaseLost
        /// The worker is being stopped.
        case stopped
    }

    /// - Returns: what it waits for, if the claim goes on; `nil`: the claim was let go.
    func run(_ build: Build) async -> Hold? {
        let end = await withTaskGroup(of: HoldEnd.self) { group in
            group.addTask { await self.keepLease(of: build.id) }
            group.addTask {
                do {
                    return .worked(.success(try await self.steps(from: build)))
                } catch {
                    return .worked(.failure(error))
                }
            }
            // Whichever ends first ends the other; a lost lease stops the work at once.
            let first = await group.next() ?? .stopped
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        if case .worked(.success(.hold(let hold))) = end { return hold }
        await letGo(of: build.id, after: end)
        return nil
    }

    private func steps(from first: Build) async throws -> Outcome {
        var build = first
        while true {
            try Task.checkCancellation()
            switch try await boundedStep(build) {
            case .goOn(let next): build = next
            case .rest(let until): return .rest(until: until)
            case .hold(let hold): return .hold(hold)
            case .over: return .over
            }
        }
    }

    /// A step that fails by a fault of this machine (a full disk) is tried again, but not for ever (P2).
    private func boundedStep(_ build: Build) async throws -> Step {
        do {
            return try await step(build)
        } catch let error as StorageError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            let moved = try await shop.store.timeline(of: build.id, after: build.sequence - 1).last?.at
            guard let attempt = build.state.attempt, let recipe = shop.recipe(build.recipe), let moved,
                shop.clock.now() - moved >= shop.settings.startLimit
            else { throw error }
            return try await fail(BuildOrder(build: build, recipe: recipe), attempt, FailureWords.stuck)
        }
    }

    private func step(_ build: Build) async throws -> Step {
        guard let attempt = build.state.attempt else { return .over }
        guard let recipe = shop.recipe(build.recipe) else {
            return try await end(build, attempt, FailureWords.recipeGone)
        }
        guard let provider = shop.providers[build.state.run?.provider ?? build.provider] else {
            return try await end(build, attempt, FailureWords.providerGone(build.provider))
        }
        let order = BuildOrder(build: build, recipe: recipe)
        switch build.state {
        case .triggering(let attempt): return try await dispatch(order, attempt, at: provider)
        case .running(let run, _): return try await follow(order, run, at: provider)
        case .collecting(let run): return try await collect(order, run, from: provider)
        case .verifying(let run): return try await verify(order, run)
        case .queued, .succeeded, .failed, .cancelled, .expired: return .over
        }
    }

    // MARK: - The claim

    private func keepLease(of id: BuildID) async -> HoldEnd {
        let span = shop.settings.leaseFor
        while true {
            let now = shop.clock.now()
            do {
                try await shop.clock.sleep(until: now + span / 3)
                let now = shop.clock.now()
                try await shop.store.settle(.keep(lease, until: now + span), of: id, at: now)
            } catch is CancellationError {
                return .stopped
            } catch StorageError.leaseLost, StorageError.unknownBuild {
                return .leaseLost
            } catch {
                shop.logger.warning(
                    "a claim could not be prolonged", metadata: ["build": "\(id)", "error": "\(error)"])
            }
        }
    }

    private func letGo(of id: BuildID, after end: HoldEnd) async {
        let now = shop.clock.now()
        var due = now
        switch end {
        case .worked(.success(.over)), .worked(.success(.hold)), .leaseLost:
            return
        case .worked(.success(.rest(let until))):
            due = until
        case .worked(.failure(StorageError.leaseLost)):
            shop.logger.debug("a build went on without this worker", metadata: ["build": "\(id)"])
            return
        case .worked(.failure(is CancellationError)), .stopped:
            break
        case .worked(.failure(let error)):
            if !Task.isCancelled {
                shop.logger.error("a build could not be moved on", metadata: ["build": "\(id)", "error": "\(error)"])
                due = now + Self.pauseAfterFault
            }
        }
        do {
            // A worker that is stopped hands back at once what it has.
            try await shop.store.settle(.release(lease, nextActionAt: Task.isCancelled ? now : due), of: id, at: now)
        } catch StorageError.leaseLost {
            // Then there is nothing to give back.
        } catch {
            shop.logger.warning("a claim runs out by itself", metadata: ["build": "\(id)", "error": "\(error)"])
        }
    }

    /// Before something is sent that cannot be taken back: a worker that slept for long finds that its claim ran out.
    func confirmLease(of id: BuildID) async throws {
        try Task.checkCancellation()
        let now = shop.clock.now()
        guard now - claimedAt > shop.settings.leaseFor / 2 else { return }
        try await shop.store.settle(.keep(lease, until: now + shop.settings.leaseFor), of: id, at: now)
    }

    // MARK: - Facts

    /// Writes a fact down and keeps the claim.
    func record(_ event: BuildEvent, _ order: BuildOrder) async throws -> Step {
        try await record(event, order.build, BuildPolicy(maxAttempts: order.recipe.build.maxAttempts))
    }

    func end(_ build: Build, _ attempt: Attempt, _ failure: Failure) async throws -> Step {
        // An end for good asks nothing of the policy.
        try await record(.ended(failure, of: attempt), build, BuildPolicy(maxAttempts: 1))
    }

    private func record(_ event: BuildEvent, _ build: Build, _ policy: BuildPolicy) async throws -> Step {
        let now = shop.clock.now()
        let transition = try await shop.store.apply(
            event, to: build.id, policy: policy, lease: .keep(lease, until: now + shop.settings.leaseFor), at: now)
        let state = transition.build.state
        guard transition.changed else {
            // A known fact; if it did not bring us further, asking again at once would not either.
            return state == build.state ? .rest(until: now + Self.pauseAfterFault) : .goOn(transition.build)
        }
        if case .failed(let failure) = state {
            shop.logger.notice(
                "build failed",
                metadata: [
                    "build": "\(build.id)", "kind": "\(failure.kind)", "message": "\(failure.message)",
                    "line": "\(failure.errorLine ?? "")",
                ])
        } else {
            shop.logger.info("build moved", metadata: ["build": "\(build.id)", "state": "\(state.name)"])
        }
        if state.isTerminal {
            await shop.faults.reach(.afterEnd)
            return .over
        }
        return state.attempt == nil ? .over : .goOn(transition.build)
    }

    /// Faults of the infrastructure are tried again while the recipe allows; the others are the end.
    func fail(_ order: BuildOrder, _ attempt: Attempt, _ failure: Failure) async throws -> Step {
        switch failure.kind {
        case .infrastructure: try await record(.attemptLost(attempt, failure), order)
        case .input, .build, .timeout: try await end(order.build, attempt, failure)
        }
    }

    func rest(_ span: Duration) -> Step {
        .rest(until: shop.clock.now() + span)
    }

    /// When the newest of these events happened.
    func time(of event: BuildEvent.Name, in build: Build) async throws -> Timestamp {
        let entries = try await shop.store.timeline(of: build.id, after: 0)
        return entries.last { $0.event == event.rawValue }?.at ?? build.startedAt ?? build.createdAt
    }
}
