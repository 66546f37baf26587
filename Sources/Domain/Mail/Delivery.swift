/// A mail owed, with its cause, and how its delivery stands.
package struct Delivery: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable, CaseIterable {
        /// To be sent, or to be sent again.
        case waiting
        /// The transport took it.
        case accepted
        /// The transport took it, and says that the address' own server puts it off.
        case deferred
        /// It is in the recipient's mailbox, as far as the transport can tell.
        case delivered
        /// The transport took it, and it came back.
        case bounced
        /// The transport will never take it, or it was tried for too long.
        case refused
        /// The operator, or the address' owner, wanted it not to be sent.
        case cancelled
    }

    package var id: OutboxEntryID
    package var build: BuildID
    package var kind: MailKind
    package var to: String
    /// The language that the requester reads.
    package var language: LanguageTag
    package var status: Status
    /// Tries so far.
    package var attempts: Int
    package var lastError: String?
    package var createdAt: Timestamp
    /// Since when it may be waited for somebody to take it: it was made then, or the operator wanted it tried again.
    package var patienceSince: Timestamp
    package var settledAt: Timestamp?
    /// When it is tried next; only while it waits.
    package var nextTryAt: Timestamp?
    /// The transport that took it, and what that called it, such as `queued as 4F1D2` or an `X-Message-Id`.
    package var transport: String?
    package var receipt: String?

    /// - Parameter patienceSince: `nil`: since it was made.
    package init(
        id: OutboxEntryID, build: BuildID, kind: MailKind, to: String, language: LanguageTag = .english,
        status: Status, attempts: Int, lastError: String?, createdAt: Timestamp, patienceSince: Timestamp? = nil,
        settledAt: Timestamp?, nextTryAt: Timestamp? = nil, transport: String? = nil, receipt: String? = nil
    ) {
        self.id = id
        self.build = build
        self.kind = kind
        self.to = to
        self.language = language
        self.status = status
        self.attempts = attempts
        self.lastError = lastError
        self.createdAt = createdAt
        self.patienceSince = patienceSince ?? createdAt
        self.settledAt = settledAt
        self.nextTryAt = nextTryAt
        self.transport = transport
        self.receipt = receipt
    }
}

/// What a mail is about.
package enum MailKind: String, Hashable, Sendable, CaseIterable {
    /// A build has ended.
    case succeeded, failed, cancelled, expired
    /// Somebody asked for a build with this address, which nobody has confirmed yet.
    case confirmation
}

/// One try to send a mail.
package struct DeliveryTry: Hashable, Sendable {
    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case accepted, refused
        /// It can be taken later.
        case notNow
        /// The connection died when it may have been taken: the next try may send it twice (P2).
        case unknown
    }

    /// From 1.
    package var number: Int
    package var at: Timestamp
    /// Its name, see `MailTransport.name`.
    package var transport: String
    package var outcome: Outcome
    /// What the other side said, for the operator.
    package var words: String?

    package init(number: Int, at: Timestamp, transport: String, outcome: Outcome, words: String?) {
        self.number = number
        self.at = at
        self.transport = transport
        self.outcome = outcome
        self.words = words
    }
}

/// What was heard of a mail after a transport had taken it.
package struct DeliveryReport: Hashable, Sendable {
    package enum Fate: String, Hashable, Sendable, CaseIterable {
        case delivered, deferred, bounced
        /// The transport took it, and threw it away: the address is on a list of its own.
        case dropped
    }

    package var fate: Fate
    /// The other side's words; empty if it had none.
    package var words: String
    /// The address is no good, for good: nothing more is sent to it.
    package var condemnsAddress: Bool
    package var at: Timestamp

    package init(fate: Fate, words: String, condemnsAddress: Bool, at: Timestamp) {
        self.fate = fate
        self.words = words
        self.condemnsAddress = condemnsAddress
        self.at = at
    }
}

/// Why nothing is sent to an address.
package struct Suppression: Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// A mail to it came back, or was refused, for good.
        case bounced
        /// Its owner asked for no more mails.
        case asked
    }

    package var address: String
    package var reason: Reason
    /// The other side's words, for the operator.
    package var words: String?
    package var since: Timestamp
    package var until: Timestamp

    package init(address: String, reason: Reason, words: String?, since: Timestamp, until: Timestamp) {
        self.address = address
        self.reason = reason
        self.words = words
        self.since = since
        self.until = until
    }
}
