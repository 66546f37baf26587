import Domain
import Logging
import Storage

/// What is known of a run that is looked at now and then, and the looks.
///
/// A look that sees nothing new touches no database. What the run tells by itself (`RunReport`) and what its provider says
/// make the same facts; either is enough.
///
/// A class, so that thousands that wait keep a reference each on their tasks' stacks. `@unchecked` because it changes
/// without a lock: only its `HeldBuild` uses it, one call after the other, each of which is waited for.
final class RunWatch: @unchecked Sendable {
    /// A run whose provider said nothing for so long, or for the recipe's time limit, is given up.
    private static let longestSilence = Duration.seconds(1800)
    /// How long a run that told of its failure may take to end at its CI, whose log says why; and the pause between looks.
    private static let logPatience = Duration.seconds(30)
    private static let logPause = Duration.seconds(3)
    /// Hints make no more looks than one in this time.
    private static let shortestPause = Duration.seconds(1)

    let advance: BuildAdvance
    let provider: any BuildProvider
    let wake: WakeSignal
    let circuit: CircuitKey?
    var order: BuildOrder
    var run: Run
    /// The run's log as its provider has it, and as the run sends it.
    var log: LogCopy
    var told: LogCopy
    var report: RunReport?
    /// The recipe's release links; `nil`: the provider hands the files out.
    var release: ReleaseWatching?
    /// When the run ended well while what it publishes is still waited for.
    var endedAt: Timestamp?
    /// Something was written since the last subscription to the build's notices.
    private(set) var hasWritten = false

    let startedAt: Timestamp
    let expected: Duration?
    private let deadline: Timestamp
    private var plan: PollPlan
    private var nextPoll: Timestamp
    private var lastPoll: Timestamp
    private var answeredAt: Timestamp
    private var wasTold = false
    /// The run says that it failed, and its CI may yet hand out a log that says why.
    private var toldFailure: (failure: Failure, until: Timestamp)?
    /// Whether the CI's own log has begun: what the run tells stands before it, and must not grow any more.
    var hasRunLog: Bool
    var phase: Phase?
    var logPhase: Phase?
    var observedPhase: Phase?
    var nextPhaseAt: Timestamp

    var shop: Workshop { advance.shop }
    var attempt: Attempt { run.attempt }

    /// - Parameter spread: runs that were claimed and not just started are looked at somewhen within this time, so that a
    ///   server that starts does not ask for thousands at once.
    init(
        advance: BuildAdvance, order: BuildOrder, run: Run, provider: any BuildProvider, wake: WakeSignal,
        spread: Duration
    ) async throws {
        self.advance = advance
        self.provider = provider
        self.wake = wake
        self.order = order
        self.run = run
        circuit = CircuitKey(provider: run.provider, of: order.recipe)
        var part = LogPart(build: order.build.id, attempt: run.attempt.number, stage: .report)
        log = advance.logCopy(order, run, .run)
        told = log.beginning(part)
        part.stage = .run
        hasRunLog = try await advance.shop.logs.size(of: part) > 0
        startedAt = try await advance.time(of: .triggered, in: order.build)
        expected = await advance.shop.expected.typical(of: order.recipe.id, advance.shop)
        release = ReleaseWatching(order, advance.shop, startedAt: startedAt, expected: expected)
        deadline = startedAt + advance.allowance(order)
        let interval = order.recipe.watch.interval ?? provider.pollInterval
        plan = PollPlan(interval: interval, expected: expected)
        let now = advance.shop.clock.now()
        var generator = SystemRandomNumberGenerator()
        let first =
            now - startedAt < interval
            ? plan.pause(elapsed: .zero, isWaiting: false, using: &generator)
            : .milliseconds(Int64.random(in: 0...min(spread, interval).wholeMilliseconds, using: &generator))
        nextPoll = now + first
        lastPoll = now
        answeredAt = now
        nextPhaseAt = now
        if case .running(_, let phase) = order.build.state { self.phase = phase }
    }

