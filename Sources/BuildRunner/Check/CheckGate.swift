import Domain
import NIOConcurrencyHelpers

/// Lets a few checks run at a time; some others wait in line, and not for ever (P6).
///
/// Whose turn it is goes by who has the fewest checks running, then by who came first: somebody who sends many delays
/// others by one check, and takes no more than a part of the line.
final class CheckGate: Sendable {
    private struct Waiter {
        var ticket: UInt64
        var source: String?
        var call: AsyncStream<Void>.Continuation
    }

    private struct State {
        var free: Int
        var nextTicket: UInt64 = 0
        var line: [Waiter] = []
        /// Checks that run now, by who wants them.
        var running: [String?: Int] = [:]

        mutating func begin(_ source: String?) {
            running[source, default: 0] += 1
        }

        mutating func end(_ source: String?) {
            let left = running[source, default: 0] - 1
            running[source] = left > 0 ? left : nil
        }

        /// Takes out of the line whose turn it is.
        mutating func next() -> Waiter? {
            // The first of those that are equal: the line is in the order in which they came.
            let running = running
            let counts = line.map { running[$0.source, default: 0] }
            guard let place = counts.indices.min(by: { counts[$0] < counts[$1] }) else { return nil }
            return line.remove(at: place)
        }

        func waiting(for source: String) -> Int {
            line.count { $0.source == source }
        }
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

    /// How many of one source may wait.
    private var mostWaitingOfOne: Int { max(1, mostWaiting / 4) }

    /// Runs `work` when it is its turn.
    ///
    /// - Parameter source: who wants it; `nil`: Kiln itself, for a build that was accepted. As there are few of those at a
    ///   time, they always find a place in the line.
    /// - Throws: `.busy` if the line is full or the turn does not come in time; `.stopped` if the task is cancelled.
    func pass<Value: Sendable>(
        for source: String?, _ work: () async throws(CheckFault) -> Value
    ) async throws(CheckFault) -> Value {
        try await enter(source)
        defer { leave(source) }
        guard !Task.isCancelled else { throw .stopped }
        return try await work()
    }

    private enum Entry {
        case open
        case full
        case line(ticket: UInt64, calls: AsyncStream<Void>)
    }

    private func enter(_ source: String?) async throws(CheckFault) {
        let entry = state.withLockedValue { state -> Entry in
            if state.free > 0 {
                state.free -= 1
                state.begin(source)
                return .open
            }
            if let source {
                guard state.line.count < mostWaiting, state.waiting(for: source) < mostWaitingOfOne else {
                    return .full
                }
            }
            let (calls, call) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            state.nextTicket += 1
            state.line.append(Waiter(ticket: state.nextTicket, source: source, call: call))
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

    private func leave(_ source: String?) {
        let next = state.withLockedValue { state -> AsyncStream<Void>.Continuation? in
            state.end(source)
            guard let next = state.next() else {
                state.free += 1
                return nil
            }
            state.begin(next.source)
            return next.call
        }
        next?.yield()
    }
}
