import NIOConcurrencyHelpers

/// One exchange as its caller holds it: submitted once, cancelled at any time, in whichever order the two come.
final class TransferTicket: Sendable {
    private enum State {
        case fresh
        case submitted
        case cancelled
    }

    private let state = NIOLockedValueBox(State.fresh)
    private let mailbox: TransferMailbox

    init(_ mailbox: TransferMailbox) {
        self.mailbox = mailbox
    }

    /// The continuation is resumed once, by the loop, or here if nobody wants it or nobody serves it any more.
    func submit(_ order: TransferOrder, _ continuation: TransferContinuation) {
        // Under the lock, so that a cancellation comes to the loop after what it cancels.
        let isPosted = state.withLockedValue { state in
            guard state == .fresh else { return false }
            state = .submitted
            return mailbox.post(.start(order, continuation))
        }
        if !isPosted { continuation.resume(returning: .failure(.stopped)) }
    }

    func cancel() {
        state.withLockedValue { state in
            if state == .submitted { _ = mailbox.post(.cancel(ObjectIdentifier(self))) }
            state = .cancelled
        }
    }
}
