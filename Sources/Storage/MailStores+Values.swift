package import Domain

package struct ClaimedDelivery: Hashable, Sendable {
    package var delivery: Delivery
    package var lease: LeaseToken

    package init(delivery: Delivery, lease: LeaseToken) {
        self.delivery = delivery
        self.lease = lease
    }
}

/// What a mail about a build is made from.
package struct Correspondence: Hashable, Sendable {
    /// See `BuildStore.group(of:)`.
    package var builds: [Build]
    /// All mails about the build, the oldest first.
    package var mails: [Delivery]

    package init(builds: [Build], mails: [Delivery]) {
        self.builds = builds
        self.mails = mails
    }
}

package enum DeliveryOutcome: Hashable, Sendable {
    /// - Parameter receipt: see `Delivery.receipt`.
    case accepted(receipt: String?)
    /// For good. If it condemns the address, nothing more is sent to it for this long.
    case refused(reason: String, suppressFor: Duration?)
    /// Not now, or nobody knows whether it was taken.
    case retry(at: Timestamp, reason: String, isUnknown: Bool)
    /// Given back untried (a shutdown); the try is not counted.
    case handedBack
}

/// How fast mail may go out.
package struct MailPace: Hashable, Sendable {
    /// Tries begun within any 60 seconds, to addresses of one domain; `nil`: no bound.
    package var perDomainPerMinute: Int?
    /// Mails under way at once to one domain; `nil`: no bound.
    package var perDomainAtOnce: Int?
    /// Mails accepted within any hour, to all; more wait. `nil`: no bound.
    package var perHour: Int?

    package init(perDomainPerMinute: Int? = nil, perDomainAtOnce: Int? = nil, perHour: Int? = nil) {
        self.perDomainPerMinute = perDomainPerMinute
        self.perDomainAtOnce = perDomainAtOnce
        self.perHour = perHour
    }
}

package struct OutboxSummary: Hashable, Sendable {
    package var waiting: Int
    package var refused: Int
    /// Came back after they were taken.
    package var bounced: Int
    package var oldestWaitingAt: Timestamp?

    package init(waiting: Int, refused: Int, bounced: Int = 0, oldestWaitingAt: Timestamp?) {
        self.waiting = waiting
        self.refused = refused
        self.bounced = bounced
        self.oldestWaitingAt = oldestWaitingAt
    }
}

/// What an operator looks for in the outbox.
package struct OutboxFilter: Hashable, Sendable {
    package var statuses: Set<Delivery.Status>
    package var address: String?
    package var build: BuildID?

    /// - Parameter statuses: empty: all.
    package init(statuses: Set<Delivery.Status> = [], address: String? = nil, build: BuildID? = nil) {
        self.statuses = statuses
        self.address = address
        self.build = build
    }
}

/// What a click on "yes, build it" did.
package enum Confirmation: Hashable, Sendable {
    /// These builds went into the queue; none if all had been confirmed before.
    case confirmed([BuildID])
    /// The build has ended: nobody confirmed it in time, or somebody cancelled it.
    case tooLate(BuildState.Name)
}
