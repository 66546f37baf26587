import Curl
import Foundation
import TestSupport
import Testing

/// TLS, logins and what may not be sent.
@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server"))
struct SMTPSecurityTests {
    @Test(arguments: [SMTPSettings.Security.required, .optional, .implicit])
    func `TLS is used where it is wanted or offered`(_ security: SMTPSettings.Security) async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings(security, login: .builder()))
            for _ in 1...3 { #expect(await sender.send(.sample()).acceptance != nil) }
            let stored = server.events("stored")
            #expect(stored.map(\.tls) == ["TLSv1.3", "TLSv1.3", "TLSv1.3"])
            #expect(stored.map(\.user) == ["builder", "builder", "builder"])
            #expect(server.events("auth").count == 1)
        }
    }

    @Test func `Optional TLS is done without where there is none, but not with a password`() async throws {
        var options = SMTPServer.Options()
        options.certificate = nil
        options.takesLoginInClear = true
        try await SMTPServer.running(options) { server in
            let open = SMTPSender(try server.settings(.optional, trusts: false))
            #expect(await open.send(.sample()).acceptance != nil)
            let closed = SMTPSender(try server.settings(.optional, trusts: false, login: .builder()))
            #expect(await closed.send(.sample()).failure?.reason == .noTLS)
            let required = SMTPSender(try server.settings(.required, trusts: false))
            #expect(await required.send(.sample()).failure?.reason == .noTLS)
            #expect(server.events("auth").isEmpty)
            #expect(!server.events("command").contains { $0.line?.hasPrefix("AUTH") == true })
        }
    }

    @Test func `A server that takes back STARTTLS gets no password`() async throws {
        var options = SMTPServer.Options()
        options.takesLoginInClear = true
        try await SMTPServer.running(options) { server in
            try server.meet(.init("starttls", "454 4.7.0 no TLS today"))
            let closed = SMTPSender(try server.settings(.optional, login: .builder()))
            let answer = await closed.send(.sample())
            #expect(answer.refusal?.stage == .startTLS)
            #expect(answer.refusal?.code == 454)
            let open = SMTPSender(try server.settings(.optional))
            #expect(await open.send(.sample()).acceptance != nil)
            #expect(!server.events("command").contains { $0.line?.hasPrefix("AUTH") == true })
        }
    }

    @Test(
        arguments: [SMTPSettings.Security.required, .optional, .implicit],
        [SMTPServer.Options.Certificate.wronghost, .expired, .unknown])
    func `A certificate that is not to be trusted ends the conversation`(
        _ security: SMTPSettings.Security, _ certificate: SMTPServer.Options.Certificate
    ) async throws {
        var options = SMTPServer.Options()
        options.certificate = certificate
        try await SMTPServer.running(options) { server in
            let sender = SMTPSender(try server.settings(security, login: .builder()))
            #expect(await sender.send(.sample()).failure?.reason == .certificate)
            #expect(server.events("stored").isEmpty)
            #expect(server.events("auth").isEmpty)
        }
    }

    @Test func `Another sender's trust is not this one's`() async throws {
        try await SMTPServer.running { server in
            let trusting = SMTPSender(try server.settings(.required))
            #expect(await trusting.send(.sample()).acceptance != nil)
            let wary = SMTPSender(try server.settings(.required, trusts: false))
            #expect(await wary.send(.sample()).failure?.reason == .certificate)
        }
    }

    @Test func `A file of authorities that is none is named`() async throws {
        try await SMTPServer.running { server in
            var settings = try server.settings(.required)
            settings.caFile = "/nowhere/ca.pem"
            #expect(await SMTPSender(settings).send(.sample()).failure?.reason == .authorityFile)
        }
    }

    // MARK: - Logins

    @Test(arguments: SMTPSettings.Mechanism.allCases, [SMTPSettings.Security.required, .implicit])
    func `Each mechanism logs in`(
        _ mechanism: SMTPSettings.Mechanism, _ security: SMTPSettings.Security
    ) async throws {
        var options = SMTPServer.Options()
        options.mechanisms = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"]
        options.requiresLogin = true
        try await SMTPServer.running(options) { server in
            let sender = SMTPSender(try server.settings(security, login: .builder(mechanism)))
            #expect(await sender.send(.sample()).acceptance != nil)
            #expect(server.events("auth").map(\.mechanism) == [mechanism.rawValue])
            let wrong = SMTPSender(try server.settings(security, login: .builder(mechanism, secret: "not this one")))
            let answer = await wrong.send(.sample())
            // XOAUTH2 says no in a challenge, which libcurl does not answer.
            if mechanism == .xoauth2 {
                #expect(answer.failure?.reason == .loginDenied)
            } else {
                #expect(answer.refusal?.stage == .login)
                #expect(answer.refusal?.code == 535)
            }
        }
    }

    @Test(arguments: [
        (["PLAIN", "LOGIN", "CRAM-MD5"], "PLAIN"), (["LOGIN"], "LOGIN"), (["CRAM-MD5"], "CRAM-MD5"),
    ])
    func `Left to itself, it takes what the server offers`(_ offered: [String], _ taken: String) async throws {
        var options = SMTPServer.Options()
        options.mechanisms = offered
        try await SMTPServer.running(options) { server in
            let sender = SMTPSender(try server.settings(.required, login: .builder()))
            #expect(await sender.send(.sample()).acceptance != nil)
            #expect(server.events("auth").map(\.mechanism) == [taken])
        }
    }

    @Test(arguments: [(["XOAUTH2"], nil), (["PLAIN"], SMTPSettings.Mechanism.cramMD5)])
    func `A login that the server does not offer is not tried`(
        _ offered: [String], _ wanted: SMTPSettings.Mechanism?
    ) async throws {
        var options = SMTPServer.Options()
        options.mechanisms = offered
        try await SMTPServer.running(options) { server in
            let sender = SMTPSender(try server.settings(.required, login: .builder(wanted)))
            #expect(await sender.send(.sample()).failure?.reason == .noLogin)
            #expect(server.events("auth").isEmpty)
        }
    }

    @Test func `A password that the server says back is not repeated (P7)`() async throws {
        try await SMTPServer.running { server in
            try server.meet(.init("auth", "535 5.7.8 'AGJ1aWxkZXIAczNjcmV0IHBhc3M=' is s3cret pass, which is wrong"))
            let sender = SMTPSender(try server.settings(.required, login: .builder()))
            let answer = await sender.send(.sample())
            #expect(answer.refusal?.text == "'<hidden>' is <hidden>, which is wrong")
            #expect(!"\(answer)".contains("s3cret"))
            #expect(!"\(sender.settings)".contains("s3cret"))
        }
    }

    @Test(arguments: [20, 3000])
    func `Nor is a token in the form that it was sent in, however long (P7)`(_ count: Int) async throws {
        let token = String(repeating: "t0k3n", count: count / 5)
        let form = Data("user=builder\u{1}auth=Bearer \(token)\u{1}\u{1}".utf8).base64EncodedString()
        var options = SMTPServer.Options()
        options.mechanisms = ["XOAUTH2"]
        try await SMTPServer.running(options) { server in
            try server.meet(.init("auth", "535 5.7.8 bad: AUTH XOAUTH2 \(form), or \(token)"))
            let sender = SMTPSender(try server.settings(.required, login: .builder(.xoauth2, secret: token)))
            let report = await sender.probe(.logIn, .sample())
            #expect(report.answer.refusal?.text == "bad: AUTH XOAUTH2 <hidden>, or <hidden>")
            #expect(!"\(report)".contains(form.prefix(40)) && !"\(report)".contains(token.prefix(20)))
        }
    }

    // MARK: - What may not be sent

    @Test(arguments: [
        "ada@example.org>\r\nRCPT TO:<eve@example.org", "ada@example.org\n", "a da@example.org", "ada", "@example.org",
        "ada@", "ada@exämple.org", "ada\0@example.org", "<ada@example.org>", "ada@b@example.org",
    ])
    func `An address that would be more than one is not sent (P5)`(_ address: String) async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings())
            #expect(await sender.send(.sample(to: address)).failure?.reason == .badMessage)
            #expect(await sender.send(.sample(from: address)).failure?.reason == .badMessage)
            #expect(server.events("connect").isEmpty)
        }
    }

    @Test(arguments: ["a\n.\r\nb", "a\rb", "a\r\n\0", "\n", "a\r"])
    func `A line break that servers do not agree about is not sent (P5)`(_ text: String) async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings())
            #expect(await sender.send(.sample(text)).failure?.reason == .badMessage)
            #expect(server.events("connect").isEmpty)
        }
    }

    @Test func `No sender is MAIL FROM with nothing in it`() async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings())
            #expect(await sender.send(.sample(from: "")).acceptance != nil)
            #expect(server.events("command").contains { $0.line?.hasPrefix("MAIL FROM:<>") == true })
        }
    }

    @Test func `A message over the announced size is not sent, over a new connection and a kept one`() async throws {
        var options = SMTPServer.Options()
        options.size = 1000
        try await SMTPServer.running(options) { server in
            let sender = SMTPSender(try server.settings())
            #expect(await sender.send(.large(2000)).failure?.reason == .tooLarge)
            #expect(sender.extensions?.largestMessage == 1000)
            #expect(await sender.send(.sample()).acceptance != nil)
            #expect(await sender.send(.large(2000)).failure?.reason == .tooLarge)
            #expect(await sender.send(.sample()).acceptance != nil)
            #expect(server.events("connect").count == 2)
            #expect(server.events("command").count { $0.line?.hasPrefix("MAIL") == true } == 2)
        }
    }

    @Test(arguments: [true, false])
    func `A local part in other letters needs SMTPUTF8`(_ isOffered: Bool) async throws {
        var options = SMTPServer.Options()
        options.takesUnicode = isOffered
        try await SMTPServer.running(options) { server in
            let sender = SMTPSender(try server.settings())
            for _ in 1...2 {
                let answer = await sender.send(.sample(to: "用户@example.org"))
                #expect(isOffered ? answer.acceptance != nil : answer.failure?.reason == .noUnicode)
                #expect(await sender.send(.sample()).acceptance != nil)
            }
            let unicode = server.events("stored").filter { $0.options?.contains("SMTPUTF8") == true }
            #expect(unicode.flatMap { $0.recipients ?? [] } == (isOffered ? ["用户@example.org", "用户@example.org"] : []))
        }
    }

    @Test func `Dots at the beginning of lines cost no byte, wherever buffers end`() async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings())
            // As many lines with dots as bytes behind a buffer of 64 KiB: libcurl counts the one for the other.
            for extra in [500, 1000] {
                let dots = String(repeating: ".\r\n", count: extra)
                let line = String(repeating: "a", count: 62) + "\r\n"
                var text = dots + String(repeating: line, count: (65536 - dots.utf8.count) / 64)
                text += String(repeating: "b", count: 65536 - text.utf8.count - 2) + "\r\n"
                text += String(repeating: "c", count: extra - 2) + "\r\n"
                #expect(await sender.send(.sample(text)).acceptance != nil)
                #expect(try server.message(server.events("stored").count) == Array(text.utf8))
            }
        }
    }
}
