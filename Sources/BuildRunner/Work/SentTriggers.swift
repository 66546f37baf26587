import Domain
import NIOConcurrencyHelpers

/// When triggers were sent that have no clear answer yet: a CI may begin the run long after the connection was given up,
/// so that "there is none" is only believed after a while (P3). What an earlier process sent is not known: it counts as
/// sent when this one began.
final class SentTriggers: Sendable {
    private let sent = NIOLockedValueBox<[String: Timestamp]>([:])
    private let startedAt: Timestamp

    init(startedAt: Timestamp) {
        self.startedAt = startedAt
    }

    func note(_ attempt: Attempt, at now: Timestamp) {
        sent.withLockedValue { $0[attempt.key] = now }
    }

    /// It has a run, or will never have one.
    func forget(_ attempt: Attempt) {
        sent.withLockedValue { $0[attempt.key] = nil }
    }

    func time(of attempt: Attempt) -> Timestamp {
        sent.withLockedValue { $0[attempt.key] } ?? startedAt
    }
}
