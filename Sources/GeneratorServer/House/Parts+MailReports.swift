import Domain
import Foundation
import Mailer

extension Parts {
    /// Where it is heard what became of mails; `nil` where none leave the machine.
    func mailReports() throws(HouseError) -> MailReportDoors? {
        let mail = configuration.mail
        guard mail.service.leavesTheMachine || mail.fallback?.service.leavesTheMachine == true else { return nil }
        var doors = MailReportDoors(reports: DeliveryReports(desk: store), bounceToken: mail.bounceToken)
        if let text = mail.sendgrid.webhookKey {
            guard let key = SendGridWebhookKey(text) else { throw HouseError.webhookKey }
            doors.sendGridKey = key
        }
        doors.verp = try bounceMarks()
        return doors
    }

    /// Marks the envelope senders of mails, so that what comes back is known; `nil` without an address for it.
    func bounceMarks() throws(HouseError) -> VERP? {
        guard let text = configuration.mail.bounceAddress else { return nil }
        guard let address = MailAddress(text) else { throw HouseError.bounceAddress(text) }
        do {
            // An address that is too long for it was refused with the configuration.
            return try VERP.of(address, secretFile: configuration.server.secretFile)
        } catch {
            throw HouseError.secret("\(error)")
        }
    }
}
