internal import Dispatch
internal import NIOConcurrencyHelpers

/// Lets a few pictures be worked on at a time, because each may need a gigabyte; the others wait in line.
final class PictureLanes: Sendable {
    private struct State {
        var free: Int
        var nextTicket = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var gone: Set<Int> = []
    }

    private let state: NIOLockedValueBox<State>
    private let queue = DispatchQueue(label: "kiln.pictures", attributes: .concurrent)

    init(count: Int) { state = NIOLockedValueBox(State(free: max(1, count))) }

    /// Runs `work` when it is its turn; throws `cancelled` if the task is cancelled while it waits.
    func run<Value: Sendable>(
        _ work: () async throws(PictureError) -> Value
    ) async throws(PictureError) -> Value {
        guard await enter() else { throw .cancelled }
        defer { leave() }
        return try await work()
    }

    /// Runs blocking work on a thread of its own.
    func block<Value: Sendable>(
        _ work: @escaping @Sendable () throws(PictureError) -> Value
    ) async throws(PictureError) -> Value {
        let outcome: Result<Value, PictureError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result { () throws(PictureError) in try work() }) }
        }
        return try outcome.get()
    }

    private func enter() async -> Bool {
        let ticket = state.withLockedValue { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        // A cancellation that came just after the turn left its mark.
        defer { state.withLockedValue { _ = $0.gone.remove(ticket) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLockedValue { state -> Bool? in
                    if state.gone.remove(ticket) != nil { return false }
                    guard state.free > 0 else {
                        state.waiting.append((ticket, continuation))
                        return nil
                    }
                    state.free -= 1
                    return true
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            giveUp(ticket)
        }
    }

    /// Takes a ticket out of the line. One that is not in it either waits for no turn any more, or is about to ask.
    private func giveUp(_ ticket: Int) {
        let waiting = state.withLockedValue { state -> CheckedContinuation<Bool, Never>? in
            guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                state.gone.insert(ticket)
                return nil
            }
            return state.waiting.remove(at: place).continuation
        }
        waiting?.resume(returning: false)
    }

    private func leave() {
        let next = state.withLockedValue { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }
}
