import BuildRunner
import Domain
import Logging

/// What `/health-check` says of one remote provider: whether its circuit is open, and what its own check found. The check
/// asks the CI, whose patience is limited: its findings are good for a minute.
actor ProviderHealth {
    private static let age = Duration.seconds(60)

    private let provider: any BuildProvider
    private let recipes: [Recipe]
    private let states: @Sendable () -> [ProviderState]
    private let clock: any WallClock
    private let logger: Logger
    private var known: (findings: [ProviderFinding], at: Timestamp)?

    /// - Parameter recipes: those that are offered and built there.
    init(
        _ provider: any BuildProvider, recipes: [Recipe], states: @escaping @Sendable () -> [ProviderState],
        clock: any WallClock, logger: Logger
    ) {
        self.provider = provider
        self.recipes = recipes
        self.states = states
        self.clock = clock
        self.logger = logger
    }

    nonisolated var check: HealthCheck {
        HealthCheck(name: "provider \(provider.name)") { await self.verdict() }
    }

    private func verdict() async -> HealthCheck.Verdict {
        let open = states().filter { $0.name == provider.name && $0.isOpen }
        if let state = open.first {
            return .init(passed: false, output: "is down since \(state.since): its builds wait, or go to the next one")
        }
        let faults = await findings().filter { !$0.passed }
        return .init(
            passed: faults.isEmpty,
            output: faults.isEmpty ? "answers" : faults.map { "\($0.subject): \($0.message)" }.joined(separator: "; "))
    }

    private func findings() async -> [ProviderFinding] {
        let now = clock.now()
        if let known, now - known.at < Self.age { return known.findings }
        let findings = await provider.check(recipes)
        for fault in findings where !fault.passed {
            logger.warning(
                "A provider failed its check",
                metadata: [
                    "provider": "\(provider.name)", "subject": "\(fault.subject)", "finding": "\(fault.message)",
                    "mend": "\(fault.mend ?? "kiln doctor")",
                ])
        }
        // An answer that was broken off says nothing.
        if !Task.isCancelled { known = (findings, now) }
        return findings
    }
}
