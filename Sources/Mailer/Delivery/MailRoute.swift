package import Domain

/// The ways out for mail: the first transport, and perhaps a second one for when the first does not do.
package struct MailRoute: Sendable {
    package let primary: MailLine
    package let fallback: MailLine?
    /// A mail that the first transport put off this often goes by the second one.
    package let fallbackAfter: Int

    package init(
        primary: any MailTransport, fallback: (any MailTransport)? = nil, fallbackAfter: Int = 3, at now: Timestamp
    ) {
        self.primary = MailLine(primary, at: now)
        self.fallback = fallback.map { MailLine($0, at: now) }
        self.fallbackAfter = max(fallbackAfter, 1)
    }

    /// The first transport first.
    package var lines: [MailLine] { [primary] + (fallback.map { [$0] } ?? []) }

    /// How many mails may begin now; `nil`: as many as want to.
    var places: Int? {
        var total = 0
        for line in lines {
            guard let places = line.places else { return nil }
            total += places
        }
        return total
    }

    /// Takes a place for a mail: by the transport that its tries so far speak for, else by the other one.
    /// - Returns: `nil` if none takes a mail now.
    func begin(after tries: [DeliveryTry]) -> MailLine? {
        let lines = prefersFallback(after: tries) ? lines.reversed() : lines
        return lines.first { $0.begin() }
    }

    /// Takes a place at the second transport for a mail that the first one has just put off.
    /// - Returns: `nil` if it is not its turn, or does not take a mail now.
    func beginFallback(after tries: [DeliveryTry], and line: MailLine) -> MailLine? {
        guard let fallback, line === primary, postponements(tries) + 1 >= fallbackAfter || primary.status.isUp == false,
            fallback.begin()
        else { return nil }
        return fallback
    }

    /// Once the first transport has put a mail off often enough the two take turns, so that neither's quarrel with one
    /// mail keeps it from the other.
    private func prefersFallback(after tries: [DeliveryTry]) -> Bool {
        guard let fallback, postponements(tries) >= fallbackAfter else { return false }
        guard let last = tries.last, last.transport == fallback.name else { return true }
        return last.outcome == .unknown
    }

    private func postponements(_ tries: [DeliveryTry]) -> Int {
        tries.count { $0.outcome == .notNow }
    }
}
