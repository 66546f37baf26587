import Mailer

extension ConfigurationRules {
    /// Whether mails go to other machines.
    var sendsMailOut: Bool { [service, secondService].contains { $0 == "smtp" || $0 == "sendgrid" } }

    private var service: String { values.text("mail.service") ?? "" }
    private var secondService: String { values.text("mail.fallback.service") ?? "none" }

    mutating func checkMail() {
        if service == "smtp" { need("mail.smtp.host", for: "mail.service", "smtp") }
        if service == "sendgrid" { need("mail.sendgrid.key", for: "mail.service", "sendgrid") }
        checkAccount("mail.smtp")
        checkAccount("mail.fallback.smtp")
        checkSendGrid()
        checkFallback()
        checkSigning()
        checkAddresses()
        if service == "none", values.flag("mail.confirm") == true {
            refuse(
                "mail.confirm", "asks people by mail, but `mail.service` is `none`",
                mend: "set `mail.service`, or write `false`")
        }
    }

    private mutating func need(_ wanted: String, for path: String, _ value: String) {
        guard values.text(wanted) == nil else { return }
        refuse(path, "`\(value)` needs `\(wanted)`", mend: "set `\(wanted)`")
    }

    private mutating func checkAccount(_ section: String) {
        let hasName = values.text("\(section).username") != nil
        let hasPassword = values.text("\(section).password") != nil
        if hasName != hasPassword {
            let (there, missing) = hasName ? ("username", "password") : ("password", "username")
            refuse(
                "\(section).\(there)", "is set, but `\(section).\(missing)` is not", mend: "set both or none")
        }
        // With `tls_optional` a password makes TLS required: see `SMTPLane`.
        if hasPassword, values.text("\(section).encryption") == "none" {
            refuse(
                "\(section).encryption", "would let the password travel in clear", mend: "write `tls` or `ssl`")
        }
        if !hasPassword, let way = values.text("\(section).auth"), way != "auto" {
            refuse(
                "\(section).auth", "says how to log in, but nobody is named to do so",
                mend: "set `\(section).username` and `\(section).password`, or remove it")
        }
    }

    private mutating func checkSendGrid() {
        guard service == "sendgrid" || secondService == "sendgrid",
            let url = values.text("mail.sendgrid.base_url")?.lowercased(), url.hasPrefix("http://")
        else { return }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        let isHere = authority == "localhost" || ["localhost:", "127.", "[::1]"].contains { authority.hasPrefix($0) }
        if !isHere {
            refuse("mail.sendgrid.base_url", "would let the key travel in clear", mend: "write an `https://` URL")
        }
    }

    private mutating func checkFallback() {
        guard secondService != "none" else { return }
        if service == "none" {
            refuse(
                "mail.fallback.service", "is a second way out, but there is no first", mend: "set `mail.service`")
        }
        if secondService == "smtp" { need("mail.fallback.smtp.host", for: "mail.fallback.service", "smtp") }
        if secondService == "sendgrid" { need("mail.sendgrid.key", for: "mail.fallback.service", "sendgrid") }
        let isSame =
            secondService == service
            && (service != "smtp"
                || ["host", "port", "username", "encryption"].allSatisfy {
                    values.value("mail.smtp.\($0)") == values.value("mail.fallback.smtp.\($0)")
                })
        if isSame {
            refuse(
                "mail.fallback.service", "is the same way as `mail.service`",
                mend: "name another service or server, or remove it")
        } else if secondService == "maildir", service != "none" {
            warn(
                "mail.fallback.service",
                "`maildir` keeps mails in a folder: nobody is told while the first way is down",
                mend: "name a service that sends, or watch the folder")
        }
    }

    private mutating func checkSigning() {
        let all = ["mail.dkim.domain", "mail.dkim.selector", "mail.dkim.key_file"]
        let given = all.filter { values.text($0) != nil }
        guard let first = given.first else { return }
        if given.count < all.count {
            let missing = all.filter { !given.contains($0) }.map { "`\($0)`" }.joined(separator: " and ")
            refuse(first, "is set, but \(missing) is not", mend: "set all three or none")
        } else if let domain = values.text("mail.dkim.domain")?.lowercased(), let sender = senderDomain,
            sender != domain, !sender.hasSuffix(".\(domain)"), !domain.hasSuffix(".\(sender)")
        {
            warn(
                "mail.dkim.domain", "is not the domain of `mail.from`, so that receivers do not count the signature",
                mend: "sign with a key of `\(sender)`")
        }
    }

    private mutating func checkAddresses() {
        if let bounces = values.text("mail.bounce_address") {
            let local = bounces.prefix { $0 != "@" }
            if local.utf8.count > VERP.longestName {
                refuse(
                    "mail.bounce_address", "has more than \(VERP.longestName) bytes before the `@`",
                    mend: "take a shorter name: each mail's mark is put behind it, and 64 bytes is all there may be")
            }
        }
        guard service == "smtp" || service == "sendgrid" else { return }
        if let sender = senderDomain, sender == "localhost" || sender.hasSuffix(".localhost") {
            warn(
                "mail.from", "is an address of this machine: other mail servers refuse it",
                mend: "write an address of your own domain: `Kiln <kiln@example.org>`")
        }
        if values.flag("mail.confirm") == false {
            warn(
                "mail.confirm", "is off: anybody can have builds made and mails sent in somebody else's name",
                mend: "remove it, unless only people you trust reach this server")
        }
    }

    private var senderDomain: String? {
        values.text("mail.from")?.split(separator: "@").last?.prefix { $0 != ">" }.lowercased()
    }
}
