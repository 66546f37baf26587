import Domain
import Recipes
import Testing

@testable import GeneratorServer

struct MailConfigurationTests {
    private static let smtp = "mail: {service: smtp, from: kiln@b.example, smtp: {host: mx}}"
    private static let site = ["KILN_SERVER_PUBLIC_URL": "https://kiln.example"]

    @Test func `four lines are a mail account, and addresses are confirmed then`() throws {
        let configuration = try KilnConfigurationTests.load(Self.smtp, Self.site)
        #expect(configuration.warnings == [])
        let mail = configuration.mail
        #expect(
            mail.service == .smtp && mail.smtp.host == "mx" && mail.smtp.port == 587 && mail.smtp.encryption == .tls)
        #expect(mail.smtp.authentication == .auto && mail.smtp.connections == 4 && mail.smtp.helloName == nil)
        #expect(mail.confirm && mail.confirmTime == .seconds(86_400) && mail.confirmMemory == .seconds(180 * 86_400))
        #expect(mail.language.text == "en" && mail.fallback == nil && mail.dkim == nil)
        #expect(mail.perDomainPerMinute == 60 && mail.perDomainAtOnce == 4)
        #expect(configuration.limits.mailsPerHour == nil)
        #expect(configuration.limits.confirmationsPerAddressPerHour == 3)
        #expect(configuration.limits.confirmationsPerSourcePerHour == 10)
    }

    @Test func `everything that mail knows reaches it`() throws {
        let mail = try KilnConfigurationTests.load(
            """
            mail:
              service: sendgrid
              from: Kiln <kiln@b.example>
              reply_to: help@b.example
              language: ZH-hans
              confirm: false
              bounce_address: bounces@b.example
              bounce_token: one
              sendgrid: {key: two, base_url: 'https://api.eu.sendgrid.com/', webhook_key: three}
              fallback_after: 5
              fallback:
                service: smtp
                smtp: {host: mx, encryption: ssl, username: me, password: four, auth: cram_md5, connections: 2}
              dkim: {domain: b.example, selector: kiln, key_file: /etc/kiln/dkim.pem}
              per_domain_per_minute: 0
            """, Self.site
        ).mail
        #expect(mail.replyTo == "help@b.example" && mail.language.text == "zh-Hans" && !mail.confirm)
        #expect(mail.bounceAddress == "bounces@b.example" && mail.bounceToken == "one")
        #expect(mail.sendgrid.key == "two" && mail.sendgrid.baseURL == "https://api.eu.sendgrid.com")
        #expect(mail.sendgrid.webhookKey == "three" && mail.fallback?.after == 5)
        #expect(mail.fallback?.service == .smtp && mail.fallback?.smtp.port == 465)
        #expect(mail.fallback?.smtp.authentication == .cramMD5 && mail.fallback?.smtp.connections == 2)
        #expect(mail.dkim == .init(domain: "b.example", selector: "kiln", keyFile: "/etc/kiln/dkim.pem"))
        #expect(mail.perDomainPerMinute == nil)
    }

    @Test(arguments: [
        ("{service: smtp}", "mail.service: `smtp` needs `mail.smtp.host`"),
        ("{service: sendgrid}", "mail.service: `sendgrid` needs `mail.sendgrid.key`"),
        ("{smtp: {username: x}}", "is set, but `mail.smtp.password` is not"),
        ("{fallback: {smtp: {password: x}}}", "is set, but `mail.fallback.smtp.username` is not"),
        ("{smtp: {username: x, password: y, encryption: none}}", "would let the password travel in clear"),
        ("{smtp: {auth: xoauth2}}", "nobody is named"),
        ("{smtp: {auth: kerberos}}", "does not know `kerberos`"),
        ("{service: none, confirm: true}", "asks people by mail"),
        ("{fallback: {service: smtp}}", "`smtp` needs `mail.fallback.smtp.host`"),
        ("{fallback: {service: sendgrid}}", "`sendgrid` needs `mail.sendgrid.key`"),
        ("{fallback: {service: maildir}}", "is the same way"),
        ("{service: none, fallback: {service: maildir}}", "but there is no first"),
        ("{service: smtp, smtp: {host: x}, fallback: {service: smtp, smtp: {host: x}}}", "is the same way"),
        (
            "{service: sendgrid, sendgrid: {key: x, base_url: 'http://api.example'}}",
            "would let the key travel in clear"
        ),
        ("{dkim: {domain: b.example}}", "`mail.dkim.selector` and `mail.dkim.key_file` is not"),
        ("{bounce_address: 'Back <back@b.example>'}", "is not a mail address"),
        ("{bounce_address: 'twentyone-characters-@b.example'}", "has more than 20 bytes before the `@`"),
        ("{reply_to: nobody}", "is not a sender"),
        ("{language: english}", "is not a language"),
        ("{confirm_time: 10}", "is not a span of time"),
    ])
    func `what cannot be used is refused (P8)`(mail: String, problem: String) throws {
        let found = try KilnConfigurationTests.problems("mail: \(mail)", Self.site)
        #expect(found.contains { $0.contains(problem) }, "\(found)")
    }

    @Test(arguments: [
        ("{service: smtp, smtp: {host: x}}", ["mail.from"]),
        ("{service: smtp, smtp: {host: x}, from: a@b.example, confirm: false}", ["mail.confirm"]),
        (
            "{service: smtp, smtp: {host: x}, from: a@b.example, fallback: {service: maildir}}",
            ["mail.fallback.service"]
        ),
        (
            "{from: a@b.example, dkim: {domain: c.example, selector: s, key_file: k}}", ["mail.dkim.domain"]
        ),
        ("{from: a@x.b.example, dkim: {domain: b.example, selector: s, key_file: k}}", []),
        ("{service: sendgrid, from: a@b.example, sendgrid: {key: x, base_url: 'http://127.0.0.1:1'}}", []),
    ])
    func `what is doubtful is a warning`(mail: String, paths: [String]) throws {
        #expect(try KilnConfigurationTests.load("mail: \(mail)", Self.site).warnings.map(\.path) == paths)
    }

    @Test func `mail that leaves the machine needs a public address in its links`() throws {
        #expect(try KilnConfigurationTests.load(Self.smtp).warnings.map(\.path) == ["server.public_url"])
    }

    @Test func `an old deployment's variables are read, and each is told by its new name`() throws {
        let old = [
            "EMAIL_SERVICE": "SMTP", "SMTP_HOST": "mx.b.example", "SMTP_PORT": "2525", "SMTP_USERNAME": "me",
            "SMTP_PASSWORD": "hunter2", "SMTP_ENCRYPTION": "ssl", "FROM_EMAIL": "kiln@b.example",
            "SENDGRID_KEY": "unused",
        ]
        let configuration = try KilnConfigurationTests.load("", old.merging(Self.site) { $1 })
        let mail = configuration.mail
        #expect(mail.service == .smtp && mail.smtp.host == "mx.b.example" && mail.smtp.port == 2525)
        #expect(mail.smtp.username == "me" && mail.smtp.password == "hunter2" && mail.smtp.encryption == .ssl)
        #expect(mail.from == "kiln@b.example" && mail.sendgrid.key == nil && mail.confirm)
        #expect(
            configuration.warnings.map(\.path) == [
                "EMAIL_SERVICE", "SMTP_HOST", "SMTP_PORT", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_ENCRYPTION",
                "FROM_EMAIL",
            ])
        #expect(configuration.warnings.first?.mend?.contains("KILN_MAIL_SERVICE") == true)
        #expect(!configuration.warnings.map(\.text).joined().contains("hunter2"))
        #expect(configuration.summary.first { $0.path == "mail.smtp.host" }?.source == "SMTP_HOST")
    }

    @Test func `Kiln's own keys win over old names, and empty or unused old ones are not looked at`() throws {
        let old = ["EMAIL_SERVICE": "", "SMTP_HOST": "old", "SMTP_PORT": "", "SENDGRID_KEY": "x", "FROM_EMAIL": "?"]
        let none = try KilnConfigurationTests.load("", old)
        #expect(none.mail.service == .maildir && none.mail.smtp.host == nil && none.warnings == [])
        let own = try KilnConfigurationTests.load(
            Self.smtp, ["SMTP_HOST": "old", "EMAIL_SERVICE": "sendgrid"].merging(Self.site) { $1 })
        #expect(own.mail.smtp.host == "mx" && own.warnings == [])
        let sendgrid = try KilnConfigurationTests.load(
            "mail: {from: a@b.example}", ["EMAIL_SERVICE": "sendgrid", "SENDGRID_KEY": "x"].merging(Self.site) { $1 })
        #expect(sendgrid.mail.service == .sendgrid && sendgrid.mail.sendgrid.key == "x")
    }

    @Test(arguments: ["tls", "tls_optional", "ssl"])
    func `a login goes with every encryption that there is at the end`(encryption: String) throws {
        let account = [
            "EMAIL_SERVICE": "smtp", "SMTP_HOST": "mx", "SMTP_USERNAME": "a", "SMTP_PASSWORD": "b",
            "SMTP_ENCRYPTION": encryption, "FROM_EMAIL": "a@b.example",
        ]
        let found = try KilnConfigurationTests.load("", account.merging(Self.site) { $1 })
        #expect(found.mail.smtp.encryption.rawValue == encryption && found.mail.smtp.username == "a")
    }

    @Test(arguments: [
        (["EMAIL_SERVICE": "pigeon"], "EMAIL_SERVICE mail.service: does not know `pigeon`"),
        (["EMAIL_SERVICE": "smtp", "SMTP_HOST": "a", "SMTP_PORT": "x"], "SMTP_PORT mail.smtp.port: `x` is not a"),
        (
            [
                "EMAIL_SERVICE": "smtp", "SMTP_HOST": "a", "SMTP_USERNAME": "a", "SMTP_PASSWORD": "b",
                "SMTP_ENCRYPTION": "none",
            ], "SMTP_ENCRYPTION mail.smtp.encryption: would let the password travel in clear"
        ),
    ])
    func `an old value that cannot be used is an error at its old name (P8)`(
        environment: [String: String], problem: String
    ) throws {
        let found = try KilnConfigurationTests.problems("", environment)
        #expect(found.contains { $0.hasPrefix(problem) }, "\(found)")
    }
}
