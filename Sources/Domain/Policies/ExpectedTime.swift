/// Expected times from a recipe's own history.
package struct ExpectedTime: Hashable, Sendable {
    /// Start-to-end times of the newest builds of the recipe that succeeded.
    package var history: [Duration]

    package init(history: [Duration]) {
        self.history = history
    }

    /// What a build usually takes: the median; `nil` without history.
    package var typical: Duration? {
        guard !history.isEmpty else { return nil }
        return history.sorted()[history.count / 2]
    }

    /// How long until a build that still waits has ended.
    /// - Parameters:
    ///   - ahead: builds before it, those under way included.
    ///   - workers: builds under way at once.
    package func untilEnd(ahead: Int, workers: Int) -> Duration? {
        typical.map { $0 * (ahead / max(workers, 1) + 1) }
    }

    /// How long until a build that started `elapsed` ago has ended.
    package func untilEnd(elapsed: Duration) -> Duration? {
        typical.map { max($0 - elapsed, .zero) }
    }
}
