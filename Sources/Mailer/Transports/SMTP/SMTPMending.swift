import Curl

/// What an operator can do about a server that does not take mail, in the words of the configuration.
struct SMTPMending {
    let settings: SMTPSettings
    let keys: String

    func mend(_ reply: SMTPReply) -> String {
        switch reply.stage {
        case .greeting:
            return "The server takes nobody from here, or not now: wait, or ask whoever runs it."
        case .startTLS: return "Ask whoever runs the server why it offers STARTTLS and refuses it, or use its TLS port."
        case .login where reply.code < 500: return "Wait: the server cannot check logins now."
        case .login where reply.status == "5.7.9":
            return
                "The account wants another way to log in: set \(keys).auth, or make a password for this program alone."
        case .login:
            return "Look at \(keys).username and \(keys).password; many services want a password made for one program."
        case .sender, .recipient:
            if SMTPVerdict.isAboutUs(reply) { return Self.aboutUs(reply, keys, hasLogin: settings.login != nil) }
            if reply.code < 500 { return "Wait: the server puts it off, and takes it later." }
            if reply.stage == .sender {
                return "Set mail.from (or mail.bounce_address) to an address that this account may send from."
            }
            return reply.status?.hasPrefix("5.7.") == true
                ? "The recipient's server has a rule against it: ask its postmaster."
                : "Look at the address: the server knows no such mailbox."
        case .hello: return "Set \(keys).hello_name to this machine's name in DNS."
        case .connect, .tls, .data, .body, .end, .nothing, .quit: return "Ask whoever runs the server."
        }
    }

    private static func aboutUs(_ reply: SMTPReply, _ keys: String, hasLogin: Bool) -> String {
        if reply.text.uppercased().contains("STARTTLS") { return "Set \(keys).encryption to tls." }
        return hasLogin
            ? "The account may not send there: ask whoever runs the server to let it."
            : "Set \(keys).username and \(keys).password, or have the server relay mail for this machine."
    }

    func mend(_ failure: SMTPFailure) -> String {
        switch failure.reason {
        case .unresolved: "Look at \(keys).host, and whether this machine can look names up."
        case .unreachable: unreachable
        case .timedOut where failure.stage == .connect: unreachable
        case .timedOut where failure.stage == .greeting, .interrupted where failure.stage == .greeting: wrongPort
        case .timedOut where failure.stage == .tls, .interrupted where failure.stage == .tls: wrongPort
        case .timedOut, .interrupted: "Try again; if it stays so, ask whoever runs the server."
        case .authorityFile: "Set \(keys).ca_file to a file of certificates (PEM) that Kiln's user may read."
        case .certificate: certificate(failure.words.lowercased())
        case .tls: wrongPort
        case .noTLS:
            "Set \(keys).port to the one that has TLS: 587 with encryption tls, 465 with encryption ssl."
        case .noLogin: "Set \(keys).auth to what the server offers, or leave username and password out."
        case .loginDenied:
            "Look at \(keys).username and \(keys).password; for xoauth2 that is an access token, still valid."
        case .badMessage: "Look at mail.from and at the recipient's address."
        case .noUnicode: "Use a server with SMTPUTF8 for such addresses."
        case .tooLarge, .unreadable, .stopped: "Try again."
        }
    }

    private var unreachable: String {
        "Look at \(keys).host and \(keys).port, and whether a firewall lets port \(settings.port) out: many block 25."
    }

    private var wrongPort: String {
        settings.security == .implicit
            ? "TLS does not begin at once there: set \(keys).encryption to tls (usually port 587), or the port to 465."
            : "If TLS begins at once at that port (465 does), set \(keys).encryption to ssl; or look at the port."
    }

    /// The words are libcurl's or OpenSSL's.
    private func certificate(_ words: String) -> String {
        if words.contains("expired") {
            return "Have the server's certificate renewed; look at this machine's clock."
        }
        if words.contains("not yet valid") { return "Look at this machine's clock." }
        if words.contains("subject name") || words.contains("match") {
            return "The certificate is for another name: set \(keys).host to a name that is in it."
        }
        return "If the server is your own, set \(keys).ca_file to the certificate of the authority that signed its."
    }
}
