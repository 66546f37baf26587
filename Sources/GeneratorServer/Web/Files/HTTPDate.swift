import Domain

/// IMF-fixdate (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(_ moment: Timestamp) -> String {
        let (date, time) = moment.components
        return "\(days[moment.weekday]), \(date.day.twoDigits) \(months[date.month - 1]) \(date.year) "
            + "\(time.hour.twoDigits):\(time.minute.twoDigits):\(time.second.twoDigits) GMT"
    }

}
