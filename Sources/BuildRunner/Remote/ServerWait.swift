import Domain

/// How long a server asks to be left alone.
enum ServerWait {
    /// Of an answer's headers: `Retry-After` (RFC 9110, 10.2.3) in seconds or as a date, else the time until a used-up rate
    /// limit begins anew. Between a second and an hour; `nil` if nothing (that can be read) is asked.
    static func duration(_ headers: [String: String], now: Timestamp) -> Duration? {
        if let text = headers["retry-after"] {
            if let seconds = Int64(text), seconds >= 0 { return bounded(.seconds(min(seconds, 1 << 32))) }
            if let moment = HTTPDateText.moment(text) { return bounded(moment - now) }
        }
        let left = headers["x-ratelimit-remaining"] ?? headers["ratelimit-remaining"]
        let reset = headers["x-ratelimit-reset"] ?? headers["ratelimit-reset"]
        guard left == "0", let reset, let number = Int64(reset), (0..<(1 << 40)).contains(number) else { return nil }
        // GitHub and GitLab name the moment; the draft of the standard names the seconds until then.
        let moment = Timestamp(milliseconds: number * 1000)
        return bounded(number > 1_000_000_000 ? moment - now : .seconds(number))
    }

    private static func bounded(_ pause: Duration) -> Duration {
        min(max(pause, .seconds(1)), RemoteAPI.longestPause)
    }
}

/// IMF-fixdate (RFC 9110, 5.6.7), read: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDateText {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `nil` if it is none; the day of the week does not count.
    static func moment(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT", let day = number(parts[1], 2),
            let month = months.firstIndex(of: String(parts[2])), let year = number(parts[3], 4), year >= 1970
        else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false).map { number($0, 2) ?? 99 }
        guard (1...31).contains(day), time.count == 3, time[0] < 24, time[1] < 60, time[2] <= 60 else { return nil }
        let seconds = days(year, month + 1, day) * 86400 + time[0] * 3600 + time[1] * 60 + time[2]
        return Timestamp(milliseconds: Int64(seconds) * 1000)
    }

    private static func number(_ text: Substring, _ digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// Since 1970-01-01, in the Gregorian calendar; years begin in March, so that the leap day is the last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
