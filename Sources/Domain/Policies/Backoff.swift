/// Pauses between tries: they double from `first` to `cap`, each shortened at random by up to `jitter` so that what
/// failed together is not tried together.
package struct Backoff: Hashable, Sendable {
    package var first: Duration
    package var cap: Duration
    /// 0...1
    package var jitter: Double

    package init(first: Duration, cap: Duration, jitter: Double = 0.3) {
        self.first = first
        self.cap = cap
        self.jitter = jitter
    }

    /// The pause after `failures` failures in a row (at least 1).
    package func pause(after failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        let whole = min(first.wholeMilliseconds << Int64(doublings), cap.wholeMilliseconds)
        let share = 1 - Double.random(in: 0...1, using: &generator) * jitter
        return .milliseconds(Int64(Double(whole) * share))
    }

    /// Between attempts of a build that infrastructure faults cost.
    package static let attempts = Backoff(first: .seconds(2), cap: .seconds(300))
    /// Between deliveries of a mail.
    package static let deliveries = Backoff(first: .seconds(30), cap: .seconds(4 * 3600))
}
