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
        /// `host[:port]` of the public URL: what Kiln calls itself to mail servers that are not told otherwise.
        var authority: String
        /// See `CapabilitySigner`; marks the addresses to which mails come back.
        var secretFile: String
    }

    var sender: NamedMailAddress
    var primary: any MailTransport
    var fallback: (any MailTransport)?

    /// - Returns: `nil` where no mail is wanted.
    init?(_ mail: KilnConfiguration.Mail, tools: Tools) throws(HouseError) {
        do { sender = try NamedMailAddress(parsing: mail.from) } catch { throw HouseError.mailSender(mail.from) }
        let maker = Maker(mail: mail, tools: tools, sender: sender)
        guard let primary = try maker.transport(mail.service, mail.smtp, isFirst: true) else { return nil }
        self.primary = primary
        fallback =
            if let second = mail.fallback {
                try maker.transport(second.service, second.smtp, isFirst: false)
            } else { nil }
    }

    private struct Maker {
        var mail: KilnConfiguration.Mail
        var tools: Tools
        var sender: NamedMailAddress

        func transport(
            _ service: KilnConfiguration.Mail.Service, _ account: KilnConfiguration.Mail.SMTP, isFirst: Bool
        ) throws(HouseError) -> (any MailTransport)? {
            switch service {
            case .none: nil
            case .maildir: MaildirTransport(directory: DataFolder.absolute(mail.maildirDirectory))
            case .sendgrid:
                // The configuration refuses the service without its key.
                SendGridTransport(
                    key: mail.sendgrid.key ?? "", baseURL: mail.sendgrid.baseURL, sender: sender,
                    transfers: tools.transfers, scratch: tools.scratch, clock: tools.clock)
            case .smtp: try smtp(account, isFirst: isFirst)
            }
        }

        private func smtp(
            _ account: KilnConfiguration.Mail.SMTP, isFirst: Bool
        ) throws(HouseError) -> SMTPTransport {
            let keys = isFirst ? "mail.smtp" : "mail.fallback.smtp"
            let settings: SMTPSettings
            do {
                settings = try SMTPSettings(
                    host: HostName.ascii(account.host ?? "") ?? account.host ?? "", port: account.port,
                    security: account.encryption.security, caFile: account.caFile.map(DataFolder.absolute),
                    login: account.login, helloName: account.helloName ?? Self.helloName(tools.authority),
                    connections: account.connections)
            } catch {
                throw HouseError.mailServer(keys: keys, reason: error.words)
            }
            return SMTPTransport(
                settings, keys: keys, folder: tools.scratch, signer: try signer(), envelopeSender: envelopeSender())
        }

        private func signer() throws(HouseError) -> DKIMSigner? {
            guard let dkim = mail.dkim else { return nil }
            do {
                let key = try DKIMKey(selector: dkim.selector, file: DataFolder.absolute(dkim.keyFile))
                return try DKIMSigner(domain: dkim.domain, keys: [key])
            } catch {
                throw HouseError.mailSignature("\(error)")
            }
        }

        /// Before the first start there is no secret to mark addresses with, and no mail that could come back.
        private func envelopeSender() -> @Sendable (OutboxEntryID) -> MailAddress? {
            guard let address = mail.bounceAddress.flatMap({ MailAddress($0) }) else { return { _ in nil } }
            let marks = try? VERP.of(address, secretFile: tools.secretFile)
            return { marks?.sender(of: $0) ?? address }
        }

        /// Without the port; an address stands in brackets (RFC 5321, 4.1.3).
        private static func helloName(_ authority: String) -> String {
            if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
                return "[IPv6:" + authority[authority.index(after: authority.startIndex)..<end] + "]"
            }
            let host = String(authority.prefix { $0 != ":" })
            return IPAddress(host) == nil ? HostName.ascii(host) ?? host : "[\(host)]"
        }
    }
}

extension KilnConfiguration.Mail.Encryption {
    fileprivate var security: SMTPSettings.Security {
        switch self {
        case .none: .none
        case .tlsOptional: .optional
        case .tls: .required
        case .ssl: .implicit
        }
    }
}

extension KilnConfiguration.Mail.SMTP {
    fileprivate var login: SMTPSettings.Login? {
        guard let username else { return nil }
        let mechanism: SMTPSettings.Mechanism? =
            switch authentication {
            case .auto: nil
            case .plain: .plain
            case .login: .login
            case .cramMD5: .cramMD5
            case .xoauth2: .xoauth2
            }
        return SMTPSettings.Login(name: username, secret: password ?? "", mechanism: mechanism)
    }
}

extension SMTPSettingsError {
    fileprivate var words: String {
        switch self {
        case .badHost: "host is neither a host's name nor an address"
        case .badPort: "port is none"
        case .badHelloName: "hello_name is neither a host's name nor an address in brackets"
        case .badConnections: "connections has to be at least 1"
        case .badLogin: "username is empty, or it or the password has a control character"
        case .badCAFile: "ca_file is no file's name"
        case .passwordInClear: "a password needs an encryption other than none"
        }
    }
}
