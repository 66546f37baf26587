internal import Dispatch
internal import NIOConcurrencyHelpers

/// Lets a few pictures be worked on at a time, because each may need a gigabyte; some others wait in line for
/// some time, so that the wait has an end (P6).
final class PictureLanes: Sendable {
    private enum Turn {
        case mine, givenUp, lineIsFull
    }

    private struct State {
        var free: Int
        var nextTicket = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Turn, Never>)] = []
        var gone: Set<Int> = []
    }

    private let state: NIOLockedValueBox<State>
    private let mostWaiting: Int
    private let longestWait: Duration
    private let queue = DispatchQueue(label: "kiln.pictures", attributes: .concurrent)

    init(count: Int, mostWaiting: Int, longestWait: Duration = .seconds(30)) {
        self.longestWait = longestWait
        state = NIOLockedValueBox(State(free: max(1, count)))
        self.mostWaiting = mostWaiting
    }

    /// How many wait now.
    var waiting: Int { state.withLockedValue(\.waiting.count) }

    /// Runs `work` when it is its turn; throws `cancelled` if the task is cancelled while it waits, and `busy` if
    /// the line is full or its turn does not come in time.
    func run<Value: Sendable>(
        _ work: () async throws(PictureError) -> Value
    ) async throws(PictureError) -> Value {
        switch await enter() {
        case .mine: break
        case .givenUp: throw .cancelled
        case .lineIsFull: throw .busy
        }
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

    private func enter() async -> Turn {
        let ticket = state.withLockedValue { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        // A cancellation that came just after the turn left its mark.
        defer { state.withLockedValue { _ = $0.gone.remove(ticket) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLockedValue { state -> Turn? in
                    if state.gone.remove(ticket) != nil { return .givenUp }
                    guard state.free > 0 else {
                        guard state.waiting.count < mostWaiting else { return .lineIsFull }
                        state.waiting.append((ticket, continuation))
                        return nil
                    }
                    state.free -= 1
                    return .mine
                }
                if let answer { return continuation.resume(returning: answer) }
                let seconds = Double(longestWait.components.seconds) + Double(longestWait.components.attoseconds) / 1e18
                queue.asyncAfter(deadline: .now() + seconds) { self.timeIsUp(ticket) }
            }
        } onCancel: {
            giveUp(ticket)
        }
    }

    /// Takes a ticket out of the line. One that is not in it either waits for no turn any more, or is about to ask.
    private func giveUp(_ ticket: Int) {
        let waiting = state.withLockedValue { state -> CheckedContinuation<Turn, Never>? in
            guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                state.gone.insert(ticket)
                return nil
            }
            return state.waiting.remove(at: place).continuation
        }
        waiting?.resume(returning: .givenUp)
    }

    private func timeIsUp(_ ticket: Int) {
        let waiting = state.withLockedValue { state -> CheckedContinuation<Turn, Never>? in
            guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.waiting.remove(at: place).continuation
        }
        waiting?.resume(returning: .lineIsFull)
    }

    private func leave() {
        let next = state.withLockedValue { state -> CheckedContinuation<Turn, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.free += 1
            return nil
        }
        next?.resume(returning: .mine)
    }
}
