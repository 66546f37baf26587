/// How one try to send a message ended.
package struct SMTPAnswer: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The server's last word is the reply to the whole message.
        case accepted(SMTPReply)
        /// The server said no; `SMTPReply.code` says whether for good.
        case refused(SMTPReply)
        /// It came to no answer, and the message was not taken: its end was not sent.
        case failed(SMTPFailure)
        /// The message was sent to its end and no answer came: it may have been taken.
        case unknown(SMTPFailure)
    }

    package var outcome: Outcome
    /// All that the server said to this message, in its order; over a connection that was used again, no greeting.
    package var replies: [SMTPReply]

    package init(_ outcome: Outcome, replies: [SMTPReply] = []) {
        self.outcome = outcome
        self.replies = replies
    }
}

/// Why there is no answer of the server.
package struct SMTPFailure: Error, Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The message or an address is none that can be sent; nothing was done.
        case badMessage
        case unresolved, unreachable
        /// `SMTPSettings.caFile` cannot be used.
        case authorityFile
        /// The server's certificate is not to be trusted.
        case certificate
        /// There was no TLS for another reason.
        case tls
        /// The server does not offer STARTTLS, and it is wanted.
        case noTLS
        /// The server offers no way to log in that is known here, or none at all.
        case noLogin
        /// Larger than the server says that it takes.
        case tooLarge
        /// An address in other letters than ASCII, and a server without SMTPUTF8.
        case noUnicode
        case timedOut
        /// The connection broke, or what came over it was no SMTP.
        case interrupted
        /// The caller did not want it any more.
        case stopped
    }

    package var reason: Reason
    package var stage: SMTPStage
    /// One line for the operator.
    package var words: String

    package init(_ reason: Reason, at stage: SMTPStage, _ words: String) {
        self.reason = reason
        self.stage = stage
        self.words = words
    }
}
