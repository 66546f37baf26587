package import Curl
package import Domain
import Foundation

/// Mail through an SMTP server. Each account and TLS setting is a transport of its own, with connections of its own.
package struct SMTPTransport: MailTransport {
    /// `smtp://mail.example.org:587`, `smtps://mail.example.org:465`.
    package let name: String
    let sender: SMTPSender
    /// What the operator calls these settings, for what they are told to mend: `mail.smtp`.
    let keys: String
    private let folder: String
    private let signer: DKIMSigner?
    private let envelopeSender: @Sendable (OutboxEntryID) -> MailAddress?

    /// - Parameters:
    ///   - folder: an existing one, for large messages on their way.
    ///   - signer: signs what is sent, where mails are signed.
    ///   - envelopeSender: whom a bounce of the entry's mail goes to; `nil`: as the message says.
    package init(
        _ settings: SMTPSettings, keys: String = "mail.smtp", folder: String, signer: DKIMSigner? = nil,
        envelopeSender: @escaping @Sendable (OutboxEntryID) -> MailAddress? = { _ in nil }
    ) {
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        name = "\(settings.security == .implicit ? "smtps" : "smtp")://\(host):\(settings.port)"
        sender = SMTPSender(settings)
        self.keys = keys
        self.folder = folder
        self.signer = signer
        self.envelopeSender = envelopeSender
    }

    package func largestMessage() async -> Int64? { sender.extensions?.largestMessage }

    package func deliver(_ message: MailMessage) async -> TransportAnswer {
        let spooled: SpooledMessage
        do {
            spooled = try await SpooledMessage.write(message, in: folder, signer: signer)
        } catch let error as SpoolError {
            return .notNow(MailFault(.transport, "the mail cannot be written down in \(folder): \(error)"), after: nil)
        } catch let error as MailMessageError {
            return .refused(MailFault(.message, "the mail cannot be made: \(error)"))
        } catch {
            return .notNow(MailFault(.message, "a part of the message cannot be read: \(error)"), after: nil)
        }
        let from = envelopeSender(message.entry) ?? message.envelopeSender
        let answer = await sender.send(
            unsafe SMTPMessage(sender: from.wireText, recipient: message.to.wireText, size: spooled.bytes) {
                try unsafe spooled.read(from: $0, into: $1)
            })
        return SMTPVerdict(answer).answer
    }

    /// Connects, and logs in if there is a login.
    package func check() async -> TransportCheck {
        let steps = await examine(from: nil, to: nil)
        for case .broken(let problem, let mend) in steps.map(\.finding) {
            return .broken(problem: problem, mend: mend)
        }
        return .working(
            detail: "\(name), \(sender.settings.login.map { "logged in as \($0.name)" } ?? "without a login")")
    }

    /// Speaks with the server up to the reply to RCPT, or without a recipient up to the login, over a connection of its own,
    /// and says of each step how it went; the last one is the one that failed. Sends nothing.
    package func examine(from: MailAddress?, to: MailAddress?) async -> [MailStep] {
        await look(from: from, to: to).steps
    }

    /// What was said on both sides in `examine`, in lines for the operator; no password is in it (P7).
    package func transcript(from: MailAddress?, to: MailAddress?) async -> (steps: [MailStep], lines: [String]) {
        let examination = await look(from: from, to: to)
        return (examination.steps, examination.transcript)
    }

    /// Closes the connections; what is on its way is broken off, unless its end has been sent.
    package func shutdown() async {
        await sender.shutdown()
    }

    private func look(from: MailAddress?, to: MailAddress?) async -> SMTPExamination {
        let message = SMTPMessage(
            sender: from?.wireText ?? "", recipient: to?.wireText ?? "nobody@localhost", bytes: [])
        let report = await sender.probe(to == nil ? .logIn : .askForRecipient, message)
        return SMTPExamination(settings: sender.settings, keys: keys, report: report, from: from, to: to)
    }
}

/// One step of a conversation, for `kiln doctor mail`.
package struct MailStep: Hashable, Sendable {
    package enum Finding: Hashable, Sendable {
        case passed(String)
        case broken(problem: String, mend: String)
    }

    /// A few words: `connection`, `login`.
    package var subject: String
    package var finding: Finding

    package init(_ subject: String, _ finding: Finding) {
        self.subject = subject
        self.finding = finding
    }
}
