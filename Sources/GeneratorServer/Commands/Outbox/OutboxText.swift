import Domain
import Storage

/// Deliveries as lines on a terminal.
enum OutboxText {
    /// What a server said, or a requester typed, must not move a terminal's cursor or colour it (P5).
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                        "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    /// A head and a line for each; the error under its mail.
    static func table(_ deliveries: [Delivery], at now: Timestamp) -> String {
        let rows = deliveries.map { delivery in
            [
                delivery.id.text, delivery.status.rawValue, "\(delivery.attempts)", time(delivery, at: now),
                delivery.kind.rawValue, plain(delivery.to),
            ]
        }
        let head = ["ENTRY", "STATUS", "TRIES", "WHEN", "ABOUT", "TO"]
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            // The last column is as long as it is.
            let padded = zip(cells, widths).dropLast().map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return (padded + cells.suffix(1)).joined(separator: "  ")
        }
        var lines = [line(head)]
        for (delivery, row) in zip(deliveries, rows) {
            lines.append(line(row))
            if let error = delivery.lastError, delivery.status != .accepted, delivery.status != .delivered {
                lines.append("    " + plain(error))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// All that is known of one.
    static func page(_ delivery: Delivery, _ tries: [DeliveryTry], _ suppression: Suppression?, at now: Timestamp)
        -> String
    {
        var lines = [
            "entry    \(delivery.id)", "build    \(delivery.build)", "about    \(delivery.kind.rawValue)",
            "to       \(plain(delivery.to))", "language \(delivery.language)", "made     \(delivery.createdAt)",
            "status   \(delivery.status.rawValue), \(time(delivery, at: now))",
        ]
        if let transport = delivery.transport { lines.append("by       \(transport)") }
        if let receipt = delivery.receipt { lines.append("receipt  \(plain(receipt))") }
        if let error = delivery.lastError { lines.append("error    \(plain(error))") }
        if let suppression { lines.append("stopped  " + words(suppression)) }
        lines.append(tries.isEmpty ? "\nNot tried yet." : "")
        for one in tries {
            let words = one.words.map { ": " + plain($0) } ?? ""
            lines.append("try \(one.number)  \(one.at)  \(one.transport)  \(outcome(one.outcome))\(words)")
        }
        return lines.joined(separator: "\n")
    }

    static func words(_ suppression: Suppression) -> String {
        let why =
            switch suppression.reason {
            case .asked: "its owner asked for no more mails"
            case .bounced: "a mail to it came back or was refused" + (suppression.words.map { ": " + plain($0) } ?? "")
            }
        return "\(plain(suppression.address))  until \(suppression.until): \(why)"
    }

    private static func outcome(_ outcome: DeliveryTry.Outcome) -> String {
        switch outcome {
        case .accepted: "taken"
        case .refused: "refused"
        case .notNow: "not now"
        case .unknown: "nobody knows"
        }
    }

    private static func time(_ delivery: Delivery, at now: Timestamp) -> String {
        if let settledAt = delivery.settledAt { return "\(settledAt)" }
        guard let next = delivery.nextTryAt, next > now else { return "due" }
        return "in \(Quantity.span(next - now))"
    }
}
