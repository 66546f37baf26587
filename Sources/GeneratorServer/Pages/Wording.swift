import Domain

/// Amounts as people read them.
enum Wording {
    /// `about 20 seconds`, `about 3 minutes`
    static func about(seconds: Int) -> String {
        switch seconds {
        case ..<3: "a moment"
        case ..<60: "about \((seconds + 4) / 5 * 5) seconds"
        case ..<90: "about a minute"
        case ..<5400: "about \((seconds + 30) / 60) minutes"
        default: "about \((seconds + 1800) / 3600) hours"
        }
    }

    /// `21 Nov 2026, 09:45 UTC`
    static func moment(_ moment: Timestamp) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (date, time) = moment.components
        return "\(date.day) \(months[date.month - 1]) \(date.year), \(time.hour.twoDigits):\(time.minute.twoDigits) UTC"
    }

    /// `09:45:10`
    static func clock(_ moment: Timestamp) -> String {
        let time = moment.components.time
        return "\(time.hour.twoDigits):\(time.minute.twoDigits):\(time.second.twoDigits)"
    }

    /// MIME types as people name them: `PNG, JPEG or WebP`.
    static func kinds(_ types: [String]) -> String {
        let names = types.map { kindNames[$0] ?? $0 }
        guard let last = names.last, names.count > 1 else { return names.first ?? "any file" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    private static let kindNames = [
        "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP", "image/svg+xml": "SVG", "image/gif": "GIF",
        "application/zip": "ZIP", "application/x-tar": "TAR", "application/gzip": "TAR.GZ", "text/plain": "plain text",
    ]

}
