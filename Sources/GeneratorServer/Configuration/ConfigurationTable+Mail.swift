extension ConfigurationTable {
    static let mail: [ConfigurationKey] =
        [
            .init(
                "mail.service", .oneOf(KilnConfiguration.Mail.Service.allCases.map(\.rawValue)), default: "maildir",
                "How mail is sent: `smtp`, `sendgrid`, `maildir` (it is put into a folder), or `none`."),
            .init("mail.from", .sender, default: "Kiln <kiln@localhost>", "Sender of every mail."),
            .init("mail.reply_to", .sender, note: "`mail.from`", "Where answers to mails go."),
            .init(
                "mail.language", .language, default: "en",
                "Language of mails to those who did not say which they read, such as `de` or `zh-Hans`."),
            .init(
                "mail.confirm", .boolean, note: "`true` for `smtp` and `sendgrid`, else `false`",
                "Whether an address has to be confirmed before anything is built for it."),
            .init(
                "mail.confirm_time", .span(.seconds(60)...days(30)), default: "24h",
                "How long a build waits for its address to be confirmed."),
            .init(
                "mail.confirm_memory", .span(.seconds(3600)...days(3650)), default: "180d",
                "How long a confirmed address need not be confirmed again."),
            .init(
                "mail.bounce_address", .mailAddress, note: "the address in `mail.from`",
                "Where mails that cannot be delivered come back to; `bounces@` gets them at `bounces+...@`."),
            .init(
                "mail.bounce_token", .text, secret: true,
                "Lets a mail server post what came back to `/mail/bounces`; without it nobody can."),
            .init("mail.maildir.directory", .path, note: "`mail` in `data.directory`", "The maildir."),
        ]
        + smtp("mail.smtp")
        + [
            .init("mail.sendgrid.key", .text, secret: true, "SendGrid's API key."),
            .init(
                "mail.sendgrid.base_url", .url(["https", "http"]), default: "https://api.sendgrid.com",
                "SendGrid's API; `https://api.eu.sendgrid.com` for an account in the EU."),
            .init(
                "mail.sendgrid.webhook_key", .text,
                "Public key of SendGrid's signed event webhook, for `/mail/sendgrid/events`."),
            .init(
                "mail.fallback.service", .oneOf(KilnConfiguration.Mail.Service.allCases.map(\.rawValue)),
                default: "none", "A second way out, taken while the first is down."),
        ]
        + smtp("mail.fallback.smtp")
        + [
            .init(
                "mail.fallback_after", .integer(1...100), default: "3",
                "Failures after which a mail takes the second way out."),
            .init("mail.dkim.domain", .host, "The domain that signs mails (DKIM)."),
            .init("mail.dkim.selector", .host, "The name of the key in that domain's DNS."),
            .init("mail.dkim.key_file", .path, "The private key, RSA or Ed25519, as PEM."),
            .init(
                "mail.per_domain_per_minute", .integer(0...100_000), default: "60",
                "Mails that are begun in a minute to addresses of one domain; 0: no limit."),
            .init(
                "mail.per_domain_at_once", .integer(0...1000), default: "4",
                "Mails under way at once to addresses of one domain; 0: no limit."),
        ]

    /// An SMTP account's keys.
    private static func smtp(_ section: String) -> [ConfigurationKey] {
        [
            .init("\(section).host", .host, "The SMTP server."),
            .init("\(section).port", .integer(1...65535), note: "465 for `ssl`, 25 for `none`, else 587", "Its port."),
            .init("\(section).username", .text, "Name to log in with."),
            .init("\(section).password", .text, secret: true, "Password to log in with; for `xoauth2` the token."),
            .init(
                "\(section).encryption", .oneOf(KilnConfiguration.Mail.Encryption.allCases.map(\.rawValue)),
                default: "tls", "`tls` (STARTTLS), `tls_optional`, `ssl` (from the first byte) or `none`."),
            .init(
                "\(section).ca_file", .path, note: "the system's", "Certificates that the server's is checked against."),
            .init(
                "\(section).auth", .oneOf(KilnConfiguration.Mail.Authentication.allCases.map(\.rawValue)),
                default: "auto", "How to log in; `auto` takes the best that the server offers."),
            .init(
                "\(section).hello_name", .host, note: "the host of `server.public_url`",
                "The name that Kiln greets the server with."),
            .init("\(section).connections", .integer(1...64), default: "4", "Connections to the server at once."),
        ]
    }

    private static func days(_ number: Int) -> Duration { .seconds(number * 86400) }
}
