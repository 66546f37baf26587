/// One key of the configuration: its path in `kiln.yml`, what it takes, and what it is for.
struct ConfigurationKey: Sendable {
    enum Kind: Sendable {
        /// One line.
        case text
        /// A path; relative ones start at the working directory.
        case path
        /// A name or an IP address to listen at or connect to.
        case host
        case integer(ClosedRange<Int>)
        case boolean
        case size(ClosedRange<Int64>)
        case span(ClosedRange<Duration>)
        case oneOf([String])
        /// A URL with one of these schemes.
        case url([String])
        /// `address@host` or `Name <address@host>`.
        case sender
        /// `address@host` alone.
        case mailAddress
        /// A language's tag: `en`, `zh-Hans`.
        case language
        /// IP addresses and CIDR blocks; a list in the file, separated by commas in a variable.
        case addressRanges
    }

    var path: String
    var kind: Kind
    /// What is taken when nothing is given, as it would be written; nil: nothing, or what `defaultNote` says.
    var defaultText: String?
    /// A default that has to be worked out, in words.
    var defaultNote: String?
    var isSecret: Bool
    /// One sentence for the tables.
    var help: String

    init(
        _ path: String, _ kind: Kind, default defaultText: String? = nil, note: String? = nil, secret: Bool = false,
        _ help: String
    ) {
        self.path = path
        self.kind = kind
        self.defaultText = defaultText
        defaultNote = note
        isSecret = secret
        self.help = help
    }

    /// `mail.smtp.host` -> `KILN_MAIL_SMTP_HOST`
    var variable: String {
        "KILN_" + path.uppercased().replacing(".", with: "_")
    }

    var components: [String] {
        path.split(separator: ".").map(String.init)
    }
}
