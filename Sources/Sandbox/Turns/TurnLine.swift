/// Who has a turn and who waits for one; `Turns` guards it by a lock.
struct TurnLine {
    enum Entry {
        case open
        case full
        /// The stream gets one element when it is the ticket's turn.
        case wait(ticket: UInt64, calls: AsyncStream<Void>)
    }

    private struct Waiter {
        var ticket: UInt64
        var source: String?
        var call: AsyncStream<Void>.Continuation
    }

    private var free: Int
    private let mostWaiting: Int
    private let mostOfOne: Int
    private var nextTicket: UInt64 = 0
    /// In the order in which they came.
    private var waiters: [Waiter] = []
    /// Turns that are taken, by who has them.
    private var running: [String?: Int] = [:]

    init(free: Int, mostWaiting: Int, mostOfOne: Int) {
        self.free = free
        self.mostWaiting = mostWaiting
        self.mostOfOne = mostOfOne
    }

    var waiting: Int { waiters.count }

    mutating func enter(_ source: String?, isOwed: Bool) -> Entry {
        if free > 0 {
            free -= 1
            running[source, default: 0] += 1
            return .open
        }
        let mayWait = waiters.count < mostWaiting && waiters.count { $0.source == source } < mostOfOne
        guard isOwed || mayWait else { return .full }
        let (calls, call) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        nextTicket += 1
        waiters.append(Waiter(ticket: nextTicket, source: source, call: call))
        return .wait(ticket: nextTicket, calls: calls)
    }

    /// - Returns: whether it still waited; `false`: it was called, and has its turn.
    mutating func giveUp(_ ticket: UInt64) -> Bool {
        guard let place = waiters.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waiters.remove(at: place)
        return true
    }

    /// Ends a turn.
    /// - Returns: how the one that has it now is called.
    mutating func leave(_ source: String?) -> AsyncStream<Void>.Continuation? {
        let left = running[source, default: 0] - 1
        running[source] = left > 0 ? left : nil
        guard let place = next else {
            free += 1
            return nil
        }
        let waiter = waiters.remove(at: place)
        running[waiter.source, default: 0] += 1
        return waiter.call
    }

    /// The first of those who have the fewest running.
    private var next: Int? {
        let counts = waiters.map { running[$0.source, default: 0] }
        return counts.indices.min { counts[$0] < counts[$1] }
    }
}
