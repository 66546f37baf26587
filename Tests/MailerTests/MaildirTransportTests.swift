import Domain
import Foundation
import Mailer
import Storage
import TestSupport
import Testing

@Suite struct MaildirTransportTests {
    @Test func `a message arrives whole in new, and nothing stays in tmp`() async throws {
        let directory = try TemporaryDirectory()
        let transport = MaildirTransport(directory: directory.path("mail"))
        #expect((await transport.deliver(try MailMessageTests.message())).isAccepted)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("mail/new"))
        #expect(names.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("mail/tmp")).isEmpty)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.path("mail/new/\(names[0])")))
        #expect(try ReadMail.parse(Array(bytes)).headers["Subject"] == "Ready")
    }

    @Test(arguments: ["new", "cur"]) func `a try that is repeated after a crash does not deliver twice (P2)`(
        folder: String
    ) async throws {
        let directory = try TemporaryDirectory()
        let transport = MaildirTransport(directory: directory.path)
        #expect((await transport.deliver(try MailMessageTests.message())).isAccepted)
        let files = FileManager.default
        let name = try #require(try files.contentsOfDirectory(atPath: directory.path("new")).first)
        if folder == "cur" {
            try files.moveItem(atPath: directory.path("new/\(name)"), toPath: directory.path("cur/\(name):2,S"))
        }
        #expect((await transport.deliver(try MailMessageTests.message())).isAccepted)
        let there = try ["new", "cur"].flatMap { try files.contentsOfDirectory(atPath: directory.path($0)) }
        #expect(there.count == 1)
    }

    @Test func `where it cannot write it says so and keeps the mail owed`() async throws {
        let directory = try TemporaryDirectory()
        try Data().write(to: directory.url.appending(path: "file"))
        let transport = MaildirTransport(directory: directory.path("file/mail"))
        guard case .notNow = await transport.deliver(try MailMessageTests.message()) else {
            Issue.record("expected a later try")
            return
        }
        guard case .broken(_, let mend) = await transport.check() else {
            Issue.record("expected the check to fail")
            return
        }
        #expect(mend.contains("mail.maildir.directory"))
    }

    @Test func `a part that cannot be read leaves no half message`() async throws {
        let directory = try TemporaryDirectory()
        let part = MailPart(name: try HeaderText("a"), contentType: "a/b", bytes: 10) { _, _ in [] }
        let transport = MaildirTransport(directory: directory.path)
        guard case .notNow = await transport.deliver(try MailMessageTests.message(attachments: [part])) else {
            Issue.record("expected a later try")
            return
        }
        for folder in ["new", "tmp"] {
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path(folder)).isEmpty)
        }
    }
}

/// Whose fault it is: what is wrong with a message says nothing of the maildir.
extension MaildirTransportTests {
    @Test func `files that cannot be read now are this mail's matter, and so is what cannot stand in a mail`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let transport = MaildirTransport(directory: directory.path)
        let unread = MailPart(name: try HeaderText("a"), contentType: "a/b", bytes: 10) { _, _ in
            throw StorageError.leaseLost
        }
        guard case .notNow(let later, _) = await transport.deliver(try MailMessageTests.message(attachments: [unread]))
        else {
            Issue.record("expected a later try")
            return
        }
        #expect(later.scope == .message)
        let odd = MailPart(name: try HeaderText("a"), contentType: "a\r\nb", bytes: 0) { _, _ in [] }
        guard case .refused(let never) = await transport.deliver(try MailMessageTests.message(attachments: [odd]))
        else {
            Issue.record("expected it to be refused")
            return
        }
        #expect(never.scope == .message)
    }
}

extension TransportAnswer {
    var isAccepted: Bool { if case .accepted = self { true } else { false } }
}
