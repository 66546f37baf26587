import Curl
import TestSupport
import Testing

/// What servers do wrong, and what becomes of the message.
@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server"))
struct SMTPFaultTests {
    /// Long enough for a busy machine to reach the stage that is meant.
    static let short = SMTPLimits(
        connect: .seconds(2), reply: .seconds(2), end: .seconds(2), quit: .milliseconds(300))

    /// Short only where it is the time that has to end the try.
    private static func limits(for action: String) -> SMTPLimits {
        action == "hang" ? short : SMTPLimits()
    }

    @Test(arguments: [
        ("connect", SMTPStage.greeting), ("ehlo", .hello), ("mail", .sender), ("rcpt", .recipient), ("data", .data),
    ])
    func `Silence before the message ends the try in time`(_ stage: String, _ place: SMTPStage) async throws {
        try await SMTPServer.running { server in
            try server.meet(.init(stage, "hang"))
            let sender = SMTPSender(try server.settings(limits: Self.short))
            let begin = ContinuousClock.now
            let answer = await sender.send(.sample())
            #expect(answer.failure?.reason == .timedOut)
            #expect(answer.failure?.stage == place)
            await sender.shutdown()
            #expect(begin.duration(to: .now) < .seconds(30))
        }
    }

    @Test(arguments: [
        ("starttls", "hang", SMTPStage.startTLS), ("starttls", "say-hang:220 go on", .tls), ("auth", "hang", .login),
    ])
    func `Silence around TLS and login ends the try in time`(
        _ stage: String, _ action: String, _ place: SMTPStage
    ) async throws {
        try await SMTPServer.running { server in
            try server.meet(.init(stage, action))
            let sender = SMTPSender(try server.settings(.required, login: .builder(), limits: Self.short))
            let begin = ContinuousClock.now
            let answer = await sender.send(.sample())
            #expect(answer.failure?.reason == .timedOut)
            #expect(answer.failure?.stage == place)
            #expect(begin.duration(to: .now) < .seconds(30))
        }
    }

    @Test(arguments: ["hang", "drop", "reset", "say-drop:garbage", "399 neither yes nor no"])
    func `Without an answer to the whole message it may have been taken (P2)`(_ action: String) async throws {
        try await SMTPServer.running { server in
            try server.meet(.init("stored", action))
            let sender = SMTPSender(try server.settings(limits: Self.limits(for: action)))
            let answer = await sender.send(.sample())
            #expect(answer.doubt?.stage == .end)
            #expect(server.events("stored").count == 1)
        }
    }

    @Test(arguments: ["drop", "reset", "hang"])
    func `A connection that breaks in the message has not taken it`(_ action: String) async throws {
        try await SMTPServer.running { server in
            try server.meet(.init("body", action, after: 1024))
            let sender = SMTPSender(try server.settings(limits: Self.limits(for: action)))
            let answer = await sender.send(.large(20 << 20))
            let reason: SMTPFailure.Reason = action == "hang" ? .timedOut : .interrupted
            #expect(answer.failure?.reason == reason)
            #expect(answer.failure?.stage == .body)
        }
    }

    @Test(arguments: ["connect", "ehlo", "mail", "rcpt", "data"])
    func `A connection that breaks before the message has not taken it`(_ stage: String) async throws {
        try await SMTPServer.running { server in
            try server.meet(.init(stage, "drop"))
            let answer = await SMTPSender(try server.settings()).send(.sample())
            #expect(answer.failure?.reason == .interrupted)
        }
    }

    @Test(arguments: [
        ("connect", SMTPStage.greeting, "554 5.3.2 no service here"), ("mail", .sender, "550 5.7.1 not you"),
        ("rcpt", .recipient, "550 5.1.1 no such user"), ("rcpt", .recipient, "451 4.3.0 later"),
        ("data", .data, "554 5.6.0 no"), ("stored", .end, "552 5.3.4 too large"),
        ("stored", .end, "451 4.7.1 greylisted"),
        ("mail", .sender, "421 4.3.2 closing"),
    ])
    func `A refusal is told with its stage, code and status`(
        _ stage: String, _ place: SMTPStage, _ reply: String
    ) async throws {
        try await SMTPServer.running { server in
            try server.meet(.init(stage, reply, times: 1))
            let sender = SMTPSender(try server.settings())
            let words = reply.split(separator: " ")
            let refusal = await sender.send(.sample()).refusal
            #expect(refusal?.stage == place)
            #expect(refusal?.code == Int(words[0]))
            #expect(refusal?.status == String(words[1]))
            #expect(refusal?.text == words.dropFirst(2).joined(separator: " "))
            #expect(await sender.send(.sample()).acceptance != nil)
        }
    }

    @Test func `A server that does not answer to QUIT holds nobody up`() async throws {
        try await SMTPServer.running { server in
            try server.meet(.init("quit", "hang"), .init("rcpt", "550 5.1.1 no", match: "nobody"))
            let sender = SMTPSender(try server.settings(limits: SMTPLimits(quit: .milliseconds(200))))
            let begin = ContinuousClock.now
            // libcurl says QUIT after a refusal, and once more when the handle goes.
            #expect(await sender.send(.sample(to: "nobody@example.org")).refusal?.code == 550)
            #expect(await sender.send(.sample()).acceptance != nil)
            await sender.shutdown()
            #expect(begin.duration(to: .now) < .seconds(30))
            #expect(server.events("command").count { $0.line == "QUIT" } == 2)
        }
    }

