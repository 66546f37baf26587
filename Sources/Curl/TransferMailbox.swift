import CCurl
import Foundation
import NIOConcurrencyHelpers

/// The way to the loop's thread: commands are posted from anywhere and taken by the loop alone.
final class TransferMailbox: Sendable {
    enum Command: Sendable {
        case start(TransferOrder, TransferContinuation)
        case cancel(ObjectIdentifier)
    }

    private enum Phase {
        case idle
        case running
        case ending
        case ended
    }

    private struct State {
        var phase = Phase.idle
        var commands: [Command] = []
        var multi: MultiReference?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = NIOLockedValueBox(State())
    private let settings: TransferSettings

    init(_ settings: TransferSettings) {
        self.settings = settings
    }

    /// Starts the thread if this is the first command. `false` after the end: nobody will take it.
    func post(_ command: Command) -> Bool {
        let (isTaken, isFirst) = state.withLockedValue { state in
            switch state.phase {
            case .ending, .ended: return (false, false)
            case .idle, .running: break
            }
            // A command that still lies there has woken the loop already.
            if state.commands.isEmpty { state.multi?.wake() }
            state.commands.append(command)
            defer { state.phase = .running }
            return (true, state.phase == .idle)
        }
        if isFirst { startThread() }
        return isTaken
    }

    /// What was posted since the last time; `nil` once it is to end.
    func take(into commands: inout [Command]) -> Bool {
        state.withLockedValue { state in
            swap(&commands, &state.commands)
            return state.phase == .running
        }
    }

    /// The loop can be woken by this handle until `closed`.
    func opened(_ multi: MultiReference) {
        state.withLockedValue { $0.multi = multi }
    }

    /// Nothing more is taken; what was posted and not taken is given back. To be called before the handle is gone.
    func closed() -> [Command] {
        state.withLockedValue { state in
            state.phase = .ending
            state.multi = nil
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// The last that the thread does.
    func finished() {
        let waiters = state.withLockedValue { state in
            state.phase = .ended
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func end() {
        state.withLockedValue { state in
            switch state.phase {
            case .idle: state.phase = .ended
            case .running:
                state.phase = .ending
                state.multi?.wake()
            case .ending, .ended: break
            }
        }
    }

    /// Returns when the thread has ended, after `end`.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLockedValue { state in
                if state.phase != .ended { state.waiters.append(continuation) }
                return state.phase == .ended
            }
            if isOver { continuation.resume() }
        }
    }

    private func startThread() {
        let settings = settings
        let thread = Thread { [self] in
            TransferThread.prepare()
            var loop = TransferLoop(settings)
            if let loop {
                opened(loop.reference)
                loop.run(self)
            }
            let left = closed()
            loop = nil
            for case .start(_, let continuation) in left { continuation.resume(returning: .failure(.stopped)) }
            finished()
        }
        thread.name = "kiln.curl"
        thread.start()
    }
}

/// A multi handle of the loop's, for the one call that any thread may make.
@safe struct MultiReference: @unchecked Sendable {  // curl_multi_wakeup is thread-safe (its manual page says so)
    private let multi: UnsafeMutableRawPointer

    init(_ multi: UnsafeMutableRawPointer) {
        unsafe self.multi = unsafe multi
    }

    /// Ends the loop's present wait, or its next. Not after the handle is gone: see `TransferMailbox.closed`.
    func wake() {
        unsafe _ = curl_multi_wakeup(multi)
    }
}
