import Foundation
import NIOConcurrencyHelpers

/// A sender's lanes and what waits for them. A lane's thread begins when there is more to send than lanes that wait, and
/// ends when there was nothing for some time.
final class SMTPLanes: Sendable {
    /// Where a lane waits. The one that came last is called first, so that the others' connections can end.
    private final class Seat: Sendable {
        let call = DispatchSemaphore(value: 0)
        let order = NIOLockedValueBox<SMTPOrder?>(nil)
    }

    private struct State {
        var isEnded = false
        var count = 0
        var seats: [Seat] = []
        var waiting: [SMTPOrder] = []
        var running: [ObjectIdentifier: SMTPOrder] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = NIOLockedValueBox(State())
    private let settings: SMTPSettings

    init(_ settings: SMTPSettings) {
        self.settings = settings
    }

    func submit(_ order: SMTPOrder) {
        let (isTaken, needsLane) = state.withLockedValue { state in
            guard !state.isEnded else { return (false, false) }
            if let seat = state.seats.popLast() {
                seat.order.withLockedValue { $0 = order }
                seat.call.signal()
                return (true, false)
            }
            state.waiting.append(order)
            guard state.count < settings.connections else { return (true, false) }
            state.count += 1
            return (true, true)
        }
        if !isTaken { order.finish(.stopped) }
        if needsLane { startLane() }
    }

    /// Ends what waits; what is on its way ends at once unless its end has been sent.
    func end() {
        let (waiting, running) = state.withLockedValue { state in
            state.isEnded = true
            for seat in state.seats { seat.call.signal() }
            state.seats = []
            defer { state.waiting = [] }
            return (state.waiting, Array(state.running.values))
        }
        for order in waiting { order.finish(.stopped) }
        for order in running { order.cancel() }
    }

    /// Returns when the last lane has ended, after `end`.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLockedValue { state in
                if state.count > 0 { state.waiters.append(continuation) }
                return state.count == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private func startLane() {
        let thread = Thread { [self] in
            TransferThread.prepare()
            let seat = Seat()
            repeat {
                let lane = SMTPLane(settings)
                while let order = next(seat) {
                    run(order, lane)
                }
                lane?.close()
            } while !leave()
        }
        thread.name = "kiln.smtp"
        thread.start()
    }

    private func run(_ order: SMTPOrder, _ lane: SMTPLane?) {
        let isWanted = state.withLockedValue { state in
            guard !state.isEnded else { return false }
            state.running[ObjectIdentifier(order)] = order
            return true
        }
        defer { state.withLockedValue { state in _ = state.running.removeValue(forKey: ObjectIdentifier(order)) } }
        guard isWanted, let lane else {
            order.finish(.stopped)
            return
        }
        guard order.begin(lane.socket) else { return }
        order.finish(lane.send(order))
    }

    /// Waits for the next order; `nil`: the lane's connection is to be closed.
    private func next(_ seat: Seat) -> SMTPOrder? {
        let (order, waits) = state.withLockedValue { state -> (SMTPOrder?, Bool) in
            guard !state.isEnded else { return (nil, false) }
            guard state.waiting.isEmpty else { return (state.waiting.removeFirst(), false) }
            state.seats.append(seat)
            return (nil, true)
        }
        guard waits else { return order }
        if seat.call.wait(timeout: .now() + settings.limits.idle.timeInterval) == .timedOut {
            let isLeft = state.withLockedValue { state in
                guard let place = state.seats.firstIndex(where: { $0 === seat }) else { return false }
                state.seats.remove(at: place)
                return true
            }
            // Called at the last moment: the call lies there.
            if !isLeft { seat.call.wait() }
        }
        return seat.order.withLockedValue { order in
            defer { order = nil }
            return order
        }
    }

    /// `false`: while the lane closed its connection, more came, for which no other lane could be made.
    private func leave() -> Bool {
        let (isOver, waiters) = state.withLockedValue { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            guard state.waiting.isEmpty || state.isEnded else { return (false, []) }
            state.count -= 1
            guard state.count == 0 else { return (true, []) }
            defer { state.waiters = [] }
            return (true, state.waiters)
        }
        for waiter in waiters { waiter.resume() }
        return isOver
    }
}

extension Duration {
    var timeInterval: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
