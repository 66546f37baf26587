/// A way out for mail. One call is one try.
package protocol MailTransport: Sendable {
    /// For the operator, and for what is kept of a try: `maildir`, `smtp://mail.example.org:587`, `sendgrid`.
    var name: String { get }

    /// The largest message that it takes, in bytes as `MailMessage.write` gives them; `nil`: it has no bound, or none is
    /// known yet (an SMTP server says it in its greeting).
    func largestMessage() async -> Int64?

    func deliver(_ message: MailMessage) async -> TransportAnswer

    /// Whether mail could be sent now, for `kiln doctor` and `/health-check`. Sends nothing.
    func check() async -> TransportCheck
}

package enum TransportAnswer: Hashable, Sendable {
    /// - Parameter receipt: what the other side called it, where it said so: `queued as 4F1D2`, an `X-Message-Id`.
    case accepted(receipt: String?)
    /// It will never be taken.
    case refused(MailFault)
    /// Not now; `after` where the other side said when.
    case notNow(MailFault, after: Duration?)
    /// The connection died when it may have been taken; trying again may send it twice.
    case unknown(MailFault)
}

/// What was wrong, whose it is, and in whose words.
package struct MailFault: Hashable, Sendable {
    package enum Scope: String, Hashable, Sendable, CaseIterable {
        /// The mailbox: there is none, it is closed (RFC 3463 `X.1.X`, `X.2.1`). Other mails have nothing to fear.
        case address
        /// This message: too large, its contents not wanted.
        case message
        /// The recipient's server or its rules; mails to others may pass.
        case domain
        /// The transport itself: unreachable, wrong password, over its quota. Every mail would meet it.
        case transport
    }

    package var scope: Scope
    /// One line for the operator, the other side's own words in it; never a secret (P7).
    package var words: String
    /// The SMTP reply's or the HTTP answer's.
    package var code: Int?
    /// RFC 3463, such as `5.1.1`.
    package var enhancedStatus: String?

    package init(_ scope: Scope, _ words: String, code: Int? = nil, enhancedStatus: String? = nil) {
        self.scope = scope
        self.words = words
        self.code = code
        self.enhancedStatus = enhancedStatus
    }

    /// For logs and for what everybody may read: servers like to repeat whom they refuse (P7).
    package static func withoutAddresses(_ words: String) -> String {
        words.split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.contains("@") ? "(an address)" : String($0) }
            .joined(separator: " ")
    }
}

package enum TransportCheck: Hashable, Sendable {
    case working(detail: String)
    case broken(problem: String, mend: String)
}
