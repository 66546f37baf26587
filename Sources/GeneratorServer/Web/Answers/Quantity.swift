import Domain

/// Spans and numbers as people read them.
enum Quantity {
    /// `40 seconds`, `12 minutes`, `3 hours`; rounded up.
    static func span(_ span: Duration) -> String {
        let seconds = max(1, (span.wholeMilliseconds + 999) / 1000)
        switch seconds {
        case ..<90: return seconds == 1 ? "1 second" : "\(seconds) seconds"
        case ..<5400: return "\((seconds + 59) / 60) minutes"
        case ..<172_800: return "\((seconds + 3599) / 3600) hours"
        default: return "\((seconds + 86399) / 86400) days"
        }
    }

    /// Without a fraction that is zero.
    static func short(_ number: Double) -> String {
        let tenths = (number * 10).rounded()
        let whole = Int64(tenths / 10)
        let rest = Int64(tenths) - whole * 10
        return rest == 0 ? "\(whole)" : "\(whole).\(rest)"
    }

    /// A bound as it stands in a recipe: `3`, `2.5`.
    static func number(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? "\(number)"
    }
}
