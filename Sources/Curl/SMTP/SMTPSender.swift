import NIOConcurrencyHelpers

/// Sends messages to one mail server as one account. Safe to call from any task.
///
/// Each of its connections has a thread of its own, as long as there is something to send and `SMTPLimits.idle` longer; it
/// shares none with another sender. A server that refuses a message loses the connection: libcurl says QUIT then.
package final class SMTPSender: Sendable {
    package let settings: SMTPSettings
    private let lanes: SMTPLanes
    private let known = NIOLockedValueBox<SMTPExtensions?>(nil)

    package init(_ settings: SMTPSettings) {
        self.settings = settings
        lanes = SMTPLanes(settings)
    }

    deinit {
        lanes.end()
    }

    /// What the server said when it was last connected to; `nil`: it never was.
    package var extensions: SMTPExtensions? { known.withLockedValue { $0 } }

    /// One try. A task that is cancelled gets `.failed` with `.stopped` at once, unless the message's end was sent already:
    /// then the server's answer, or `.unknown` when `SMTPLimits.end` is over.
    package func send(_ message: SMTPMessage) async -> SMTPAnswer {
        await run(SMTPOrder(message)).answer
    }

    /// Ends what waits and what is on its way; returns when all connections are closed.
    package func shutdown() async {
        lanes.end()
        await lanes.ended()
    }

    func run(_ order: SMTPOrder) async -> SMTPReport {
        let report = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if order.wait(continuation) { lanes.submit(order) }
            }
        } onCancel: {
            order.cancel()
        }
        if let extensions = report.extensions { known.withLockedValue { $0 = extensions } }
        return report
    }
}
