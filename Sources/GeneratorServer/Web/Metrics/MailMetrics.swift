import Domain
import Mailer
import Storage

/// The mail's part of `/metrics`.
enum MailMetrics {
    static func render(
        _ outbox: OutboxSummary, _ lines: [MailLineStatus], at now: Timestamp, to text: inout MetricLines
    ) {
        text.head("kiln_outbox", "gauge", "Mails that wait, and that were refused for good.")
        text.sample("kiln_outbox", ["status": "waiting"], Double(outbox.waiting))
        text.sample("kiln_outbox", ["status": "refused"], Double(outbox.refused))
        text.head("kiln_outbox_waiting", "gauge", "Mails that wait.")
        text.sample("kiln_outbox_waiting", [:], Double(outbox.waiting))
        text.head("kiln_outbox_oldest_seconds", "gauge", "Age of the oldest mail that waits.")
        let age = outbox.oldestWaitingAt.map { now - $0 } ?? .zero
        text.sample("kiln_outbox_oldest_seconds", [:], Double(age.wholeMilliseconds) / 1000)
        text.head("kiln_mail_bounced", "gauge", "Mails that came back after they had been taken.")
        text.sample("kiln_mail_bounced", [:], Double(outbox.bounced))
        text.head("kiln_mail_transport_up", "gauge", "Whether a transport takes mail.")
        for line in lines {
            text.sample("kiln_mail_transport_up", ["transport": line.name], line.isUp ? 1 : 0)
        }
        text.head("kiln_mails_total", "counter", "Tries to send a mail since the start, by how they ended.")
        for line in lines {
            for outcome in DeliveryTry.Outcome.allCases {
                text.sample(
                    "kiln_mails_total", ["transport": line.name, "outcome": outcome.rawValue],
                    Double(line.counts[outcome] ?? 0))
            }
        }
    }
}