    @Test(arguments: ["idle-drop", "say-drop:421 4.4.2 idle for too long"])
    func `A kept connection that the server has closed is replaced at once`(_ action: String) async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings())
            #expect(await sender.send(.sample()).acceptance != nil)
            try server.meet(.init(action == "idle-drop" ? "stored" : "mail", action, times: 1))
            #expect(await sender.send(.sample()).acceptance != nil)
            if action == "idle-drop" { _ = try await server.events("closed") { $0.count == 1 } }
            #expect(await sender.send(.sample()).acceptance != nil)
            #expect(server.events("connect").count == 2)
            #expect(server.events("stored").count == 3)
        }
    }

    @Test func `A kept connection that breaks at MAIL is replaced at once, and once only`() async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings())
            #expect(await sender.send(.sample()).acceptance != nil)
            try server.meet(.init("mail", "drop"))
            #expect(await sender.send(.sample()).failure?.reason == .interrupted)
            #expect(server.events("connect").count == 2)
        }
    }

    @Test func `A message that goes slowly arrives whole`() async throws {
        try await SMTPServer.running { server in
            try server.meet(.init("data", "slow:0.002"))
            let message = SMTPMessage.large(12 << 20)
            #expect(await SMTPSender(try server.settings()).send(message).acceptance != nil)
            #expect(server.events("stored").first?.bytes == Int(message.size))
        }
    }

    @Test func `A server that is not there, and a name that is nobody's`() async throws {
        try await SMTPServer.running { server in
            var settings = try server.settings()
            settings.port = 1
            #expect(await SMTPSender(settings).send(.sample()).failure?.reason == .unreachable)
            settings.host = "mail.invalid"
            #expect(await SMTPSender(settings).send(.sample()).failure?.reason == .unresolved)
        }
    }

    // MARK: - Cancelled

    @Test(arguments: ["connect", "rcpt"])
    func `A cancelled message is not sent`(_ stage: String) async throws {
        try await SMTPServer.running { server in
            try server.meet(.init(stage, "hang"))
            let sender = SMTPSender(try server.settings())
            let answer = try await cancelled(sender, .sample()) {
                _ = try await server.events("fault") { !$0.isEmpty }
            }
            #expect(answer.failure?.reason == .stopped)
            await sender.shutdown()
        }
    }

    @Test func `Cancelling after the message's end waits for the server's word`() async throws {
        try await SMTPServer.running { server in
            try server.meet(.init("stored", "late:0.2"))
            let sender = SMTPSender(try server.settings())
            let answer = try await cancelled(sender, .sample()) {
                _ = try await server.events("stored") { !$0.isEmpty }
            }
            #expect(answer.acceptance != nil)
        }
    }

    @Test func `A message that waits for a lane is cancelled at once`() async throws {
        try await SMTPServer.running { server in
            try server.meet(.init("rcpt", "hang", match: "first"))
            let sender = SMTPSender(try server.settings())
            async let first = sender.send(.sample(to: "first@example.org"))
            _ = try await server.events("fault") { !$0.isEmpty }
            let second = try await cancelled(sender, .sample()) {}
            #expect(second.failure?.reason == .stopped)
            await sender.shutdown()
            #expect(await first.failure?.reason == .stopped)
            #expect(await sender.send(.sample()).failure?.reason == .stopped)
        }
    }

    @Test func `What is stopped was not taken, what is accepted was taken once, however many are cancelled`()
        async throws
    {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings(connections: 4))
            let answers = await withTaskGroup(of: (String, SMTPAnswer).self) { group in
                for number in 1...200 {
                    let recipient = "ada\(number)@example.org"
                    group.addTask {
                        let sending = Task { await sender.send(.sample(to: recipient)) }
                        if number % 3 == 0 {
                            for _ in 0..<number % 50 { await Task.yield() }
                            sending.cancel()
                        }
                        return (recipient, await sending.value)
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            await sender.shutdown()
            let stored = server.events("stored").flatMap { $0.recipients ?? [] }
            let counts = Dictionary(grouping: stored) { $0 }.mapValues(\.count)
            for (recipient, answer) in answers {
                switch answer.outcome {
                case .accepted: #expect(counts[recipient] == 1)
                case .failed(let failure):
                    #expect(failure.reason == .stopped)
                    #expect(counts[recipient] == nil)
                case .refused, .unknown: Issue.record("\(answer)")
                }
            }
            #expect(answers.values.count { $0.acceptance != nil } >= 134)
        }
    }

    @Test func `A sender that is dropped takes its threads and connections along`() async throws {
        try await SMTPServer.running { server in
            for _ in 1...10 {
                let sender = SMTPSender(try server.settings(connections: 2))
                async let first = sender.send(.sample())
                async let second = sender.send(.sample())
                let both = await [first, second]
                #expect(both.allSatisfy { $0.acceptance != nil })
            }
            let connects = server.events("connect").count
            _ = try await server.events("closed") { $0.count == connects }
        }
    }

    private func cancelled(
        _ sender: SMTPSender, _ message: SMTPMessage, when moment: @Sendable () async throws -> Void
    ) async throws -> SMTPAnswer {
        let sending = Task { await sender.send(message) }
        try await moment()
        sending.cancel()
        return await sending.value
    }
}
