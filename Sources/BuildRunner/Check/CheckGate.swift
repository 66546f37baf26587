import Domain
import NIOConcurrencyHelpers

/// Lets a few checks run at a time; some others wait in line, and not for ever (P6).
final class CheckGate: Sendable {
    private struct State {
        var free: Int
        var nextTicket: UInt64 = 0
        var line: [(ticket: UInt64, call: AsyncStream<Void>.Continuation)] = []
    }

    private let state: NIOLockedValueBox<State>
    private let mostWaiting: Int
    private let longestWait: Duration
    private let clock: any WallClock

    init(atOnce: Int, mostWaiting: Int, longestWait: Duration, clock: any WallClock) {
        state = NIOLockedValueBox(State(free: max(1, atOnce)))
        self.mostWaiting = mostWaiting
        self.longestWait = longestWait
        self.clock = clock
    }

    /// How many wait now.
    var waiting: Int { state.withLockedValue(\.line.count) }

    /// Runs `work` when it is its turn.
    /// - Throws: `.busy` if the line is full or the turn does not come in time; `.stopped` if the task is cancelled.
    func pass<Value: Sendable>(
        _ work: () async throws(CheckFault) -> Value
    ) async throws(CheckFault) -> Value {
        try await enter()
        defer { leave() }
        guard !Task.isCancelled else { throw .stopped }
        return try await work()
    }

    private enum Entry {
        case open
        case full
        case line(ticket: UInt64, calls: AsyncStream<Void>)
    }

    private func enter() async throws(CheckFault) {
        let entry = state.withLockedValue { state -> Entry in
            if state.free > 0 {
                state.free -= 1
                return .open
            }
            guard state.line.count < mostWaiting else { return .full }
            let (calls, call) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            state.nextTicket += 1
            state.line.append((state.nextTicket, call))
            return .line(ticket: state.nextTicket, calls: calls)
        }
        switch entry {
        case .open: return
        case .full: throw .busy
        case .line(let ticket, let calls):
            await waitForCall(calls)
            // Who is no longer in the line was called, however late it hears of it.
            let wasCalled = state.withLockedValue { state -> Bool in
                guard let place = state.line.firstIndex(where: { $0.ticket == ticket }) else { return true }
                state.line.remove(at: place)
                return false
            }
            guard wasCalled else { throw Task.isCancelled ? .stopped : .busy }
        }
    }

    /// Returns at the call, at the end of patience, or when the task is cancelled.
    private func waitForCall(_ calls: AsyncStream<Void>) async {
        let deadline = clock.now() + longestWait
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in calls { return } }
            // It throws only when it is cancelled, and then the wait is over too.
            group.addTask { try? await self.clock.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    private func leave() {
        let next = state.withLockedValue { state -> AsyncStream<Void>.Continuation? in
            guard state.line.isEmpty else { return state.line.removeFirst().call }
            state.free += 1
            return nil
        }
        next?.yield()
    }
}
