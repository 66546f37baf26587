package import Domain
import Foundation

/// What SendGrid's event webhook tells of one mail of ours
/// (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event).
package struct SendGridEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case delivered
        case deferred
        /// The recipient's server refused it for good (`bounce`), or for what may pass (`blocked`).
        case bounced(isBlock: Bool)
        /// SendGrid itself did not send it.
        case dropped
    }

    package var entry: OutboxEntryID
    package var build: BuildID
    package var kind: Kind
    package var status: EnhancedStatus?
    /// The other side's words, one line; may be empty.
    package var words: String
    package var at: Timestamp?

    /// Events of a request's body, without those that are not about a mail's fate or not about one of Kiln's.
    /// - Returns: `nil` if the body is none of SendGrid's.
    package static func events(in body: [UInt8]) -> [SendGridEvent]? {
        guard let rows = try? JSONDecoder().decode([Lenient].self, from: Data(body)) else { return nil }
        return rows.compactMap { $0.row.flatMap { SendGridEvent($0) } }
    }

    /// An event that is not understood does not hold up the others.
    private struct Lenient: Decodable {
        var row: Row?

        init(from decoder: any Decoder) throws {
            row = try? Row(from: decoder)
        }
    }

    private struct Row: Decodable {
        var event: String
        var entry: String
        var build: String
        var type: String?
        var status: String?
        var reason: String?
        var response: String?
        var timestamp: Int64?
    }

    private init?(_ row: Row) {
        guard let entry = OutboxEntryID(row.entry), let build = BuildID(row.build) else { return nil }
        switch row.event {
        case "delivered": kind = .delivered
        case "deferred": kind = .deferred
        case "bounce": kind = .bounced(isBlock: row.type == "blocked")
        case "dropped": kind = .dropped
        default: return nil
        }
        self.entry = entry
        self.build = build
        words = (row.reason ?? row.response ?? "").shownWords(limit: 500)
        status = row.status.flatMap { EnhancedStatus($0) } ?? EnhancedStatus(in: words)
        at = row.timestamp.flatMap { (0..<(1 << 40)).contains($0) ? Timestamp(milliseconds: $0 * 1000) : nil }
    }

    /// - Parameter now: stands in for an event's time that is missing or lies ahead.
    package func report(heardAt now: Timestamp) -> DeliveryReport {
        let moment = min(at ?? now, now)
        let fate: DeliveryReport.Fate
        let condemns: Bool
        switch kind {
        case .delivered: (fate, condemns) = (.delivered, false)
        case .deferred: (fate, condemns) = (.deferred, false)
        case .bounced(isBlock: true): (fate, condemns) = (.bounced, false)
        case .bounced(isBlock: false):
            // SendGrid calls only that a bounce which is for good; a status that says more is believed more.
            (fate, condemns) = (.bounced, status.map { $0.isGeneral ? $0.kind == 5 : $0.condemnsAddress } ?? true)
        case .dropped: (fate, condemns) = (.dropped, Self.isListed(words))
        }
        return DeliveryReport(fate: fate, words: words, condemnsAddress: condemns, at: moment)
    }

    /// Whether SendGrid keeps the address on one of its lists: it will not send there, until it is taken off.
    private static func isListed(_ reason: String) -> Bool {
        ["bounced address", "invalid", "unsubscribed address", "spam reporting address"].contains(reason.lowercased())
    }
}
