import Domain
import Logging
import Storage

extension BuildAdvance {
    /// Looks at a chatty run no more often than this; bounds what it can cost, and delays its end by no more.
    private static let pace = Duration.milliseconds(25)
    /// A run that counts its percents aloud is not worth a commit for each.
    static let phasePace = Duration.milliseconds(500)
    private static let logChunk = 256 << 10

    /// running, at a provider that gives hints: carries the log over and sees how the run goes, to its end. Runs of the
    /// others are watched without a worker's place.
    func follow(_ order: BuildOrder, _ run: Run, at provider: any BuildProvider) async throws -> Step {
        guard let hints = provider.changes(of: run) else {
            return .hold(Hold(build: order.build, reason: .watchesRun))
        }
        let deadline = try await time(of: .triggered, in: order.build) + allowance(order)
        var copy = logCopy(order, run, .run)
        let wake = WakeSignal()
        return try await wake.raised(by: hints) {
            var order = order
            var toldAt: ContinuousClock.Instant?
            while true {
                let began = ContinuousClock.now
                if let step = try await look(order, run, at: provider, &copy, deadline: deadline) { return step }
                var next = min(shop.clock.now() + shop.settings.lookInterval, deadline)
                if let phase = copy.phase, order.build.state != .running(run, phase) {
                    if toldAt.map({ began - $0 < Self.phasePace }) ?? false {
                        next = shop.clock.now() + Self.phasePace
                    } else if let step = try await tell(phase, &order, run) {
                        return step
                    } else {
                        toldAt = began
                    }
                }
                await wake.wait(until: max(next, shop.clock.now() + .milliseconds(1)), by: shop.clock)
                try await Task.sleep(until: began + Self.pace, clock: .continuous)
            }
        }
    }

    func allowance(_ order: BuildOrder) -> Duration {
        // Waiting at the provider counts against the recipe's waiting time; a local run does not wait.
        let waiting = order.build.provider == "local" ? Duration.zero : order.recipe.build.maxWait
        return order.recipe.build.limits.time + waiting + shop.settings.grace
    }

    func logCopy(_ order: BuildOrder, _ run: Run, _ stage: LogPart.Stage, limit: Int64? = nil) -> LogCopy {
        LogCopy(
            of: LogPart(build: order.build.id, attempt: run.attempt.number, stage: stage),
            limit: limit ?? order.recipe.build.limits.log, redaction: shop.redaction(order, run.attempt),
            patterns: shop.patterns(of: order.recipe))
    }

    /// One look; `nil`: it goes on.
    private func look(
        _ order: BuildOrder, _ run: Run, at provider: any BuildProvider, _ copy: inout LogCopy,
        deadline: Timestamp
    ) async throws -> Step? {
        let isOverdue = shop.clock.now() >= deadline
        switch await provider.observe(run, for: order) {
        case .done(let observation):
            try await carry(&copy, of: run, order, from: provider)
            if observation.status.isEnd {
                try await copy.finish(into: shop.logs)
                return try await conclude(order, run, observation.status, [copy.reader])
            }
            if isOverdue {
                // The clean-up that this brings ends the run; ended before, it would look as if someone else had.
                return try await end(order.build, run.attempt, FailureWords.tooLong(order.recipe.build.limits.time))
            }
            copy.phase = copy.reader.phase ?? observation.phase ?? copy.phase
            return nil
        case .refused(let failure):
            return try await fail(order, run.attempt, failure)
        case .refusedUntil(let pause, let reason):
            return try await silent(order, run, isOverdue, pause: pause, reason)
        case .unknown(let reason):
            return try await silent(order, run, isOverdue, pause: provider.pollInterval, reason)
        }
    }

    func tell(_ phase: Phase, _ order: inout BuildOrder, _ run: Run) async throws -> Step? {
        let step = try await record(.phaseChanged(phase, of: run.attempt), order)
        switch step {
        case .goOn(let build):
            order.build = build
            return nil
        case .rest, .hold, .over:
            return step
        }
    }

    private func silent(
        _ order: BuildOrder, _ run: Run, _ isOverdue: Bool, pause: Duration, _ reason: String
    ) async throws -> Step? {
        try Task.checkCancellation()
        shop.logger.warning(
            "the provider did not say how a run goes", metadata: ["build": "\(order.build.id)", "reason": "\(reason)"])
        if isOverdue { return try await fail(order, run.attempt, FailureWords.silent) }
        return rest(pause)
    }

    /// Takes over what the run has written since.
    private func carry(
        _ copy: inout LogCopy, of run: Run, _ order: BuildOrder, from provider: any BuildProvider
    ) async throws {
        while true {
            let bytes = try await nextBytes(after: copy.taken, of: run, order, from: provider)
            if bytes.isEmpty { return }
            try await copy.take(bytes, into: shop.logs)
        }
    }

    /// What the run wrote after so many bytes; empty if there is nothing, or nothing that can be read now.
    func nextBytes(
        after taken: Int64, of run: Run, _ order: BuildOrder, from provider: any BuildProvider
    ) async throws -> [UInt8] {
        try Task.checkCancellation()
        let answer = await provider.readLog(of: run, for: order, from: taken, limit: Self.logChunk)
        if case .done(let bytes) = answer { return bytes }
        // The state counts more than the log; what is missing is fetched with the next look.
        shop.logger.warning(
            "a log could not be read", metadata: ["build": "\(order.build.id)", "answer": "\(answer)"])
        return []
    }

    /// - Parameter readers: of the run's logs; the first that found an error says it.
    func conclude(
        _ order: BuildOrder, _ run: Run, _ status: Observation.Status, _ readers: [LogReader]
    ) async throws -> Step? {
        switch status {
        case .waiting, .running:
            return nil
        case .succeeded:
            return try await record(.runSucceeded(of: run.attempt), order)
        case .failed(let failure):
            return try await fail(order, run.attempt, failure.explained(by: readers))
        case .cancelled:
            return try await end(order.build, run.attempt, FailureWords.cancelledAtProvider)
        case .lost(let reason):
            // A cancelled build's run is ended by us, and no loss.
            let hasEnded = try await shop.store.build(order.build.id)?.state.isTerminal ?? true
            if !hasEnded {
                shop.logger.warning("a run is lost", metadata: ["build": "\(order.build.id)", "reason": "\(reason)"])
            }
            return try await fail(order, run.attempt, FailureWords.lost)
        }
    }
}

extension Failure {
    /// With the first error that one of the logs tells, and the lines around it.
    func explained(by readers: [LogReader]) -> Failure {
        guard let reader = readers.first(where: { $0.firstError != nil }) else { return self }
        // Lines around another error than the one that is named would explain nothing.
        let isKnown = errorLine != nil && errorLine != reader.firstError
        return Failure(
            kind: kind, message: message, errorLine: errorLine ?? reader.firstError,
            context: context ?? (isKnown ? nil : reader.context))
    }
}
