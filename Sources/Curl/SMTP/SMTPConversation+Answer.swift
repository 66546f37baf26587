import CCurl

extension SMTPConversation {
    /// What came of it, once libcurl has ended.
    func answer(_ code: CURLcode, _ words: String) -> SMTPAnswer {
        SMTPAnswer(outcome(code, words), replies: replies)
    }

    /// A connection that was kept for too long: the server had closed it, or says so (421). Nothing of the message was
    /// sent, and another connection may do better.
    var metClosedConnection: Bool {
        guard isReused, failure == nil else { return false }
        switch stage {
        case .connect, .sender, .recipient, .data: break
        case .tls, .greeting, .hello, .startTLS, .login, .body, .end, .nothing, .quit: return false
        }
        let last = lastReply
        return last?.stage != stage || last?.code == 421
    }

    private var lastReply: SMTPReply? { replies.last { $0.stage != .quit } }

    private func outcome(_ code: CURLcode, _ words: String) -> SMTPAnswer.Outcome {
        let trouble = failure ?? SMTPFailure(Self.reason(of: code), at: stage, words)
        if hasSentAll {
            guard let reply = lastReply, reply.stage == .end, isWhole else { return .unknown(trouble) }
            switch reply.code {
            case 200..<300: return .accepted(reply)
            case 400...: return .refused(reply)
            default: return .unknown(SMTPFailure(.interrupted, at: .end, "an odd reply: \(reply.code) \(reply.text)"))
            }
        }
        if isDone, let lastReply { return .accepted(lastReply) }
        if failure == nil, code != CURLE_OK, let lastReply, lastReply.isRefusal { return .refused(lastReply) }
        return .failed(trouble)
    }

    private static func reason(of code: CURLcode) -> SMTPFailure.Reason {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .unresolved
        case CURLE_COULDNT_CONNECT: .unreachable
        case CURLE_SSL_CACERT_BADFILE: .authorityFile
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: .certificate
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED: .tls
        case CURLE_USE_SSL_FAILED: .noTLS
        case CURLE_LOGIN_DENIED: .noLogin
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        default: .interrupted
        }
    }
}
