import Curl
import Domain
import Foundation

/// What an answer of SendGrid, or none, means for a mail.
struct SendGridAnswer {
    /// What a request was for.
    enum Purpose: Hashable {
        case sending
        /// Sandbox mode: 200 is its success, and nothing is lost with an answer.
        case trying
    }

    let purpose: Purpose
    let now: Timestamp
    /// The key, which nobody who answers may bring into a log (P7).
    let secret: String

    /// Of one that asks for patience without saying how much: the transport decides itself.
    static let longestPause = Duration.seconds(3600)

    func meaning(of answer: HTTPAnswer) -> TransportAnswer {
        let said = SendGridErrors(answer.body)
        let words = "SendGrid answered \(answer.status)" + (said.map { ": \(redacted($0.words))" } ?? "")
        func fault(_ scope: MailFault.Scope, _ words: String) -> MailFault {
            MailFault(scope, words, code: answer.status)
        }
        switch answer.status {
        case 202 where purpose == .sending, 200 where purpose == .trying:
            return .accepted(receipt: answer.headers["x-message-id"].map { $0.shownWords(limit: 200) })
        case 200..<300:
            return .unknown(
                fault(
                    .transport,
                    "\(words), where \(purpose == .trying ? 200 : 202) is due; is mail.sendgrid.base_url SendGrid's?"))
        case 300..<400:
            return .notNow(fault(.transport, "\(words), a redirect; is mail.sendgrid.base_url SendGrid's?"), after: nil)
        case 400, 406, 415, 422:
            // SendGrid always says what is wrong; who does not is something in between.
            guard let said else { return .notNow(fault(.transport, "\(words) without a reason"), after: nil) }
            return meaning(of: said, fault: fault, words)
        case 413:
            return .refused(fault(.message, "\(words): the mail is too large"))
        case 429:
            return .notNow(fault(.transport, "\(words): too many requests"), after: pause(answer))
        case 500:
            // With a reason it is SendGrid's own no; without one nobody knows.
            return said == nil
                ? .unknown(fault(.transport, words)) : .notNow(fault(.transport, words), after: pause(answer))
        case 503:
            return .notNow(fault(.transport, words), after: pause(answer))
        case 502, 504...599:
            return .unknown(fault(.transport, words))
        default:
            // 401, 403, 404 and what is not described: the operator has to mend it, and mails wait.
            return .notNow(fault(.transport, words), after: nil)
        }
    }

    private func redacted(_ words: String) -> String {
        secret.isEmpty ? words : words.replacing(secret, with: "<redacted>")
    }

    private func meaning(
        of said: SendGridErrors, fault: (MailFault.Scope, String) -> MailFault, _ words: String
    ) -> TransportAnswer {
        if said.isAboutRecipient { return .refused(fault(.address, words)) }
        if said.isAboutSender { return .notNow(fault(.transport, words), after: nil) }
        return .refused(fault(.message, words))
    }

    func meaning(of failure: HTTPFailure) -> TransportAnswer {
        switch failure {
        case .unreachable(let words):
            .notNow(MailFault(.transport, "SendGrid cannot be reached: \(words)".shownWords()), after: nil)
        case .badRequest(let words), .forbiddenAddress(let words), .file(let words):
            .notNow(MailFault(.transport, "SendGrid cannot be asked: \(words)".shownWords()), after: nil)
        case .interrupted(let words):
            .unknown(MailFault(.transport, "SendGrid's answer was lost: \(words)".shownWords()))
        case .timedOut: .unknown(MailFault(.transport, "SendGrid did not answer in time"))
        case .tooLarge: .unknown(MailFault(.transport, "SendGrid's answer is too large to be one"))
        case .stopped: .unknown(MailFault(.transport, "Kiln stopped before SendGrid answered"))
        }
    }

    /// Until the limit begins anew (`X-RateLimit-Reset`, a moment in seconds), or what `Retry-After` asks for.
    private func pause(_ answer: HTTPAnswer) -> Duration? {
        let asked: Duration
        if let text = answer.headers["x-ratelimit-reset"], let moment = Int64(text), (0..<(1 << 40)).contains(moment) {
            asked = Timestamp(milliseconds: moment * 1000) - now
        } else if let text = answer.headers["retry-after"], let seconds = Int64(text), (0..<(1 << 40)).contains(seconds)
        {
            asked = .seconds(seconds)
        } else {
            return nil
        }
        return min(max(asked, .seconds(1)), Self.longestPause)
    }
}

/// SendGrid's description of what is wrong: `{"errors": [{"message": "...", "field": "..."}]}`.
struct SendGridErrors {
    struct Entry: Decodable {
        var message: String
        var field: String?
    }

    private struct Document: Decodable {
        var errors: [Entry]
    }

    let entries: [Entry]

    /// `nil` for anything else.
    init?(_ body: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)), !document.errors.isEmpty else {
            return nil
        }
        entries = document.errors
    }

    var words: String {
        entries.prefix(5).map { entry in
            entry.message + (entry.field.map { " (\($0))" } ?? "")
        }.joined(separator: "; ").shownWords(limit: 500)
    }

    /// Such as `personalizations.0.to.0.email`.
    var isAboutRecipient: Bool {
        entries.contains { entry in
            let path = Self.path(entry)
            return path.first == "personalizations" && path.contains("to")
        }
    }

    /// What the operator set, the same in every mail.
    var isAboutSender: Bool {
        entries.contains { entry in
            Self.path(entry).first.map { ["from", "reply_to", "reply_to_list"].contains($0) } ?? false
        }
    }

    private static func path(_ entry: Entry) -> [Substring] {
        (entry.field ?? "").split { ".[]".contains($0) }
    }
}
