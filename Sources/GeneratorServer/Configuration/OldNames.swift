import Recipes

/// Variables of the Open Event and Meilix services, read where Kiln's own keys are not set, so that their deployments
/// move over as they are.
enum OldNames {
    struct Name: Sendable {
        var variable: String
        var path: String
        /// Whose settings it is among; those of a service that is not used are not looked at, since other programs
        /// know variables of the same name.
        var services: Set<String>
    }

    /// What says which service is used; read first.
    static let service = Name(variable: "EMAIL_SERVICE", path: "mail.service", services: [])

    static let others: [Name] = [
        Name(variable: "SMTP_HOST", path: "mail.smtp.host", services: ["smtp"]),
        Name(variable: "SMTP_PORT", path: "mail.smtp.port", services: ["smtp"]),
        Name(variable: "SMTP_USERNAME", path: "mail.smtp.username", services: ["smtp"]),
        Name(variable: "SMTP_PASSWORD", path: "mail.smtp.password", services: ["smtp"]),
        Name(variable: "SMTP_ENCRYPTION", path: "mail.smtp.encryption", services: ["smtp"]),
        Name(variable: "SENDGRID_KEY", path: "mail.sendgrid.key", services: ["sendgrid"]),
        Name(variable: "FROM_EMAIL", path: "mail.from", services: ["smtp", "sendgrid"]),
    ]

    /// The value in today's words.
    static func translated(_ value: String, of path: String) -> String {
        let word = value.lowercased()
        switch path {
        case "mail.service": return word
        case "mail.smtp.encryption": return encryptions[word] ?? word
        default: return value
        }
    }

    /// The old services' words, and those of the library that they handed them to.
    private static let encryptions = [
        "required": "tls", "starttls": "tls", "optional": "tls_optional", "tls-optional": "tls_optional",
        "false": "none",
    ]

    /// That it is read, and what to write instead.
    static func note(_ name: Name, _ key: ConfigurationKey) -> Diagnostic {
        Diagnostic(
            place: .variable(name.variable), severity: .warning, path: name.variable,
            problem: "is an old name: it is read as `\(name.path)`",
            mend: "set `\(name.path)` in kiln.yml, or the variable `\(key.variable)`, and unset this one")
    }
}
