import Domain
import NIOConcurrencyHelpers

/// Wakes one waiting task. A signal that is raised while nobody waits is kept (one, however often it is raised).
final class WakeSignal: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = NIOLockedValueBox(State())

    func raise() {
        let waiter = state.withLockedValue { state in
            let waiter = state.waiter
            state.waiter = nil
            if waiter == nil { state.isRaised = true }
            return waiter
        }
        waiter?.resume()
    }

    /// Returns when the signal is raised, or its task cancelled.
    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLockedValue { state in
                    if state.isRaised || Task.isCancelled {
                        state.isRaised = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLockedValue { state in
                let waiter = state.waiter
                state.waiter = nil
                return waiter
            }
            waiter?.resume()
        }
    }

    /// Returns when the signal is raised, at `deadline`, or when its task is cancelled.
    func wait(until deadline: Timestamp?, by clock: any WallClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            if let deadline {
                // Cancellation is the only thing that it throws.
                group.addTask { try? await clock.sleep(until: deadline) }
            }
            await group.next()
            group.cancelAll()
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
