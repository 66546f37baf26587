import NIOConcurrencyHelpers

/// One message as its caller holds it: waiting for a lane, on its way, or answered; cancelled at any time.
final class SMTPOrder: Sendable {
    typealias Continuation = CheckedContinuation<SMTPReport, Never>

    private enum Phase {
        case fresh
        case waiting(Continuation)
        case running(Continuation, SMTPSocket)
        /// Its end has been sent: only the server knows what becomes of it.
        case sent(Continuation)
        case over
    }

    private struct State {
        var phase = Phase.fresh
        var isCancelled = false
    }

    let message: SMTPMessage
    let goal: SMTPConversation.Goal
    /// The conversation itself is wanted, not only what came of it.
    let keepsLines: Bool
    private let state = NIOLockedValueBox(State())

    init(_ message: SMTPMessage, goal: SMTPConversation.Goal = .deliver, keepsLines: Bool = false) {
        self.message = message
        self.goal = goal
        self.keepsLines = keepsLines
    }

    /// `false`: it is cancelled already, and answered.
    func wait(_ continuation: Continuation) -> Bool {
        let isWanted = state.withLockedValue { state in
            state.phase = state.isCancelled ? .over : .waiting(continuation)
            return !state.isCancelled
        }
        if !isWanted { continuation.resume(returning: .stopped) }
        return isWanted
    }

    /// `false`: nobody waits for it any more.
    func begin(_ socket: SMTPSocket) -> Bool {
        state.withLockedValue { state in
            guard case .waiting(let continuation) = state.phase else { return false }
            state.phase = .running(continuation, socket)
            return true
        }
    }

    var isCancelled: Bool { state.withLockedValue { $0.isCancelled } }

    /// The message's end is about to be sent; after this a cancellation changes nothing.
    ///
    /// - Returns: `false` if one came before, which has broken the connection.
    func reachEnd() -> Bool {
        state.withLockedValue { state in
            guard case .running(let continuation, _) = state.phase, !state.isCancelled else { return false }
            state.phase = .sent(continuation)
            return true
        }
    }

    func cancel() {
        let waiter = state.withLockedValue { state -> Continuation? in
            state.isCancelled = true
            switch state.phase {
            case .waiting(let continuation):
                state.phase = .over
                return continuation
            case .running(_, let socket): socket.cut()
            case .fresh, .sent, .over: break
            }
            return nil
        }
        waiter?.resume(returning: .stopped)
    }

    func finish(_ report: SMTPReport) {
        let waiter = state.withLockedValue { state -> Continuation? in
            defer { state.phase = .over }
            switch state.phase {
            case .waiting(let continuation), .running(let continuation, _), .sent(let continuation):
                return continuation
            case .fresh, .over: return nil
            }
        }
        waiter?.resume(returning: report)
    }
}

/// What a lane has to say of an order.
struct SMTPReport: Sendable {
    var answer: SMTPAnswer
    /// What is known of the server afterwards.
    var extensions: SMTPExtensions?
    var lines: [SMTPConversation.Line] = []
    var isSecured = false
    /// Of the server's certificate: `Subject`, `Issuer`, `Expire date`, ...
    var certificate: [String: String] = [:]
    /// The address that was connected to.
    var peer: String?

    static let stopped = SMTPReport(
        answer: SMTPAnswer(.failed(SMTPFailure(.stopped, at: .connect, "not wanted any more"))))
}
