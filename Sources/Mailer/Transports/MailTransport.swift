/// A way out for mail. One call is one try.
package protocol MailTransport: Sendable {
    /// As the configuration names it: `maildir`, `smtp`, `sendgrid`.
    var name: String { get }

    func deliver(_ message: MailMessage) async -> TransportAnswer

    /// Whether mail could be sent now, for `kiln doctor` and `/health-check`.
    func check() async -> TransportCheck
}

package enum TransportAnswer: Hashable, Sendable {
    case accepted
    /// It will never be taken: no such mailbox, a message too large.
    case refused(reason: String)
    /// Not now; `after` where the other side said when.
    case notNow(reason: String, after: Duration?)
    /// The connection died when it may have been taken; trying again may send it twice.
    case unknown(reason: String)
}

package enum TransportCheck: Hashable, Sendable {
    case working(detail: String)
    case broken(problem: String, mend: String)
}
