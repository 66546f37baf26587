import Domain

/// When a run is looked at next: often when something happens or its end is near, seldom when it waits or nothing
/// changes. Knows no clock.
struct PollPlan: Hashable, Sendable {
    private static let longest = Duration.seconds(60)
    private static let shortest = Duration.seconds(1)
    /// Times the interval, at most, where nothing changes.
    private static let mostPatience = 4.0
    /// Share of the interval by which looks are spread.
    private static let spread = 0.1

    /// As often as is good for the provider, or as the recipe says.
    var interval: Duration
    /// What builds of the recipe usually take; `nil`: not known.
    var expected: Duration?
    private(set) var unchanged = 0

    init(interval: Duration, expected: Duration?) {
        self.interval = interval
        self.expected = expected
    }

    /// A look saw something new, or nothing.
    mutating func note(changed: Bool) {
        unchanged = changed ? 0 : min(unchanged + 1, 1000)
    }

    /// - Parameters:
    ///   - elapsed: since the run was started.
    ///   - isWaiting: the provider has not begun with it.
    func pause(
        elapsed: Duration, isWaiting: Bool, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        var factor = min(1 + Double(unchanged) / 5, Self.mostPatience)
        if let expected, expected > .zero, !isWaiting {
            let left = expected - elapsed
            if abs(left.seconds) <= expected.seconds * 0.15 {
                factor = 0.5
            } else if left > .zero {
                // Nor so late that the time before the end is missed.
                factor = min(factor, max(1, left.seconds * 0.85 / max(interval.seconds, 0.001)))
            }
        }
        factor *= 1 + Double.random(in: -Self.spread...Self.spread, using: &generator)
        return min(max(interval * factor, Self.shortest), Self.longest)
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(wholeMilliseconds) / 1000 }
}
