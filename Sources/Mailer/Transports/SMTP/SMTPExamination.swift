import Curl
import Domain

/// A conversation with a mail server, step by step, with what to mend where it ended.
struct SMTPExamination {
    let settings: SMTPSettings
    let keys: String
    let report: SMTPReport
    let from: MailAddress?
    let to: MailAddress?

    /// The steps that were reached; the last one failed, or the goal was reached.
    var steps: [MailStep] {
        let end = ending
        var steps: [MailStep] = []
        for stage in stages {
            if let end, end.stage == stage {
                steps.append(MailStep(subject(of: stage), .broken(problem: end.problem, mend: end.mend)))
                return steps
            }
            if let words = success(of: stage) { steps.append(MailStep(subject(of: stage), .passed(words))) }
        }
        if let end { steps.append(MailStep(subject(of: end.stage), .broken(problem: end.problem, mend: end.mend))) }
        return steps
    }

    var transcript: [String] {
        report.lines.map { line in
            switch line {
            case .sent(let text): "> \(text.shownWords())"
            case .received(let text): "< \(text.shownWords())"
            }
        }
    }

    private var stages: [SMTPStage] {
        settings.security == .implicit
            ? [.connect, .tls, .greeting, .hello, .login, .sender, .recipient]
            : [.connect, .greeting, .startTLS, .tls, .hello, .login, .sender, .recipient]
    }

    private func subject(of stage: SMTPStage) -> String {
        switch stage {
        case .connect: "connection"
        case .tls: "certificate"
        case .greeting: "greeting"
        case .hello: "EHLO"
        case .startTLS: "STARTTLS"
        case .login: "login"
        case .sender: "sender"
        case .recipient: "recipient"
        case .data, .body, .end: "message"
        case .nothing, .quit: "end"
        }
    }

    /// `nil`: it was not come to, or there is nothing to say.
    private func success(of stage: SMTPStage) -> String? {
        let reply = report.answer.replies.last { $0.stage == stage && !$0.isRefusal }
        switch stage {
        case .connect: return "\(settings.host) at \(report.peer ?? "its address"), port \(settings.port)"
        case .tls: return report.isSecured ? certificate : nil
        case .startTLS:
            if reply != nil { return "offered and taken" }
            let isClear = settings.security == .optional && report.extensions != nil && !report.isSecured
            return isClear ? "not offered: mail goes in clear" : nil
        case .hello:
            let lines = report.extensions?.lines ?? []
            return reply == nil ? nil : lines.isEmpty ? "no extensions" : lines.joined(separator: ", ").shownWords()
        case .login:
            guard let login = settings.login, let reply, reply.code / 100 == 2 else { return nil }
            return "as \(login.name)"
        case .sender: return reply == nil ? nil : "\(from.map { "\($0)" } ?? "nobody") may send"
        case .recipient: return reply == nil ? nil : "\(to.map { "\($0)" } ?? "nobody") is taken"
        case .greeting, .data, .body, .end, .nothing, .quit: return reply.map { $0.text.shownWords(limit: 200) }
        }
    }

    private var certificate: String {
        let names = report.certificate
        guard let subject = names["Subject"] else { return "checked" }
        return "\(subject), of \(names["Issuer"] ?? "nobody"), good until \(names["Expire date"] ?? "an unknown day")"
            .shownWords()
    }

    private var ending: (stage: SMTPStage, problem: String, mend: String)? {
        switch report.answer.outcome {
        case .accepted: return nil
        case .refused(let reply):
            let status = reply.status.map { "\($0) " } ?? ""
            let words = "the server says \(reply.code) \(status)\(reply.text)".shownWords()
            return (reply.stage, words, SMTPMending(settings: settings, keys: keys).mend(reply))
        case .failed(let failure), .unknown(let failure):
            let stage: SMTPStage =
                switch failure.reason {
                case .certificate, .tls: .tls
                case .noTLS: .startTLS
                case .noLogin, .loginDenied: .login
                default: failure.stage
                }
            let words = failure.words.shownWords()
            return (stage, words, SMTPMending(settings: settings, keys: keys).mend(failure))
        }
    }
}
