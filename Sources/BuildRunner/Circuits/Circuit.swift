import Domain

/// Whether one provider is worth asking: closed while it answers; open, and asked no more, after it failed several times
/// in a row; then asked once after each pause until it answers again. Knows no clock.
struct Circuit: Hashable, Sendable {
    enum Permit: Hashable, Sendable {
        case granted
        case refused(until: Timestamp)
    }

    /// What a call told about the provider.
    enum Outcome: Hashable, Sendable {
        case answered
        case failed(reason: String)
    }

    private enum State: Hashable, Sendable {
        case closed(failures: Int)
        /// `trials`: how often it was asked in vain since it opened. `isTrying`: one is asking just now.
        case open(trials: Int, retryAt: Timestamp, isTrying: Bool)
    }

    static let failuresToOpen = 5
    private static let firstPause = Duration.seconds(15)
    /// One harmless question a minute costs nobody anything; a build must not wait ten for a CI that is long back.
    private static let longestPause = Duration.seconds(60)
    /// A trial that tells nothing within this time is none.
    private static let trialLimit = Duration.seconds(60)

    private var state = State.closed(failures: 0)
    /// Since when it is as it is.
    private(set) var since: Timestamp
    /// Of the newest failure while it is open.
    private(set) var reason: String?

    init(at now: Timestamp) {
        since = now
    }

    var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    /// When it is asked next; `nil` while it is closed.
    var retryAt: Timestamp? {
        if case .open(_, let retryAt, _) = state { retryAt } else { nil }
    }

    /// Whether a call may be made now. One that is granted while it is open is the trial.
    mutating func permit(at now: Timestamp) -> Permit {
        guard case .open(let trials, let retryAt, _) = state else { return .granted }
        guard now >= retryAt else { return .refused(until: retryAt) }
        state = .open(trials: trials, retryAt: now + Self.trialLimit, isTrying: true)
        return .granted
    }

    /// - Returns: whether it opened or closed by this.
    mutating func note(_ outcome: Outcome, at now: Timestamp) -> Bool {
        switch (state, outcome) {
        case (.closed, .answered):
            state = .closed(failures: 0)
            return false
        case (.open, .answered):
            state = .closed(failures: 0)
            since = now
            reason = nil
            return true
        case (.closed(let failures), .failed(let reason)):
            guard failures + 1 >= Self.failuresToOpen else {
                state = .closed(failures: failures + 1)
                return false
            }
            state = .open(trials: 0, retryAt: now + Self.firstPause, isTrying: false)
            since = now
            self.reason = reason
            return true
        case (.open(let trials, _, let isTrying), .failed(let reason)):
            self.reason = reason
            // Calls that began before it opened say nothing new.
            guard isTrying else { return false }
            let pause = min(Self.firstPause * (1 << min(trials + 1, 10)), Self.longestPause)
            state = .open(trials: trials + 1, retryAt: now + pause, isTrying: false)
            return false
        }
    }
}