    /// When there is something to do without being told.
    var nextLook: Timestamp {
        var next = endedAt == nil ? min(nextPoll, deadline) : .distant
        if release != nil { next = min(next, nextReleaseLook) }
        if let toldFailure { next = min(next, toldFailure.until) }
        return hasPhaseToTell ? min(next, nextPhaseAt) : next
    }

    /// After a new subscription to the build's notices.
    func beginAnew() {
        hasWritten = false
        if wasTold { lookSoon() }
        wasTold = false
    }

    private func lookSoon() {
        nextPoll = min(nextPoll, max(shop.clock.now(), lastPoll + Self.shortestPause))
    }

    /// To be said before anything is written: what was told up to now cannot be our own doing.
    func willWrite() {
        guard !hasWritten else { return }
        hasWritten = true
        wasTold = wake.clear()
    }

    // MARK: - What others say

    /// Something may have been told of the build.
    /// - Parameter isForeign: by somebody else than us for sure.
    func hear(isForeign: Bool) async throws -> HeldBuild.End? {
        guard let build = try await shop.store.build(order.build.id), case .running(let known, _) = build.state,
            known.attempt == attempt
        else { return .over }
        order.build = build
        let earlier = report
        report = try await shop.reports?.report(of: attempt)
        let hasMore = try await carryTold()
        if let report, report != earlier, let end = try await take(report) { return end }
        if let end = try await tellPhase() { return end }
        // A nudge: the run may have something new at its provider.
        if isForeign, report == earlier, !hasMore { lookSoon() }
        return nil
    }

    private func take(_ report: RunReport) async throws -> HeldBuild.End? {
        if run.url == nil, let url = report.runURL {
            var better = run
            better.url = url
            if let end = try await locate(better) { return end }
        }
        if let phase = report.phase { self.phase = phase }
        if let result = report.result { return try await conclude(result) }
        return nil
    }

    /// The run says how it ended. Its provider is asked once more: a failure that it saw counts more than a success that
    /// was told, and it may have the log.
    private func conclude(_ result: RunReport.Result) async throws -> HeldBuild.End? {
        var seen: Observation.Status?
        if case .granted = shop.circuits.permit(circuit, at: shop.clock.now()) {
            let answer = await provider.observe(run, for: order)
            try Task.checkCancellation()
            advance.note(answer, circuit, order, attempt)
            if case .done(let observation) = answer {
                seen = observation.status
                try await carryLog(toEnd: true)
            }
        }
        switch (result, seen) {
        case (_, .failed), (_, .cancelled):
            try await finishLogs()
            guard case (.failed(let message, let kind), .failed) = (result, seen) else { return try await end(seen) }
            return try await fail(Failure(kind: kind, message: message))
        case (.failed(let message, let kind), .waiting), (.failed(let message, let kind), .running):
            let failure = Failure(kind: kind, message: message)
            return log.taken + told.taken > 0 ? try await finish(failure) : waitForLog(of: failure)
        case (.failed(let message, let kind), _):
            return try await finish(Failure(kind: kind, message: message))
        case (.succeeded, _):
            try await finishLogs()
            return try await succeed()
        }
    }

    private func waitForLog(of failure: Failure) -> HeldBuild.End? {
        toldFailure = toldFailure ?? (failure, shop.clock.now() + Self.logPatience)
        lookSoon()
        return nil
    }

    private func finish(_ failure: Failure) async throws -> HeldBuild.End? {
        try await finishLogs()
        return try await fail(failure)
    }

    // MARK: - Looks

    func look() async throws -> HeldBuild.End? {
        if let end = try await tellPhase() { return end }
        if release != nil, let end = try await lookAtRelease() { return end }
        let now = shop.clock.now()
        if let toldFailure, now >= toldFailure.until { return try await finish(toldFailure.failure) }
        guard endedAt == nil, now >= min(nextPoll, deadline) else { return nil }
        lastPoll = now
        if case .refused(let until) = shop.circuits.permit(circuit, at: now) {
            return try await silent(pause: until - now, reason: "it is down")
        }
        let answer = await provider.observe(run, for: order)
        try Task.checkCancellation()
        advance.note(answer, circuit, order, attempt)
        switch answer {
        case .done(let observation): return try await take(observation)
        case .refused(let failure): return try await fail(failure)
        case .refusedUntil(let pause, let reason): return try await silent(pause: pause, reason: reason)
        case .unknown(let reason): return try await silent(pause: plan.interval, reason: reason)
        }
    }

