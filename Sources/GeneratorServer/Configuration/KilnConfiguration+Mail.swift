import Domain

extension KilnConfiguration {
    struct Mail: Hashable, Sendable {
        enum Service: String, Hashable, Sendable, CaseIterable {
            case maildir, smtp, sendgrid, none

            /// Whether mails go to other machines.
            var leavesTheMachine: Bool { self == .smtp || self == .sendgrid }
        }

        enum Encryption: String, Hashable, Sendable, CaseIterable {
            case none
            case tlsOptional = "tls_optional"
            case tls, ssl

            var usualPort: Int {
                switch self {
                case .none: 25
                case .tlsOptional, .tls: 587
                case .ssl: 465
                }
            }
        }

        enum Authentication: String, Hashable, Sendable, CaseIterable {
            case auto, plain, login
            case cramMD5 = "cram_md5"
            case xoauth2
        }

        struct SMTP: Hashable, Sendable {
            /// There, if the account is used.
            var host: String?
            var port: Int
            var username: String?
            var password: String?
            var encryption: Encryption
            var caFile: String?
            var authentication: Authentication
            /// nil: the host of the public URL.
            var helloName: String?
            /// At once.
            var connections: Int
        }

        struct SendGrid: Hashable, Sendable {
            /// There, if it is used.
            var key: String?
            var baseURL: String
            /// nil: no events are taken in.
            var webhookKey: String?
        }

        struct DKIM: Hashable, Sendable {
            var domain: String
            var selector: String
            var keyFile: String
        }

        /// A second way out.
        struct Fallback: Hashable, Sendable {
            var service: Service
            var smtp: SMTP
            /// Failures of a mail after which it is taken.
            var after: Int
        }

        var service: Service
        var from: String
        var replyTo: String?
        /// For those who did not say which they read.
        var language: LanguageTag
        /// Whether an address has to be confirmed before anything is built for it.
        var confirm: Bool
        /// How long a build waits for that.
        var confirmTime: Duration
        /// How long an address is remembered as confirmed.
        var confirmMemory: Duration
        /// nil: the address in `from`.
        var bounceAddress: String?
        /// nil: nobody may post bounces.
        var bounceToken: String?
        var maildirDirectory: String
        var smtp: SMTP
        var sendgrid: SendGrid
        /// nil: there is no second way out.
        var fallback: Fallback?
        /// nil: mails are not signed.
        var dkim: DKIM?
        /// nil: no bound.
        var perDomainPerMinute: Int?
        /// nil: no bound.
        var perDomainAtOnce: Int?
    }
}

extension KilnConfiguration.Mail {
    init(_ values: ConfigurationValues, data: String) {
        service = values.certain("mail.service", values.option("mail.service", Service.self))
        from = values.certainText("mail.from")
        replyTo = values.text("mail.reply_to")
        language = values.certain("mail.language", values.text("mail.language").flatMap { LanguageTag($0) })
        confirm = values.flag("mail.confirm") ?? service.leavesTheMachine
        confirmTime = values.certainSpan("mail.confirm_time")
        confirmMemory = values.certainSpan("mail.confirm_memory")
        bounceAddress = values.text("mail.bounce_address")
        bounceToken = values.text("mail.bounce_token")
        maildirDirectory = values.text("mail.maildir.directory") ?? "\(data)/mail"
        smtp = SMTP(values, section: "mail.smtp")
        sendgrid = SendGrid(
            key: values.text("mail.sendgrid.key"), baseURL: values.certainText("mail.sendgrid.base_url"),
            webhookKey: values.text("mail.sendgrid.webhook_key"))
        let second = values.certain("mail.fallback.service", values.option("mail.fallback.service", Service.self))
        fallback =
            second == .none
            ? nil
            : Fallback(
                service: second, smtp: SMTP(values, section: "mail.fallback.smtp"),
                after: values.certainInteger("mail.fallback_after"))
        dkim =
            if let domain = values.text("mail.dkim.domain"), let selector = values.text("mail.dkim.selector"),
                let keyFile = values.text("mail.dkim.key_file")
            {
                DKIM(domain: domain, selector: selector, keyFile: keyFile)
            } else { nil }
        perDomainPerMinute = values.limit("mail.per_domain_per_minute")
        perDomainAtOnce = values.limit("mail.per_domain_at_once")
    }
}

extension KilnConfiguration.Mail.SMTP {
    fileprivate init(_ values: ConfigurationValues, section: String) {
        let key = "\(section).encryption"
        encryption = values.certain(key, values.option(key, KilnConfiguration.Mail.Encryption.self))
        host = values.text("\(section).host")
        port = values.integer("\(section).port") ?? encryption.usualPort
        username = values.text("\(section).username")
        password = values.text("\(section).password")
        caFile = values.text("\(section).ca_file")
        authentication = values.certain(
            "\(section).auth", values.option("\(section).auth", KilnConfiguration.Mail.Authentication.self))
        helloName = values.text("\(section).hello_name")
        connections = values.certainInteger("\(section).connections")
    }
}

// A password must not reach a log because somebody printed a part of the configuration (P7).
extension KilnConfiguration.Mail: CustomStringConvertible, CustomReflectable {
    var description: String { "Mail(\(service.rawValue))" }
    var customMirror: Mirror { Mirror(self, children: ["service": service.rawValue, "from": from]) }
}

extension KilnConfiguration.Mail.SMTP: CustomStringConvertible, CustomReflectable {
    var description: String { "SMTP(\(host ?? "no host"):\(port))" }
    var customMirror: Mirror { Mirror(self, children: ["host": host ?? "", "password": "<redacted>"]) }
}

extension KilnConfiguration.Mail.SendGrid: CustomStringConvertible, CustomReflectable {
    var description: String { "SendGrid(\(baseURL))" }
    var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL, "key": "<redacted>"]) }
}

extension KilnConfiguration.Mail.Fallback: CustomStringConvertible, CustomReflectable {
    var description: String { "Fallback(\(service.rawValue))" }
    var customMirror: Mirror { Mirror(self, children: ["service": service.rawValue]) }
}
