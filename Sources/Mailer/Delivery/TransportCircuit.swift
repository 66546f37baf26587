import Domain

/// Whether a transport is worth a mail's try. It is down after several failures of its own in a row, or when it said for
/// how long it wants nothing; then it is looked at after each pause, and where that goes well one mail goes ahead of the
/// others. Knows no clock.
struct TransportCircuit: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// Failures in a row.
        case up(failures: Int)
        case down(retryAt: Timestamp)
        /// It looks well again. `isBusy`: the one mail is under way.
        case trying(isBusy: Bool)
    }

    static let failuresToGoDown = 3
    static let firstPause = Duration.seconds(5)
    static let longestPause = Duration.seconds(300)
    /// What a transport may ask for by itself.
    static let longestRest = Duration.seconds(4 * 3600)

    private var state = State.up(failures: 0)
    /// How often it was tried in vain since it went down.
    private var trials = 0
    /// Since when it is up or down.
    private(set) var since: Timestamp
    /// The newest failure's words, until it is up again.
    private(set) var reason: String?

    init(at now: Timestamp) {
        since = now
    }

    var isDown: Bool {
        if case .down = state { true } else { false }
    }

    /// When it is to be looked at; `nil` unless it is down.
    var retryAt: Timestamp? {
        if case .down(let retryAt) = state { retryAt } else { nil }
    }

    /// How many mails may begin now; `nil`: as many as want to.
    var places: Int? {
        switch state {
        case .up: nil
        case .down, .trying(isBusy: true): 0
        case .trying(isBusy: false): 1
        }
    }

    /// Takes a place for a mail.
    /// - Returns: `false` if there is none.
    mutating func begin() -> Bool {
        switch state {
        case .up: return true
        case .down, .trying(isBusy: true): return false
        case .trying(isBusy: false):
            state = .trying(isBusy: true)
            return true
        }
    }

    /// A mail's try told nothing about the transport.
    mutating func ended() {
        if case .trying = state { state = .trying(isBusy: false) }
    }

    /// It answered as a working transport does, whatever it said of the mail.
    mutating func answered(at now: Timestamp) {
        if case .up = state {} else { since = now }
        state = .up(failures: 0)
        trials = 0
        reason = nil
    }

    /// It failed by itself.
    /// - Parameter after: how long it wants nothing, where it said so.
    mutating func failed(_ words: String, after: Duration?, at now: Timestamp) {
        reason = words
        switch state {
        case .up(let failures) where after == nil && failures + 1 < Self.failuresToGoDown:
            state = .up(failures: failures + 1)
        case .up:
            since = now
            state = .down(retryAt: now + (after.map(Self.rest) ?? Self.firstPause))
        case .down(let retryAt):
            // Mails that began before it went down say nothing new, unless it wants a longer rest.
            if let after { state = .down(retryAt: max(retryAt, now + Self.rest(after))) }
        case .trying:
            fallBack(after: after, at: now)
        }
    }

    /// It was looked at after its pause.
    /// - Parameter problem: `nil`: it looks well.
    mutating func looked(_ problem: String?, at now: Timestamp) {
        guard case .down = state else { return }
        guard let problem else {
            state = .trying(isBusy: false)
            return
        }
        reason = problem
        fallBack(after: nil, at: now)
    }

    private mutating func fallBack(after: Duration?, at now: Timestamp) {
        trials += 1
        let pause = min(Self.firstPause * (1 << min(trials, 10)), Self.longestPause)
        state = .down(retryAt: now + (after.map(Self.rest) ?? pause))
    }

    private static func rest(_ asked: Duration) -> Duration {
        min(max(asked, .seconds(1)), longestRest)
    }
}
