import Domain
import Foundation
import Mailer
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct BounceCommandTests {
    private static let secret = [UInt8](repeating: 7, count: 32)

    /// A configuration whose data directory is the running server's folder.
    private static func configuration(_ folder: TemporaryDirectory, more: String = "") throws -> String {
        try Data(secret).write(to: folder.url.appending(path: "secret"))
        let file = folder.path("kiln.yml")
        // The password is in the server's environment alone, which no mail server's child has.
        let smtp = "service: smtp, smtp: {host: mail.example, username: kiln}"
        try "data: {directory: '\(folder.path)'}\nmail: {bounce_address: bounces@kiln.example, \(smtp)}\n\(more)".write(
            toFile: file, atomically: false, encoding: .utf8)
        return file
    }

    private static func take(
        _ message: [UInt8], recipient: String? = nil, _ file: String, _ environment: [String: String] = [:]
    ) async -> BounceCommand.Ending {
        await BounceCommand.take(
            message, recipient: recipient, file: file, environment: environment,
            now: Timestamp(milliseconds: 1_795_000_000_000))
    }

    @Test func `A report is taken beside the running server, which sees it`() async throws {
        try await LiveServer.with { server in
            let mail = try await MailedBuild.make(server)
            // The server's own file, under the name that the data directory gives it.
            try FileManager.default.createSymbolicLink(
                atPath: server.folder.path("kiln.sqlite"), withDestinationPath: server.folder.path("kiln.db"))
            let file = try Self.configuration(server.folder)
            let verp = try MailedBuild.verp(Self.secret)
            let ending = await Self.take(mail.bounce(verp), file)
            #expect(ending == .init(code: .taken, words: "\(mail.entry) bounced"))
            #expect(try await server.store.delivery(mail.entry)?.status == .bounced)
            let again = await Self.take(mail.bounce(verp), recipient: verp.sender(of: mail.entry)?.text, file)
            #expect(again.code == .taken)
            let answer = Array("To: \(verp.sender(of: mail.entry)?.text ?? "")\n\nAway.".utf8)
            #expect(await Self.take(answer, file).code == .taken)
        }
    }

    @Test func `An address that was not made here is nobody's, with or without a database`() async throws {
        let folder = try TemporaryDirectory()
        let file = try Self.configuration(folder)
        let mail = MailedBuild(
            build: BuildID(unchecked: "01haaaaaaaaaaaaaaaaaaaaaaa"),
            entry: OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz"))
        let forged = mail.bounce(try MailedBuild.verp([UInt8](repeating: 8, count: 32)))
        #expect(await Self.take(forged, file).code.rawValue == 67)
        #expect(await Self.take([], file).code.rawValue == 67)
        #expect(await Self.take(Array("nonsense".utf8), file).code.rawValue == 67)
    }

    @Test func `What the operator has to mend lets the mail wait`() async throws {
        let folder = try TemporaryDirectory()
        let file = try Self.configuration(folder)
        let mail = MailedBuild(
            build: BuildID(unchecked: "01haaaaaaaaaaaaaaaaaaaaaaa"),
            entry: OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz"))
        let bounce = mail.bounce(try MailedBuild.verp(Self.secret))
        #expect(await Self.take(bounce, file).code.rawValue == 75)
        #expect(!FileManager.default.fileExists(atPath: folder.path("kiln.sqlite")))
        try Data("no database".utf8).write(to: folder.url.appending(path: "kiln.sqlite"))
        #expect(await Self.take(bounce, file).code == .later)
        #expect(await Self.take(bounce, file, ["KILN_MAIL_SERVICE": "pigeon"]).code == .later)
        #expect(await Self.take(bounce, folder.path("none.yml")).code == .later)
        try FileManager.default.removeItem(atPath: folder.path("secret"))
        #expect(await Self.take(bounce, file).code == .later)
        try "data: {directory: '\(folder.path)'}\n".write(toFile: file, atomically: false, encoding: .utf8)
        let ending = await Self.take(bounce, file)
        #expect(ending.code == .later && ending.words.contains("mail.bounce_address"))
    }
}
