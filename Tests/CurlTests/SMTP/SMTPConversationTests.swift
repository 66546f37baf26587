import TestSupport
import Testing

@testable import Curl

/// What is made of a conversation, told event by event.
struct SMTPConversationTests {
    private let start = ContinuousClock.now

    private func conversation(
        _ security: SMTPSettings.Security = .none, goal: SMTPGoal = .deliver, bytes: Int = 100,
        login: SMTPSettings.Login? = nil, after seconds: Double = 0
    ) throws -> SMTPConversation {
        let limits = SMTPLimits(
            connect: .seconds(10), reply: .seconds(20), end: .seconds(40), total: .seconds(100),
            longest: .seconds(1000),
            quit: .seconds(2))
        let settings = try SMTPSettings(
            host: "mail.example.org", port: 25, security: security, login: login, helloName: "kiln.example",
            limits: limits)
        let message = SMTPMessage(sender: "", recipient: "ada@example.org", bytes: Array(repeating: 0x61, count: bytes))
        return SMTPConversation(
            settings, goal: goal, message: message, dots: 0, known: nil, startedAt: start,
            now: start + .seconds(seconds), keepsLines: true)
    }

    private func walk(_ conversation: inout SMTPConversation, to stage: SMTPStage, after seconds: Double = 0) {
        let now = start + .seconds(seconds)
        _ = hears(&conversation, "220 hello", at: seconds)
        for (command, reply) in [
            ("EHLO kiln.example", "250 mail.example.org"), ("MAIL FROM:<>", "250 ok"),
            ("RCPT TO:<ada@example.org>", "250 ok"), ("DATA", "354 go on"),
        ] {
            conversation.sent(command: "\(command)\r\n".utf8, at: now)
            if conversation.stage == stage { return }
            #expect(hears(&conversation, "\(reply)", at: seconds))
        }
        if stage == .end { conversation.sent(body: 100, at: now) }
    }

    private func hears(_ conversation: inout SMTPConversation, _ line: String, at seconds: Double = 0) -> Bool {
        conversation.received(line: "\(line)\r\n".utf8, at: start + .seconds(seconds))
    }

    private func goesOn(_ conversation: inout SMTPConversation, at seconds: Double, isConnected: Bool = true) -> Bool {
        conversation.mayGoOn(at: start + .seconds(seconds), isConnected: isConnected, isWanted: true)
    }

    @Test(arguments: [
        (SMTPStage.hello, 20.0), (.sender, 20), (.recipient, 20), (.data, 20), (.body, 20), (.end, 40),
    ])
    func `Each stage has its limit (P6)`(_ stage: SMTPStage, _ limit: Double) throws {
        var conversation = try conversation()
        walk(&conversation, to: stage)
        #expect(conversation.stage == stage)
        #expect(goesOn(&conversation, at: limit - 0.1))
        #expect(!goesOn(&conversation, at: limit))
        #expect(conversation.failure?.reason == .timedOut)
        #expect(conversation.failure?.stage == stage)
    }

    @Test(arguments: [(SMTPSettings.Security.none, SMTPStage.greeting, 20.0), (.implicit, .tls, 10)])
    func `Before the greeting there are limits too (P6)`(
        _ security: SMTPSettings.Security, _ stage: SMTPStage, _ limit: Double
    ) throws {
        var conversation = try conversation(security)
        #expect(goesOn(&conversation, at: 9.5, isConnected: false))
        var unconnected = conversation
        #expect(!goesOn(&unconnected, at: 10, isConnected: false))
        #expect(unconnected.failure?.stage == .connect)
        #expect(goesOn(&conversation, at: 9.5))
        #expect(goesOn(&conversation, at: 9.25 + limit))
        #expect(!goesOn(&conversation, at: 9.5 + limit))
        #expect(conversation.failure?.stage == stage)
    }

    @Test func `A reply that comes line by line ends with the message's limit (P6)`() throws {
        var conversation = try conversation()
        _ = hears(&conversation, "220 hello")
        conversation.sent(command: "EHLO kiln.example\r\n".utf8, at: start)
        for second in stride(from: 0.0, to: 100, by: 10) {
            #expect(goesOn(&conversation, at: second))
            #expect(hears(&conversation, "250-X", at: second))
        }
        #expect(!goesOn(&conversation, at: 100))
    }

    @Test func `A second connection has time of its own, and the message no more than it had (P6)`() throws {
        var conversation = try conversation(after: 50)
        #expect(goesOn(&conversation, at: 59.9, isConnected: false))
        walk(&conversation, to: .sender, after: 95)
        #expect(goesOn(&conversation, at: 99.9))
        #expect(!goesOn(&conversation, at: 100))
    }

    @Test func `A message that moves may take long, and not for ever (P6)`() throws {
        var conversation = try conversation(bytes: 1000)
        walk(&conversation, to: .body)
        for second in stride(from: 10.0, to: 1000, by: 10) {
            conversation.sent(body: 1, at: start + .seconds(second))
            #expect(goesOn(&conversation, at: second))
        }
        #expect(!goesOn(&conversation, at: 1000))
        #expect(conversation.failure?.stage == .body)
    }

