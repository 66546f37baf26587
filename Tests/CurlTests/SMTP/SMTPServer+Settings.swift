import Curl
import TestSupport

extension SMTPServer {
    /// Of a client of this server.
    func settings(
        _ security: SMTPSettings.Security = .none, host: String = "localhost", trusts: Bool = true,
        login: SMTPSettings.Login? = nil, connections: Int = 1, limits: SMTPLimits = SMTPLimits()
    ) throws -> SMTPSettings {
        try SMTPSettings(
            host: host, port: security == .implicit ? secure : plain, security: security,
            caFile: trusts ? authority : nil, login: login, helloName: "kiln.example", connections: connections,
            limits: limits)
    }
}

extension SMTPSettings.Login {
    static func builder(_ mechanism: SMTPSettings.Mechanism? = nil, secret: String = "s3cret pass") -> Self {
        SMTPSettings.Login(name: "builder", secret: secret, mechanism: mechanism)
    }
}

extension SMTPMessage {
    static func sample(
        to recipient: String = "ada@example.org", from sender: String = "kiln@example.net",
        _ text: String = "Subject: Hello\r\n\r\nHello.\r\n"
    ) -> SMTPMessage {
        SMTPMessage(sender: sender, recipient: recipient, bytes: Array(text.utf8))
    }

    /// Lines of 78 bytes.
    static func large(_ bytes: Int) -> SMTPMessage {
        let line = Array((String(repeating: "a", count: 76) + "\r\n").utf8)
        return SMTPMessage(
            sender: "kiln@example.net", recipient: "ada@example.org",
            bytes: Array("Subject: Large\r\n\r\n".utf8) + (0..<bytes / 78).flatMap { _ in line })
    }
}

extension SMTPAnswer {
    var failure: SMTPFailure? {
        if case .failed(let failure) = outcome { return failure }
        return nil
    }
    var refusal: SMTPReply? {
        if case .refused(let reply) = outcome { return reply }
        return nil
    }
    var acceptance: SMTPReply? {
        if case .accepted(let reply) = outcome { return reply }
        return nil
    }
    var doubt: SMTPFailure? {
        if case .unknown(let failure) = outcome { return failure }
        return nil
    }
}
