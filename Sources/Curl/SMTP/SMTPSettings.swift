/// A mail server, how it is spoken to, and who speaks. One `SMTPSender` has one of them: libcurl does not compare TLS
/// settings when it takes a connection that is there.
package struct SMTPSettings: Hashable, Sendable {
    package enum Security: Hashable, Sendable {
        /// In clear.
        case none
        /// STARTTLS where the server offers it; in clear otherwise, but never with a password.
        case optional
        /// STARTTLS, or nothing.
        case required
        /// TLS from the first byte.
        case implicit
    }

    package enum Mechanism: String, Hashable, Sendable, CaseIterable {
        case plain = "PLAIN"
        case login = "LOGIN"
        case cramMD5 = "CRAM-MD5"
        /// The secret is an OAuth 2 access token.
        case xoauth2 = "XOAUTH2"
    }

    package struct Login: Hashable, Sendable, CustomStringConvertible {
        package var name: String
        package var secret: String
        /// `nil`: PLAIN or LOGIN, as the server offers; CRAM-MD5 of one that has neither.
        package var mechanism: Mechanism?

        package init(name: String, secret: String, mechanism: Mechanism? = nil) {
            self.name = name
            self.secret = secret
            self.mechanism = mechanism
        }

        package var description: String { "\(name), <redacted>" }
    }

    /// A name in ASCII, or an address.
    package var host: String
    package var port: Int
    package var security: Security
    /// Certificates that the server's is checked against; `nil`: the system's. There is no way not to check.
    package var caFile: String?
    package var login: Login?
    /// What it calls itself: a host name, or an address in brackets.
    package var helloName: String
    /// Messages on their way at once.
    package var connections: Int
    package var limits: SMTPLimits

    /// - Throws: what is wrong with the settings, in words for the operator.
    package init(
        host: String, port: Int, security: Security, caFile: String? = nil, login: Login? = nil, helloName: String,
        connections: Int = 4, limits: SMTPLimits = SMTPLimits()
    ) throws(SMTPSettingsError) {
        guard Self.isHost(host) else { throw .badHost }
        guard (1...65535).contains(port) else { throw .badPort }
        guard Self.isHost(helloName) || Self.isLiteral(helloName) else { throw .badHelloName }
        guard connections > 0 else { throw .badConnections }
        if let login {
            guard security != .none else { throw .passwordInClear }
            guard !login.name.isEmpty, (login.name + login.secret).utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw .badLogin
            }
        }
        if let caFile, caFile.isEmpty || caFile.utf8.contains(0) { throw .badCAFile }
        self.host = host
        self.port = port
        self.security = security
        self.caFile = caFile
        self.login = login
        self.helloName = helloName
        self.connections = connections
        self.limits = limits
    }

    /// libcurl takes the name for EHLO from the path.
    var url: String {
        "\(security == .implicit ? "smtps" : "smtp")://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(helloName)"
    }

    private static func isHost(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && (text.utf8.allSatisfy(isOfName) || IPAddress(text) != nil)
    }

    private static func isLiteral(_ text: String) -> Bool {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return false }
        let inner = text.dropFirst().dropLast()
        return IPAddress(String(inner.hasPrefix("IPv6:") ? inner.dropFirst(5) : inner)) != nil
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}

package enum SMTPSettingsError: Error, Hashable, Sendable {
    /// Neither a host's name in ASCII nor an address.
    case badHost
    case badPort
    case badHelloName
    case badConnections
    /// No name, or a control character in name or secret.
    case badLogin
    case badCAFile
    /// A login over a connection that is never encrypted.
    case passwordInClear
}

/// How long a server may take. What is over none of them may go on (P6).
package struct SMTPLimits: Hashable, Sendable {
    /// To be found and connected to, and for TLS.
    package var connect: Duration
    /// For each reply up to the one that follows DATA, and between two pieces of the message that it takes.
    package var reply: Duration
    /// For the reply to the whole message. A server that needs longer may have taken it, and gets it again.
    package var end: Duration
    /// For all up to the message's end; a message that moves may take `longest`.
    package var total: Duration
    package var longest: Duration
    /// How long a connection waits for the next message.
    package var idle: Duration
    /// For the reply to QUIT.
    package var quit: Duration

    package init(
        connect: Duration = .seconds(30), reply: Duration = .seconds(60), end: Duration = .seconds(300),
        total: Duration = .seconds(300), longest: Duration = .seconds(1800), idle: Duration = .seconds(30),
        quit: Duration = .seconds(5)
    ) {
        self.connect = connect
        self.reply = reply
        self.end = end
        self.total = total
        self.longest = longest
        self.idle = idle
        self.quit = quit
    }

    /// No message takes longer once its turn has come, whatever the server does.
    package var longestTry: Duration { max(total, longest) + end + quit + .seconds(5) }
}
