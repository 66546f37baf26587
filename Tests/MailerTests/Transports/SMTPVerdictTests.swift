import Curl
import Testing

@testable import Mailer

struct SMTPVerdictTests {
    private func answer(_ stage: SMTPStage, _ reply: String) -> TransportAnswer {
        let words = reply.split(separator: " ", maxSplits: 2).map(String.init)
        let hasStatus = words.count > 1 && words[1].contains(".")
        let text = hasStatus ? Array(words.dropFirst(2)) : [words.dropFirst().joined(separator: " ")]
        return SMTPVerdict(
            SMTPAnswer(
                .refused(
                    SMTPReply(
                        stage: stage, code: Int(words[0]) ?? 0, status: hasStatus ? words[1] : nil, lines: text)))
        ).answer
    }

    @Test(arguments: [
        (SMTPStage.recipient, "550 5.1.1 no such user", MailFault.Scope.address),
        (.recipient, "550 5.1.10 null MX", .address), (.recipient, "550 5.2.1 closed", .address),
        (.end, "550 5.1.1 no such user", .address), (.sender, "553 5.6.7 no SMTPUTF8", .address),
        (.recipient, "550 5.7.1 not from you", .domain), (.recipient, "550 mailbox unavailable", .domain),
        (.recipient, "552 5.2.2 mailbox full", .domain), (.recipient, "550 5.1.8 bad sender", .domain),
        (.sender, "552 5.3.4 too large", .message), (.sender, "552 too large", .message),
        (.recipient, "552 5.3.4 too large", .message), (.end, "554 5.6.0 no", .message),
        (.end, "554 5.7.1 looks like spam", .message), (.data, "554 no", .message),
    ])
    func `A no for good is the address', the message's or the other server's`(
        _ stage: SMTPStage, _ reply: String, _ scope: MailFault.Scope
    ) {
        guard case .refused(let fault) = answer(stage, reply) else {
            Issue.record("\(answer(stage, reply))")
            return
        }
        #expect(fault.scope == scope)
        #expect(fault.code == Int(reply.prefix(3)))
        #expect(fault.words.hasPrefix(reply))
    }

    @Test(arguments: [
        (SMTPStage.greeting, "554 5.3.2 not here", MailFault.Scope.transport), (.hello, "550 no", .transport),
        (.startTLS, "454 4.7.0 no", .transport), (.login, "535 5.7.8 wrong", .transport),
        (.sender, "550 5.7.1 not as this sender", .transport), (.sender, "530 5.7.0 log in", .transport),
        (.recipient, "421 4.3.2 closing", .transport), (.end, "421 4.3.2 closing", .transport),
        (.recipient, "554 5.7.1 Relay access denied", .transport), (.recipient, "550 relaying denied", .transport),
        (.recipient, "530 5.7.0 log in", .transport), (.recipient, "451 4.7.1 greylisted", .domain),
        (.recipient, "452 4.2.2 mailbox full", .address), (.recipient, "450 4.1.2 no host now", .address),
        (.data, "451 4.3.0 later", .domain), (.end, "451 later", .domain),
    ])
    func `A no that may pass is tried again`(_ stage: SMTPStage, _ reply: String, _ scope: MailFault.Scope) {
        guard case .notNow(let fault, nil) = answer(stage, reply) else {
            Issue.record("\(answer(stage, reply))")
            return
        }
        #expect(fault.scope == scope)
    }

    @Test(arguments: SMTPFailure.Reason.allCases)
    func `A failure before the message's end is never a doubt`(_ reason: SMTPFailure.Reason) {
        let answer = SMTPVerdict(SMTPAnswer(.failed(SMTPFailure(reason, at: .hello, "words")))).answer
        switch answer {
        case .refused(let fault): #expect([.message, .address].contains(fault.scope))
        case .notNow(let fault, _): #expect([.message, .transport].contains(fault.scope))
        case .accepted, .unknown: Issue.record("\(answer)")
        }
    }

    @Test func `What was sent to its end without an answer is unknown (P2)`() {
        let failure = SMTPFailure(.interrupted, at: .end, "gone")
        guard case .unknown = SMTPVerdict(SMTPAnswer(.unknown(failure))).answer else {
            Issue.record("not unknown")
            return
        }
    }

    @Test func `The receipt is what the server called it, in one line`() {
        let reply = SMTPReply(stage: .end, code: 250, status: "2.0.0", lines: ["Ok:", "queued as\u{7} 4F1D2"])
        #expect(SMTPVerdict(SMTPAnswer(.accepted(reply))).answer == .accepted(receipt: "Ok: queued as 4F1D2"))
    }
}
