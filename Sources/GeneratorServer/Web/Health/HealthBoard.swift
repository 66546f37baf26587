import Domain

/// The results of the health checks; each is run at most once in `age`, however often it is asked for, so that asking
/// costs the machine nothing.
actor HealthBoard {
    struct Result: Hashable, Sendable {
        var checker: String
        var verdict: HealthCheck.Verdict
        var at: Timestamp
        var expiresAt: Timestamp
    }

    private let checks: [HealthCheck]
    private let clock: any WallClock
    private let age: Duration
    /// A check that has not answered by then has failed.
    private let patience: Duration
    private var results: [Result] = []
    private var waiting: [CheckedContinuation<[Result], Never>] = []
    private var isRunning = false

    init(checks: [HealthCheck], clock: any WallClock, age: Duration, patience: Duration = .seconds(5)) {
        self.checks = checks
        self.clock = clock
        self.age = age
        self.patience = patience
    }

    /// All results, none older than `age`.
    func current() async -> [Result] {
        let now = clock.now()
        if !results.isEmpty || checks.isEmpty, results.allSatisfy({ $0.expiresAt > now }) { return results }
        if isRunning { return await withCheckedContinuation { waiting.append($0) } }
        isRunning = true
        let fresh = await run(at: now)
        results = fresh
        isRunning = false
        for continuation in waiting { continuation.resume(returning: fresh) }
        waiting = []
        return fresh
    }

    private func run(at now: Timestamp) async -> [Result] {
        let (age, clock, patience) = (age, clock, patience)
        return await withTaskGroup(of: (Int, Result).self) { group in
            for (place, check) in checks.enumerated() {
                group.addTask {
                    let verdict = await Self.verdict(of: check, within: patience, clock)
                    let at = clock.now()
                    return (place, Result(checker: check.name, verdict: verdict, at: at, expiresAt: at + age))
                }
            }
            var results: [(Int, Result)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func verdict(
        of check: HealthCheck, within patience: Duration, _ clock: any WallClock
    ) async -> HealthCheck.Verdict {
        await withTaskGroup(of: HealthCheck.Verdict?.self) { group in
            group.addTask { await check.check() }
            group.addTask {
                // Ends by cancellation when the check was quicker.
                try? await clock.sleep(until: clock.now() + patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
                ?? HealthCheck.Verdict(passed: false, output: "no answer within \(Quantity.span(patience))")
        }
    }
}
