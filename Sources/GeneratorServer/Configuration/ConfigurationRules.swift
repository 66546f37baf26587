import Recipes

/// How values of different keys have to fit each other, and what this version cannot do yet.
struct ConfigurationRules {
    private(set) var problems: [Diagnostic] = []
    private(set) var warnings: [Diagnostic] = []
    private let values: ConfigurationValues

    init(_ values: ConfigurationValues) {
        self.values = values
        checkMail()
        checkStores()
        checkReach()
    }

    private mutating func checkMail() {
        let service = values.text("mail.service")
        if service == "smtp" || service == "sendgrid" {
            refuse(
                "mail.service", "`\(service ?? "")` is not in this version",
                mend: "write `maildir` (mail is put into a folder) or `none`")
        }
        if service == "smtp", values.text("mail.smtp.host") == nil {
            refuse("mail.service", "`smtp` needs `mail.smtp.host`", mend: "set `mail.smtp.host`")
        }
        if service == "sendgrid", values.text("mail.sendgrid.key") == nil {
            refuse("mail.service", "`sendgrid` needs `mail.sendgrid.key`", mend: "set `mail.sendgrid.key`")
        }
        let hasName = values.text("mail.smtp.username") != nil
        let hasPassword = values.text("mail.smtp.password") != nil
        if hasName != hasPassword {
            refuse(
                hasName ? "mail.smtp.username" : "mail.smtp.password",
                "is set, but `mail.smtp.\(hasName ? "password" : "username")` is not", mend: "set both or none")
        }
        if hasPassword, ["none", "tls_optional"].contains(values.text("mail.smtp.encryption")) {
            refuse(
                "mail.smtp.encryption", "would let the password travel in clear", mend: "write `tls` or `ssl`")
        }
        if values.flag("mail.confirm") == true {
            warn(
                "mail.confirm", "confirming addresses is not in this version: nobody is asked",
                mend: "remove it, or write `false`")
        }
    }

    private mutating func checkStores() {
        if values.text("database.url") != nil {
            refuse(
                "database.url", "PostgreSQL is not in this version",
                mend: "remove it: SQLite in `data.directory` is used")
        }
        if values.text("objects.url") != nil {
            refuse(
                "objects.url", "S3 is not in this version", mend: "remove it: files in `data.directory` are used")
        }
    }

    private mutating func checkReach() {
        let host = values.text("server.host") ?? ""
        let isLocal = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        if !isLocal, values.text("server.public_url") == nil {
            warn(
                "server.public_url", "is not set: links in mails lead to `http://localhost`",
                mend: "set it to what people's browsers use, such as `https://kiln.example.org`")
        }
        if !isLocal, values.flag("sandbox.allow_unsandboxed") == true {
            warn(
                "sandbox.allow_unsandboxed", "scripts may run without isolation, and others can reach this server",
                mend: "let the kernel allow user namespaces, and remove it")
        }
    }

    private func place(_ path: String) -> Diagnostic.Place {
        values.places[path] ?? .wholeFile("kiln.yml")
    }

    private mutating func refuse(_ path: String, _ problem: String, mend: String) {
        problems.append(Diagnostic(place: place(path), path: path, problem: problem, mend: mend))
    }

    private mutating func warn(_ path: String, _ problem: String, mend: String) {
        warnings.append(
            Diagnostic(place: place(path), severity: .warning, path: path, problem: problem, mend: mend))
    }
}
