/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z; the precision that the database keeps.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.milliseconds < other.milliseconds
    }

    package static func + (moment: Timestamp, span: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds + span.wholeMilliseconds)
    }

    package static func - (moment: Timestamp, span: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds - span.wholeMilliseconds)
    }

    /// How long it took from `other` to here; negative if `other` is later.
    package static func - (moment: Timestamp, other: Timestamp) -> Duration {
        .milliseconds(moment.milliseconds - other.milliseconds)
    }
}

extension Duration {
    /// The span in milliseconds, cut towards zero; clamped to what fits.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min / 4 : .max / 4 }
        return product + attoseconds / 1_000_000_000_000_000
    }
}

// MARK: - RFC 3339

extension Timestamp: CustomStringConvertible {
    /// The moment as RFC 3339 with milliseconds, always in UTC: `2026-11-21T09:30:00.000Z`.
    package var description: String {
        let (date, time) = components
        let fraction = milliseconds - (milliseconds.flooredQuotient(1000) * 1000)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2)).\(padded(Int(fraction), 3))Z"
    }

    /// The UTC date as `yyyymmdd`.
    package var compactDate: String {
        let date = components.date
        return padded(date.year, 4) + padded(date.month, 2) + padded(date.day, 2)
    }

    /// The civil date and time in UTC (Howard Hinnant's days-to-civil calculation).
    package var components: (date: (year: Int, month: Int, day: Int), time: (hour: Int, minute: Int, second: Int)) {
        let seconds = milliseconds.flooredQuotient(1000)
        let days = seconds.flooredQuotient(86400)
        let secondOfDay = Int(seconds - days * 86400)
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * monthIndex + 2) / 5 + 1)
        let month = Int(monthIndex < 10 ? monthIndex + 3 : monthIndex - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        return ((year, month, day), (secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60))
    }

    /// Day of the week, 0 = Sunday.
    package var weekday: Int {
        let days = milliseconds.flooredQuotient(86_400_000)
        return Int((days + 4) - (days + 4).flooredQuotient(7) * 7)
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int {
    /// With a leading zero where it needs one, as clocks and dates are written.
    package var twoDigits: String { (self < 10 ? "0" : "") + String(self) }
}

extension Int64 {
    /// Division that rounds towards minus infinity, for moments before 1970.
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
