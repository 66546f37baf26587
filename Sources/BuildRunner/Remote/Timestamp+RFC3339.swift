import Domain
import Foundation

extension Timestamp {
    /// A moment as CIs write it: RFC 3339 with or without fractions, in any zone. `nil` if it is none; years before 2000
    /// are how Gitea and Forgejo write "never".
    init?(rfc3339 text: String) {
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? fractional.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text)) else {
            return nil
        }
        let seconds = date.timeIntervalSince1970
        guard seconds >= 946_684_800, seconds < 253_402_300_800 else { return nil }
        self.init(milliseconds: Int64((seconds * 1000).rounded()))
    }
}
