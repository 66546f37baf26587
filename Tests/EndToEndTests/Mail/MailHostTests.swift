import Foundation
import TestSupport
import Testing

/// What the other tests of mail stand on.
@Suite(.enabled(if: MailHost.isAvailable, "needs Postfix, Dovecot, and to be root")) struct MailHostTests {
    /// A message sent by another program than Kiln.
    static func send(to address: String, from sender: String, port: Int) async throws -> String {
        let script = """
            import smtplib, sys
            server = smtplib.SMTP('127.0.0.1', int(sys.argv[1]))
            server.sendmail(sys.argv[2], sys.argv[3], 'From: a@b.example\\r\\nSubject: \\u00fc\\r\\n\\r\\nwords\\r\\n'.encode())
            """
        let answer = try await run("python3", ["-c", script, "\(port)", sender, address])
        return answer.code == 0 ? "" : answer.text
    }

    @Test func `a mailbox is read back with what is wrong with its mails`() async throws {
        let host = try await MailHost.shared
        let address = MailHost.address()
        #expect(try await Self.send(to: address, from: "a@b.example", port: host.facts.smtp) == "")
        let mail = try #require(try await host.mails(to: address).first)
        #expect(mail.plain == "words\r\n")
        #expect(mail.faults.contains("a byte outside of ASCII"), "\(mail.faults)")
    }

    @Test(arguments: [("nosuch@post.example", "550"), ("ada@elsewhere.com", "554"), ("ada@post.example", "530")])
    func `nothing goes where it shall not`(_ address: String, _ code: String) async throws {
        let facts = try await MailHost.shared.facts
        let port = code == "530" ? facts.submission : facts.smtp
        #expect(try await Self.send(to: address, from: "a@b.example", port: port).contains(code))
    }
}
