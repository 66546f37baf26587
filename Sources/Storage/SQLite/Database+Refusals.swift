import Domain
import GRDB

/// Why a submission is not taken, looked up in the transaction that would take it: no race passes a limit.
extension Database {
    private static let hour = Duration.seconds(3600)
    /// Unconfirmed builds that a source may have however few may wait in all.
    private static let leastShare = 8

    /// Whether `count` builds like `new` would be too many.
    func refusal(
        of count: Int, like new: NewBuild, asking asks: Bool, limits: AcceptLimits, at now: Timestamp
    ) throws -> Acceptance? {
        if let address = new.address {
            if try isBlocked(address, from: new.source, at: now) { return .blocked }
            if let suppression = try suppression(of: address, at: now) { return .suppressed(suppression) }
        }
        if let limit = limits.waiting {
            let waiting = try countWaiting(unconfirmed: asks)
            if waiting + count > limit { return .queueFull(waiting: waiting) }
            if asks, try countUnconfirmed(from: new.source) + count > max(Self.leastShare, limit / 8) {
                return .tooManyFromSource(retryAfter: Self.hour)
            }
        }
        if let limit = limits.perSourcePerHour,
            let pause = try pause(
                for: count, under: limit, at: now, to: new.source,
                """
                SELECT created_at FROM builds WHERE source = ? AND created_at > ?
                ORDER BY created_at DESC LIMIT 1 OFFSET ?
                """)
        {
            return .tooManyFromSource(retryAfter: pause)
        }
        if let limit = limits.perAddressPerHour, let address = new.address,
            let pause = try pause(
                for: count, under: limit, at: now, to: address.addressKey,
                """
                SELECT created_at FROM builds WHERE address_key = ? AND created_at > ?
                ORDER BY created_at DESC LIMIT 1 OFFSET ?
                """)
        {
            return .tooManyForAddress(retryAfter: pause)
        }
        return asks ? try refusalToAsk(new, limits: limits, at: now) : nil
    }

    /// Whether one more mail that asks to confirm would be too many.
    private func refusalToAsk(_ new: NewBuild, limits: AcceptLimits, at now: Timestamp) throws -> Acceptance? {
        if let limit = limits.confirmationsPerSourcePerHour,
            let pause = try pause(
                for: 1, under: limit, at: now, to: new.source,
                """
                SELECT created_at FROM builds WHERE source = ? AND created_at > ?
                    AND EXISTS (SELECT 1 FROM outbox WHERE build = builds.id AND cause = 'confirmation')
                ORDER BY created_at DESC LIMIT 1 OFFSET ?
                """)
        {
            return .tooManyFromSource(retryAfter: pause)
        }
        if let limit = limits.confirmationsPerAddressPerHour, let address = new.address,
            let pause = try pauseBeforeAsking(address, under: limit, at: now)
        {
            return .tooManyForAddress(retryAfter: pause)
        }
        return nil
    }

    /// All ways of writing a mailbox with a `+` count together: who wants to fill it up would have no end of them.
    private func pauseBeforeAsking(_ address: String, under limit: Int, at now: Timestamp) throws -> Duration? {
        guard limit > 0 else { return Self.hour }
        let keys = address.addressKey.mailboxKeys
        let since = (now - Self.hour).milliseconds
        return try firstRow(
            """
            SELECT created_at FROM (
                SELECT created_at FROM outbox
                WHERE cause = 'confirmation' AND address_key = ?1 AND created_at > ?4
                UNION ALL SELECT created_at FROM outbox
                WHERE cause = 'confirmation' AND address_key > ?2 AND address_key < ?3 AND domain = ?5
                    AND created_at > ?4)
            ORDER BY created_at DESC LIMIT 1 OFFSET ?6
            """,
            [keys.plain, keys.firstTagged, keys.behindTagged, since, address.mailDomain, limit - 1]
        ) { try $0.moment() }.map { $0 + Self.hour - now }
    }

    /// Those that wait to be confirmed are counted for themselves: who never opens a mail keeps nobody out of the queue.
    private func countWaiting(unconfirmed: Bool) throws -> Int {
        if unconfirmed { return Int(try integer("SELECT count(*) FROM builds WHERE \(Condition.unconfirmed)")) }
        return Int(
            try integer(
                """
                SELECT (SELECT count(*) FROM builds WHERE \(Condition.waiting))
                    + (SELECT count(*) FROM builds WHERE \(Condition.following))
                """))
    }

    /// Nor does one source keep all others' first builds out for as long as mails may be answered.
    private func countUnconfirmed(from source: String) throws -> Int {
        Int(try integer("SELECT count(*) FROM builds WHERE \(Condition.unconfirmed) AND source = ?", [source]))
    }

    /// Finds the build that has to be an hour old before there is room for `count` more under the limit; `nil`: there is
    /// room. More than the limit at once never have room.
    private func pause(
        for count: Int, under limit: Int, at now: Timestamp, to who: String, _ sql: String
    ) throws -> Duration? {
        guard limit >= count else { return Self.hour }
        let since = (now - Self.hour).milliseconds
        return try firstRow(sql, [who, since, limit - count]) { try $0.moment() }.map { $0 + Self.hour - now }
    }
}
