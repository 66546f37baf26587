import Domain
import NIOConcurrencyHelpers

/// Wakes one waiting task. A signal that is raised while nobody waits is kept (one, however often it is raised).
final class WakeSignal: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Bool, Never>?
    }

    private let state = NIOLockedValueBox(State())

    func raise() {
        let waiter = state.withLockedValue { state in
            let waiter = state.waiter
            state.waiter = nil
            if waiter == nil { state.isRaised = true }
            return waiter
        }
        waiter?.resume(returning: true)
    }

    /// Takes a kept signal away.
    /// - Returns: whether there was one.
    @discardableResult
    func clear() -> Bool {
        state.withLockedValue { state in
            defer { state.isRaised = false }
            return state.isRaised
        }
    }

    /// Returns when the signal is raised (`true`), or its task cancelled.
    private func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: Bool? = state.withLockedValue { state in
                    if state.isRaised {
                        state.isRaised = false
                        return true
                    }
                    if Task.isCancelled { return false }
                    state.waiter = continuation
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiter = state.withLockedValue { state in
                let waiter = state.waiter
                state.waiter = nil
                return waiter
            }
            waiter?.resume(returning: false)
        }
    }

    /// Returns when the signal is raised, at `deadline`, or when its task is cancelled.
    /// - Returns: whether the signal was raised.
    @discardableResult
    func wait(until deadline: Timestamp?, by clock: any WallClock) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.wait() }
            if let deadline {
                group.addTask {
                    // Cancellation is the only thing that it throws.
                    try? await clock.sleep(until: deadline)
                    return false
                }
            }
            var isRaised = false
            for await wasRaised in group {
                isRaised = isRaised || wasRaised
                group.cancelAll()
            }
            return isRaised
        }
    }

    /// Raises the signal for each value of a stream, for as long as `body` goes on.
    func raised<Value: Sendable, Failure: Error>(
        by hints: AsyncStream<Void>, while body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in hints { self.raise() } }
            let result: Result<Value, Failure>
            do throws(Failure) {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            return result
        }.get()
    }
}
