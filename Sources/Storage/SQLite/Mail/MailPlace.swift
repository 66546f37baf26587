import Domain
import GRDB

/// When the pace lets one more mail go.
enum MailPlace: Hashable {
    case now
    case at(Timestamp)
    case never

    /// The later of both.
    func and(_ other: MailPlace) -> MailPlace {
        switch (self, other) {
        case (.never, _), (_, .never): .never
        case (.now, let place), (let place, .now): place
        case (.at(let one), .at(let another)): .at(max(one, another))
        }
    }

    /// When something that is due at `due` can go; `nil`: never.
    func time(for due: Timestamp) -> Timestamp? {
        switch self {
        case .now: due
        case .at(let moment): max(due, moment)
        case .never: nil
        }
    }
}

extension Database {
    private static let minute = Duration.seconds(60)
    private static let hour = Duration.seconds(3600)
    /// Mails on their way. Binds the present moment.
    private static let underWay = "lease_token IS NOT NULL AND lease_expires_at > ?"
    /// Mails taken lately. Rows from further ahead are from before the clock was set back: they hold nothing back.
    private static let acceptedWithinTheHour = "outcome = 'accepted' AND tried_at > ? AND tried_at <= ?"

    func place(at domain: String, _ pace: MailPace, _ now: Timestamp) throws -> MailPlace {
        var place = MailPlace.now
        if let most = pace.perDomainPerMinute {
            place = place.and(
                try freed(
                    by: most, Self.minute,
                    """
                    SELECT started_at FROM mail_starts WHERE domain = ? AND started_at > ? AND started_at <= ?
                    ORDER BY started_at DESC LIMIT 1 OFFSET ?
                    """,
                    [domain, (now - Self.minute).milliseconds, (now + Self.minute).milliseconds, most - 1]))
        }
        if let most = pace.perDomainAtOnce {
            place = place.and(
                try freed(
                    by: most, .zero,
                    """
                    SELECT lease_expires_at FROM outbox WHERE domain = ? AND \(Self.underWay)
                    ORDER BY lease_expires_at DESC LIMIT 1 OFFSET ?
                    """,
                    [domain, now.milliseconds, most - 1]))
        }
        return place
    }

    /// How many mails more this hour may see, those on their way counted as taken; `nil`: as many as there are.
    func placesThisHour(_ pace: MailPace, _ now: Timestamp) throws -> Int? {
        try pace.perHour.map { most in
            let taken = try integer(
                """
                SELECT (SELECT count(*) FROM tries WHERE \(Self.acceptedWithinTheHour))
                    + (SELECT count(*) FROM outbox WHERE \(Self.underWay))
                """,
                [(now - Self.hour).milliseconds, (now + Self.hour).milliseconds, now.milliseconds])
            return most - Int(taken)
        }
    }

    func placeThisHour(_ pace: MailPace, _ now: Timestamp) throws -> MailPlace {
        guard let most = pace.perHour else { return .now }
        return try freed(
            by: most, .zero,
            """
            SELECT free_at FROM (
                SELECT tried_at + \(Self.hour.wholeMilliseconds) AS free_at FROM tries
                WHERE \(Self.acceptedWithinTheHour)
                UNION ALL SELECT lease_expires_at FROM outbox WHERE \(Self.underWay))
            ORDER BY free_at DESC LIMIT 1 OFFSET ?
            """,
            [(now - Self.hour).milliseconds, (now + Self.hour).milliseconds, now.milliseconds, most - 1])
    }

    /// - Parameter sql: finds what holds the last of `most` places.
    private func freed(
        by most: Int, _ span: Duration, _ sql: String, _ arguments: StatementArguments
    ) throws -> MailPlace {
        guard most > 0 else { return .never }
        return try firstRow(sql, arguments) { try $0.moment() }.map { .at($0 + span) } ?? .now
    }

    /// Notes that a try has begun. The next one with its number, should there be one, is another try.
    func count(_ delivery: Delivery, to domain: String, at now: Timestamp) throws {
        try run(
            """
            INSERT INTO mail_starts (entry, number, domain, started_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (entry, number) DO UPDATE SET started_at = excluded.started_at
            """,
            [delivery.id.text, delivery.attempts, domain, now.milliseconds])
    }

    func forgetMailStarts(at now: Timestamp) throws {
        try run("DELETE FROM mail_starts WHERE started_at <= ?", [(now - Self.minute).milliseconds])
        try run("DELETE FROM mail_starts WHERE started_at > ?", [(now + Self.minute).milliseconds])
    }

    /// The domain whose first mail is longest due.
    func firstDueDomain(except held: Set<String>, at now: Timestamp) throws -> String? {
        // By the due time, that is: one step for each domain that is held back.
        let cursor = try Row.fetchCursor(
            try cachedStatement(sql: "SELECT domain FROM mail_domains WHERE due_at <= ? ORDER BY due_at, domain"),
            arguments: [now.milliseconds])
        while let row = try cursor.next() {
            var reader = RowReader(row)
            let domain = try reader.text()
            if !held.contains(domain) { return domain }
        }
        return nil
    }

    /// When the next mail can go, by the pace of its domain.
    func firstMailDue(_ pace: MailPace, _ now: Timestamp) throws -> Timestamp? {
        let cursor = try Row.fetchCursor(
            try cachedStatement(sql: "SELECT domain, due_at FROM mail_domains ORDER BY due_at, domain"))
        var next: Timestamp?
        while let row = try cursor.next() {
            var reader = RowReader(row)
            let domain = try reader.text()
            let due = try reader.moment()
            if let next, next <= due { return next }
            guard let time = try place(at: domain, pace, now).time(for: due) else { continue }
            next = next.map { min($0, time) } ?? time
        }
        return next
    }
}