    private func take(_ observation: Observation) async throws -> HeldBuild.End? {
        let now = shop.clock.now()
        answeredAt = now
        let before = log.taken
        if let better = observation.run, better != run, better.attempt == attempt,
            let end = try await locate(better)
        {
            return end
        }
        let isWaiting = observation.status == .waiting
        if !isWaiting { try await carryLog(toEnd: observation.status.isEnd) }
        if report != nil { _ = try await carryTold() }
        if observation.status.isEnd {
            if let toldFailure { return try await finish(toldFailure.failure) }
            try await finishLogs()
            return observation.status == .succeeded ? try await succeed() : try await end(observation.status)
        }
        if now >= deadline {
            // The clean-up that this brings ends the run; ended before, it would look as if someone else had.
            let failure = FailureWords.tooLong(order.recipe.build.limits.time)
            return onward(try await advance.end(order.build, attempt, failure))
        }
        let isNews = log.taken != before || observation.phase != observedPhase
        readPhases(observation)
        // Or it would read as if it still waited for its turn at the provider.
        if !isWaiting, phase == nil { phase = Phase(label: "Building", percent: nil) }
        plan.note(changed: isNews)
        var generator = SystemRandomNumberGenerator()
        nextPoll = now + plan.pause(elapsed: now - startedAt, isWaiting: isWaiting, using: &generator)
        if toldFailure != nil { nextPoll = min(nextPoll, now + Self.logPause) }
        return try await tellPhase()
    }

    private func silent(pause: Duration, reason: String) async throws -> HeldBuild.End? {
        let now = shop.clock.now()
        shop.logger.log(
            level: shop.circuits.isOpen(circuit) ? .debug : .warning, "the provider did not say how a run goes",
            metadata: ["build": "\(order.build.id)", "reason": "\(reason)"])
        let patience = max(order.recipe.build.limits.time, Self.longestSilence)
        if now >= deadline || now - answeredAt >= patience { return try await fail(FailureWords.silent) }
        nextPoll = min(now + max(pause, Self.shortestPause), answeredAt + patience)
        return nil
    }

    // MARK: - Facts

    private func locate(_ better: Run) async throws -> HeldBuild.End? {
        willWrite()
        switch try await advance.record(.runLocated(better), order) {
        case .goOn(let build):
            order.build = build
            run = build.state.run ?? better
            return nil
        case .rest, .hold:
            run = better
            return nil
        case .over:
            return .over
        }
    }

    /// The run ended well; what it publishes may still be on its way.
    private func succeed() async throws -> HeldBuild.End? {
        if release != nil, try await !hasReportedAll() {
            let now = shop.clock.now()
            endedAt = endedAt ?? now
            release?.hasten(at: now)
            return try await lookAtRelease()
        }
        return try await finish()
    }

    private func hasReportedAll() async throws -> Bool {
        guard let files = try await shop.reportFiles?.files(of: attempt) else { return false }
        return order.recipe.artifacts.areMet(by: files.map(\.name))
    }

    func finish() async throws -> HeldBuild.End? {
        try await finishLogs()
        return onward(try await advance.record(.runSucceeded(of: attempt), order))
    }

    func fail(_ failure: Failure) async throws -> HeldBuild.End? {
        willWrite()
        let explained = failure.explained(by: [log.reader, told.reader])
        return onward(try await advance.fail(order, attempt, explained))
    }

    private func end(_ status: Observation.Status?) async throws -> HeldBuild.End? {
        willWrite()
        guard let status else { return nil }
        return try await advance.conclude(order, run, status, [log.reader, told.reader]).map(onward)
    }

    func onward(_ step: BuildAdvance.Step) -> HeldBuild.End {
        switch step {
        case .goOn(let build): .goOn(build, isUnsent: false)
        case .rest(let until): .rest(until: until)
        case .hold(let hold): .goOn(hold.build, isUnsent: false)
        case .over: .over
        }
    }
}
