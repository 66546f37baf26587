internal import Dispatch
internal import NIOConcurrencyHelpers

/// Runs blocking work on threads of its own, a few pieces at a time; the rest waits in line.
final class BlockingLanes: Sendable {
    private struct State {
        var free: Int
        var waiting: [@Sendable () -> Void] = []
    }

    private let state: NIOLockedValueBox<State>
    private let queue = DispatchQueue(label: "kiln.archives", attributes: .concurrent)

    init(count: Int) { state = NIOLockedValueBox(State(free: max(1, count))) }

    /// Runs `work` off the cooperative pool. When the task is cancelled, the flag that `work` was given rises; `work`
    /// looks at it between blocks.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable (CancellationFlag) throws(ArchiveError) -> Value
    ) async throws(ArchiveError) -> Value {
        let flag = CancellationFlag()
        let outcome: Result<Value, ArchiveError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue {
                    let outcome = Result { () throws(ArchiveError) in
                        try flag.check()
                        return try work(flag)
                    }
                    continuation.resume(returning: outcome)
                }
            }
        } onCancel: {
            flag.raise()
        }
        return try outcome.get()
    }

    private func enqueue(_ piece: @escaping @Sendable () -> Void) {
        let mayStart = state.withLockedValue { state in
            guard state.free > 0 else {
                state.waiting.append(piece)
                return false
            }
            state.free -= 1
            return true
        }
        if mayStart { start(piece) }
    }

    private func start(_ piece: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            piece()
            let next = state.withLockedValue { state -> (@Sendable () -> Void)? in
                guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
                state.free += 1
                return nil
            }
            if let next { start(next) }
        }
    }
}

/// Rises once, when the task that waits for the work is cancelled.
final class CancellationFlag: Sendable {
    private let isRaised = NIOLockedValueBox(false)

    func raise() { isRaised.withLockedValue { $0 = true } }

    func check() throws(ArchiveError) {
        if isRaised.withLockedValue({ $0 }) { throw .cancelled }
    }
}