    @Test func `A reply without an end is cut (P6)`() throws {
        var conversation = try conversation()
        var count = 0
        while hears(&conversation, "220-more"), count < 10000 { count += 1 }
        #expect(count == 1000)
    }

    @Test func `A QUIT that is not answered ends soon, and takes nothing back`() throws {
        var conversation = try conversation()
        walk(&conversation, to: .recipient)
        _ = hears(&conversation, "550 5.1.1 nobody here")
        conversation.sent(command: "QUIT\r\n".utf8, at: start)
        #expect(goesOn(&conversation, at: 1.9))
        #expect(!goesOn(&conversation, at: 2))
        #expect(conversation.failure == nil)
        #expect(conversation.stage == .recipient)
    }

    @Test func `What was said before STARTTLS does not count after it`() throws {
        var conversation = try conversation(.required)
        _ = hears(&conversation, "220 hello")
        conversation.sent(command: "EHLO kiln.example\r\n".utf8, at: start)
        for line in ["250-mail", "250-SIZE 10", "250 STARTTLS"] {
            #expect(hears(&conversation, "\(line)"))
        }
        conversation.sent(command: "STARTTLS\r\n".utf8, at: start)
        #expect(hears(&conversation, "220 go"))
        #expect(conversation.stage == .tls)
        conversation.sent(command: "EHLO kiln.example\r\n".utf8, at: start)
        #expect(hears(&conversation, "250-mail"))
        #expect(hears(&conversation, "250 SIZE 1000"))
        #expect(conversation.extensions?.largestMessage == 1000)
    }

    @Test func `Nothing of a login is kept (P7)`() throws {
        var conversation = try conversation(.implicit, login: .builder())
        _ = hears(&conversation, "220 hello")
        conversation.sent(command: "EHLO kiln.example\r\n".utf8, at: start)
        _ = hears(&conversation, "250-mail")
        _ = hears(&conversation, "250 AUTH PLAIN LOGIN")
        conversation.sent(command: "AUTH PLAIN AGJ1aWxkZXIAczNjcmV0IHBhc3M=\r\n".utf8, at: start)
        _ = hears(&conversation, "334 VXNlcm5hbWU6")
        conversation.sent(command: "czNjcmV0IHBhc3M=\r\n".utf8, at: start)
        _ = hears(&conversation, "235 welcome, s3cret pass")
        #expect(
            conversation.lines.suffix(4) == [
                .sent("AUTH PLAIN <hidden>"), .received("334 <hidden>"), .sent("<hidden>"),
                .received("235 welcome, <hidden>"),
            ])
    }

    @Test(arguments: [
        ("250 2.1.5 Ok\r\n", 250, "2.1.5", "Ok"), ("550-5.1.1 no", 550, "5.1.1", "no"), ("250", 250, nil, ""),
        ("250 4.1.1 of another class", 250, nil, "4.1.1 of another class"), ("550 5.1 two", 550, nil, "5.1 two"),
        ("220 10.0.0.1 ready", 220, nil, "10.0.0.1 ready"), ("250 a\u{1B}[31mb\u{202E}", 250, nil, "a [31mb "),
    ])
    func `A reply's line is taken apart`(_ line: String, _ code: Int, _ status: String?, _ text: String) {
        let parsed = SMTPReply.parse(line.utf8)
        #expect(parsed?.code == code)
        #expect(parsed?.status == status)
        #expect(parsed?.text == text)
    }

    @Test(arguments: ["", "25", "hello", "099 no", "+25 no", "600 no"])
    func `What is no reply is none`(_ line: String) {
        #expect(SMTPReply.parse(line.utf8) == nil)
    }

    @Test(arguments: [
        ("mail.example.org/evil", 25, "kiln"), ("mail example", 25, "kiln"), ("", 25, "kiln"), ("mail", 0, "kiln"),
        ("mail", 65536, "kiln"), ("mail", 25, ""), ("mail", 25, "kiln\r\nMAIL FROM:<>"), ("mail@evil", 25, "kiln"),
        ("bücher.example", 25, "kiln"), ("mail", 25, "[kiln]"), ("mail?x", 25, "kiln"),
    ])
    func `Settings that would be other commands or places are refused (P5)`(
        _ host: String, _ port: Int, _ hello: String
    ) {
        #expect(throws: SMTPSettingsError.self) {
            try SMTPSettings(host: host, port: port, security: .none, helloName: hello)
        }
    }

    @Test func `A password never goes without TLS`() throws {
        #expect(throws: SMTPSettingsError.passwordInClear) {
            try SMTPSettings(host: "mail", port: 25, security: .none, login: .builder(), helloName: "kiln")
        }
    }

    @Test func `An address of the internet makes a host, and a name for EHLO`() throws {
        let settings = try SMTPSettings(host: "::1", port: 25, security: .none, helloName: "[IPv6:::1]")
        #expect(settings.url == "smtp://[::1]:25/[IPv6:::1]")
    }
}
