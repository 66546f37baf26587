import Curl
import Domain
import Foundation
import Mailer

/// The ways out for mail that the configuration names.
struct MailTransports: Sendable {
    /// What transports need of the house.
    struct Tools: Sendable {
        var transfers: HTTPTransfers
        /// An existing folder for messages on their way.
        var scratch: String
        var clock: any WallClock
        /// What Kiln calls itself where `hello_name` is not set: the host of its public URL.
        var host: String
    }

    var sender: NamedMailAddress
    var primary: any MailTransport
    var fallback: (any MailTransport)?

    /// - Returns: `nil` where no mail is wanted.
    init?(_ mail: KilnConfiguration.Mail, tools: Tools) throws(HouseError) {
        do { sender = try NamedMailAddress(parsing: mail.from) } catch { throw HouseError.mailSender(mail.from) }
        let maker = Maker(mail: mail, tools: tools, sender: sender)
        guard let primary = try maker.transport(mail.service, mail.smtp) else { return nil }
        self.primary = primary
        fallback = if let second = mail.fallback { try maker.transport(second.service, second.smtp) } else { nil }
    }

    private struct Maker {
        var mail: KilnConfiguration.Mail
        var tools: Tools
        var sender: NamedMailAddress

        func transport(
            _ service: KilnConfiguration.Mail.Service, _ account: KilnConfiguration.Mail.SMTP
        ) throws(HouseError) -> (any MailTransport)? {
            switch service {
            case .none: nil
            case .maildir: MaildirTransport(directory: DataFolder.absolute(mail.maildirDirectory))
            case .sendgrid:
                // The configuration refuses the service without its key.
                SendGridTransport(
                    key: mail.sendgrid.key ?? "", baseURL: mail.sendgrid.baseURL, sender: sender,
                    transfers: tools.transfers, scratch: tools.scratch, clock: tools.clock)
            case .smtp: throw HouseError.mailService(service.rawValue)
            }
        }
    }
}
