import Curl
import Domain
import Foundation
import TestSupport
import Testing

@testable import Mailer

@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server"))
struct SMTPTransportTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func transport(
        _ server: SMTPServer, _ security: SMTPSettings.Security = .none, host: String = "localhost", port: Int? = nil,
        trusts: Bool = true, login: SMTPSettings.Login? = nil, limits: SMTPLimits = SMTPLimits()
    ) throws -> SMTPTransport {
        let settings = try SMTPSettings(
            host: host, port: port ?? (security == .implicit ? server.secure : server.plain), security: security,
            caFile: trusts ? server.authority : nil, login: login, helloName: "kiln.example", connections: 1,
            limits: limits)
        return SMTPTransport(settings, folder: folder.path) { MailAddress("bounces+\($0)@example.net") }
    }

    private func message(to: String = "ada@example.org", attached: Int = 0) throws -> MailMessage {
        var generator = SystemRandomNumberGenerator()
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        var attachments: [MailPart] = []
        if attached > 0 {
            attachments.append(
                MailPart(
                    name: try HeaderText("app.apk"), contentType: "application/octet-stream", bytes: Int64(attached)
                ) { offset, length in
                    Array(repeating: UInt8(truncatingIfNeeded: offset), count: min(length, attached - Int(offset)))
                })
        }
        return MailMessage(
            from: try NamedMailAddress(parsing: "Kiln <kiln@example.net>"), to: try MailAddress(checked: to),
            subject: try HeaderText("Your image is ready"), date: now, entry: .make(at: now, using: &generator),
            build: .make(at: now, using: &generator), text: "Ready.\n.\n", html: "<p>Ready.</p>\n",
            attachments: attachments)
    }

    @Test(arguments: [0, 3 << 20])
    func `A mail arrives as it was written, with the entry in its envelope`(_ attached: Int) async throws {
        try await SMTPServer.running { server in
            let transport = try transport(server)
            let message = try message(attached: attached)
            #expect(await transport.largestMessage() == nil)
            #expect(await transport.deliver(message) == .accepted(receipt: "Ok: queued as 1"))
            #expect(await transport.largestMessage() == 32 << 20)
            let written = try await SpooledMessage.write(message, in: folder.path)
            #expect(try server.message(1) == written.read(from: 0, length: Int(written.bytes)))
            #expect(server.events("stored").first?.sender == "bounces+\(message.entry)@example.net")
        }
    }

    @Test func `A host in other letters goes out in ASCII, and needs no SMTPUTF8`() async throws {
        var options = SMTPServer.Options()
        options.takesUnicode = false
        try await SMTPServer.running(options) { server in
            let transport = try transport(server)
            #expect(
                await transport.deliver(try message(to: "ada@bücher.example")) == .accepted(receipt: "Ok: queued as 1"))
            #expect(server.events("stored").first?.recipients == ["ada@xn--bcher-kva.example"])
            guard case .refused(let fault) = await transport.deliver(try message(to: "用户@example.org")) else {
                Issue.record("taken")
                return
            }
            #expect(fault.scope == .message, "it is the relay that lacks it: the address is not condemned")
            #expect(fault.words.contains("SMTPUTF8"))
        }
    }

    @Test func `A mail over the announced size is refused before it is sent`() async throws {
        var options = SMTPServer.Options()
        options.size = 100_000
        try await SMTPServer.running(options) { server in
            guard case .refused(let fault) = await (try transport(server)).deliver(try message(attached: 200_000))
            else {
                Issue.record("taken")
                return
            }
            #expect(fault.scope == .message)
            #expect(server.events("stored").isEmpty)
        }
    }

    // MARK: - Examined

    @Test func `Each step that goes well is told`() async throws {
        try await SMTPServer.running { server in
            let login = SMTPSettings.Login(name: "builder", secret: "s3cret pass")
            let transport = try transport(server, .required, login: login)
            let (steps, lines) = await transport.transcript(
                from: MailAddress("kiln@example.net"), to: MailAddress("ada@example.org"))
            #expect(
                steps.map(\.subject) == [
                    "connection", "greeting", "STARTTLS", "certificate", "EHLO", "login", "sender", "recipient",
                ])
            for step in steps {
                guard case .passed = step.finding else {
                    Issue.record("\(step)")
                    continue
                }
            }
            guard case .passed(let certificate) = steps[3].finding else { return }
            #expect(certificate.contains("Test mail server"))
            #expect(certificate.contains("Test authority"))
            #expect(lines.contains("> AUTH PLAIN <hidden>"))
            #expect(!lines.joined().contains("s3cret"))
            #expect(!lines.joined().contains("czNjcmV0"))
            #expect(server.events("stored").isEmpty)
            guard case .working = await transport.check() else {
                Issue.record("broken")
                return
            }
        }
    }

    struct Trouble: Sendable, CustomTestStringConvertible {
        var name: String
        var options = SMTPServer.Options()
        var fault: SMTPServer.Fault?
        var security = SMTPSettings.Security.required
        var trusts = true
        var secret: String?
        var subject: String
        var mend: String

        var testDescription: String { name }
    }

    static let troubles: [Trouble] = {
        var expired = SMTPServer.Options()
        expired.certificate = .expired
        var elsewhere = SMTPServer.Options()
        elsewhere.certificate = .wronghost
        var clear = SMTPServer.Options()
        clear.certificate = nil
        var tokens = SMTPServer.Options()
        tokens.mechanisms = ["XOAUTH2"]
        return [
            Trouble(name: "expired", options: expired, subject: "certificate", mend: "renewed"),
            Trouble(name: "wrong host", options: elsewhere, subject: "certificate", mend: "mail.smtp.host"),
            Trouble(name: "unknown authority", trusts: false, subject: "certificate", mend: "mail.smtp.ca_file"),
            Trouble(name: "no STARTTLS", options: clear, trusts: false, subject: "STARTTLS", mend: "mail.smtp.port"),
            Trouble(name: "wrong password", secret: "wrong", subject: "login", mend: "mail.smtp.password"),
            Trouble(
                name: "no such login", options: tokens, secret: "s3cret pass", subject: "login", mend: "mail.smtp.auth"),
            Trouble(
                name: "sender", fault: .init("mail", "550 5.7.1 not as this sender"), subject: "sender",
                mend: "mail.from"),
            Trouble(
                name: "relay", fault: .init("rcpt", "554 5.7.1 Relay access denied"), subject: "recipient",
                mend: "mail.smtp.username"),
            Trouble(
                name: "no such user", fault: .init("rcpt", "550 5.1.1 no such user"), subject: "recipient",
                mend: "the address"),
            Trouble(
                name: "implicit TLS at a port without", security: .implicit, subject: "certificate",
                mend: "mail.smtp.encryption to tls"),
        ]
    }()

    @Test(arguments: troubles)
    func `The step that fails says what to mend`(_ trouble: Trouble) async throws {
        try await SMTPServer.running(trouble.options) { server in
            if let fault = trouble.fault { try server.meet(fault) }
            let transport = try transport(
                server, trouble.security, port: server.plain, trusts: trouble.trusts,
                login: trouble.secret.map { SMTPSettings.Login(name: "builder", secret: $0) })
            let steps = await transport.examine(
                from: MailAddress("kiln@example.net"), to: MailAddress("ada@example.org"))
            let last = try #require(steps.last)
            #expect(last.subject == trouble.subject)
            guard case .broken(_, let mend) = last.finding else {
                Issue.record("\(steps)")
                return
            }
            #expect(mend.contains(trouble.mend), "\(last)")
            #expect(steps.dropLast().allSatisfy { if case .passed = $0.finding { true } else { false } })
        }
    }
}
