import Curl

/// What an SMTP server's answer means for a mail: whose fault it was, and whether to try again.
struct SMTPVerdict {
    private let given: SMTPAnswer

    init(_ given: SMTPAnswer) {
        self.given = given
    }

    var answer: TransportAnswer {
        switch given.outcome {
        case .accepted(let reply):
            let receipt = reply.text.shownWords(limit: 200)
            return .accepted(receipt: receipt.isEmpty ? nil : receipt)
        case .refused(let reply): return Self.meaning(of: reply)
        case .failed(let failure): return Self.meaning(of: failure)
        case .unknown(let failure):
            let words = "it was sent to its end, and the server did not say whether it took it: \(failure.words)"
            return .unknown(MailFault(.transport, words.shownWords()))
        }
    }

    private static func meaning(of reply: SMTPReply) -> TransportAnswer {
        let status = reply.status.flatMap { EnhancedStatus($0) }
        func fault(_ scope: MailFault.Scope) -> MailFault {
            let words = "\(reply.code) \(reply.status.map { "\($0) " } ?? "")\(reply.text) (\(reply.stage.words))"
            return MailFault(scope, words.shownWords(), code: reply.code, enhancedStatus: reply.status)
        }
        // It closes, or says something about us: the next mail would meet the same.
        if reply.code == 421 || isAboutUs(reply) { return .notNow(fault(.transport), after: nil) }
        if reply.code < 500 {
            switch reply.stage {
            case .recipient: return .notNow(fault([1, 2].contains(status?.subject) ? .address : .domain), after: nil)
            case .data, .body, .end: return .notNow(fault(.domain), after: nil)
            case .connect, .tls, .greeting, .hello, .startTLS, .login, .sender, .nothing, .quit:
                return .notNow(fault(.transport), after: nil)
            }
        }
        switch reply.stage {
        // It compares the size that MAIL says, and looks whether it can take such addresses (RFC 1870, RFC 6531).
        case .sender where isAboutSize(reply, status): return .refused(fault(.message))
        case .sender where status.map { $0.subject == 6 && $0.detail == 7 } == true: return .refused(fault(.address))
        case .recipient, .data, .body, .end:
            if status?.condemnsAddress == true { return .refused(fault(.address)) }
            let isOfMessage = reply.stage != .recipient || isAboutSize(reply, status) || status?.subject == 6
            return .refused(fault(isOfMessage ? .message : .domain))
        case .sender, .connect, .tls, .greeting, .hello, .startTLS, .login, .nothing, .quit:
            return .notNow(fault(.transport), after: nil)
        }
    }

    /// It wants a login, or does not carry mail to others for us.
    static func isAboutUs(_ reply: SMTPReply) -> Bool {
        guard reply.code != 530, reply.code != 535, reply.code != 538 else { return true }
        let isPolicy = reply.status.map { $0.hasPrefix("5.7.") } ?? (reply.code == 550 || reply.code == 554)
        return reply.stage == .recipient && isPolicy && reply.text.lowercased().contains("relay")
    }

    private static func isAboutSize(_ reply: SMTPReply, _ status: EnhancedStatus?) -> Bool {
        guard let status, !status.isGeneral else { return reply.code == 552 }
        return status.subject == 3 && status.detail == 4 || status.subject == 2 && status.detail == 3
    }

    private static func meaning(of failure: SMTPFailure) -> TransportAnswer {
        let words = failure.words.shownWords()
        switch failure.reason {
        case .badMessage, .tooLarge, .noUnicode: return .refused(MailFault(.message, words))
        case .unreadable, .stopped: return .notNow(MailFault(.message, words), after: nil)
        case .unresolved, .unreachable, .authorityFile, .certificate, .tls, .noTLS, .noLogin, .loginDenied, .timedOut,
            .interrupted:
            return .notNow(MailFault(.transport, "\(words) (\(failure.stage.words))"), after: nil)
        }
    }
}

extension SMTPStage {
    /// As part of a sentence for the operator.
    var words: String {
        switch self {
        case .connect: "while connecting"
        case .tls: "at the beginning of TLS"
        case .greeting: "as its greeting"
        case .hello: "to EHLO"
        case .startTLS: "to STARTTLS"
        case .login: "to the login"
        case .sender: "to MAIL FROM"
        case .recipient: "to RCPT TO"
        case .data: "to DATA"
        case .body: "in the message"
        case .end: "to the message"
        case .nothing: "to NOOP"
        case .quit: "to QUIT"
        }
    }
}
