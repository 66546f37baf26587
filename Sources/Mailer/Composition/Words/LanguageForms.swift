import Domain
import Mustache

/// How a language writes days and sizes.
struct LanguageForms: Sendable, Decodable {
    /// A mustache text over `day`, `month`, `monthNumber`, `year`, `hour`, `minute`, `isFirst` (of the month).
    let date: String
    let months: [String]
    /// What stands before the tenth of a size.
    let decimal: String
    /// For bytes, KiB, MiB, GiB, TiB.
    let units: [String]

    static let dateNames: Set<String> = ["day", "month", "monthNumber", "year", "hour", "minute", "isFirst"]

    /// Why it cannot be used; `nil` if it can.
    var fault: String? {
        if months.count != 12 { return "`months` has \(months.count) entries, not 12" }
        if units.count != 5 { return "`units` has \(units.count) entries, not 5" }
        return nil
    }

    func text(of moment: Timestamp) -> String {
        let (day, time) = moment.components
        let values: [String: Any] = [
            "day": day.day, "isFirst": day.day == 1, "month": months[day.month - 1], "monthNumber": day.month,
            "year": day.year, "hour": time.hour.twoDigits, "minute": time.minute.twoDigits,
        ]
        guard let template = try? MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + date) else {
            return moment.description
        }
        return template.render(values)
    }

    func text(ofSize bytes: Int64) -> String {
        var amount = Double(bytes)
        var unit = 0
        while amount >= 1024, unit + 1 < units.count {
            amount /= 1024
            unit += 1
        }
        let tenths = Int64((amount * 10).rounded())
        let fraction = tenths % 10 == 0 ? "" : decimal + String(tenths % 10)
        // A no-break space: a number and its unit stay on one line.
        return "\(tenths / 10)\(fraction)\u{A0}\(units[unit])"
    }
}
