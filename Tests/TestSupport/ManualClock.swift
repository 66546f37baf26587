package import Domain
import NIOConcurrencyHelpers

/// A clock that stands still until a test turns it.
package final class ManualClock: WallClock {
    private struct State {
        var now: Timestamp
        var sleepers: [UInt64: (deadline: Timestamp, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<UInt64> = []
        var nextSleeper: UInt64 = 0
    }

    private let state: NIOLockedValueBox<State>

    package init(_ now: Timestamp = Timestamp(milliseconds: 1_795_000_000_000)) {
        state = NIOLockedValueBox(State(now: now))
    }

    package func now() -> Timestamp {
        state.withLockedValue { $0.now }
    }

    /// Until when somebody sleeps.
    package var deadlines: [Timestamp] {
        state.withLockedValue { $0.sleepers.values.map(\.deadline) }
    }

    /// Turns the clock on and wakes who sleeps until then.
    package func advance(by span: Duration) {
        let due = state.withLockedValue { state in
            state.now = state.now + span
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    package func sleep(until deadline: Timestamp) async throws {
        let sleeper = state.withLockedValue { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLockedValue { state in
                    if state.cancelled.remove(sleeper) != nil { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers[sleeper] = (deadline, continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let continuation = state.withLockedValue { state in
                if let found = state.sleepers.removeValue(forKey: sleeper) {
                    return found.continuation as CheckedContinuation?
                }
                state.cancelled.insert(sleeper)
                return nil
            }
            continuation?.resume(throwing: CancellationError())
        }
    }
}
