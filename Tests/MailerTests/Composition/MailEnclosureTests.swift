import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import Mailer

/// The size rule: what goes into a mail beside its texts, and what stays a link.
@Suite struct MailEnclosureTests {
    static let failed = MailComposerTests.build(.failed(Failure(kind: .build, message: "No.")))

    static func message(
        _ kind: MailKind, _ build: Build, attach: Int64? = nil, largest: Int64? = nil, log: String? = nil
    ) async throws -> MailMessage {
        var files = MailComposerTests.Files()
        if let log { files.log = Array(log.utf8) }
        var recipe = Recipe.sample()
        recipe.mail.attach = attach
        return try await MailComposerTests.composer(files: files).message(
            for: MailComposerTests.delivery(kind), about: [build], recipe: recipe, largest: largest)
    }

    static func success(bytes: Int64 = 5) -> Build {
        var build = MailComposerTests.build(.succeeded)
        build.artifacts[0].bytes = bytes
        return build
    }

    @Test func `a product is attached only if the recipe says so, up to its bound`() async throws {
        #expect(try await Self.message(.succeeded, Self.success()).attachments.isEmpty)
        #expect(try await Self.message(.succeeded, Self.success(), attach: 4).attachments.isEmpty)
        let message = try await Self.message(.succeeded, Self.success(), attach: 5)
        #expect(message.attachments.map(\.name.text) == ["my.iso"])
        #expect(message.text.contains("attached") && message.html.contains("attached"))
        #expect(message.text.contains("/artifacts/my.iso"), "the link stays")
        let mail = try ReadMail.parse(try await MailMessageTests.bytes(of: message))
        #expect(mail.parts.last?.filename == "my.iso" && mail.parts.last?.text == nil)
    }

    @Test func `nothing makes a message larger than its transport takes`() async throws {
        for largest in stride(from: Int64(20_000), to: 80_000, by: 7_000) {
            let message = try await Self.message(
                .succeeded, Self.success(bytes: 5), attach: 100, largest: largest)
            #expect(Int64(try await MailMessageTests.bytes(of: message).count) <= largest)
            let log = String(repeating: "0123456789abcdef\n", count: 3000)
            let failure = try await Self.message(.failed, Self.failed, largest: largest, log: log)
            #expect(Int64(try await MailMessageTests.bytes(of: failure).count) <= largest)
        }
    }

    @Test func `a mail that has no place for anything else still goes, without words of it`() async throws {
        let message = try await Self.message(.succeeded, Self.success(), attach: 100, largest: 1)
        #expect(message.attachments.isEmpty && message.inlinePictures.isEmpty)
        #expect(!message.html.contains("cid:") && !message.text.contains("attached"))
        let failure = try await Self.message(.failed, Self.failed, largest: 1)
        #expect(failure.attachments.isEmpty && !failure.text.contains("attached"))
        #expect(failure.text.contains("/log"))
    }

    @Test func `a long log is attached compressed, a longer one as its end`() async throws {
        let long = String(repeating: "0123456789\n", count: 20_000)
        let message = try await Self.message(.failed, Self.failed, log: long)
        let part = try #require(message.attachments.first)
        #expect(part.name.text == "log.txt.gz" && part.contentType == "application/gzip")
        #expect(try Self.unzipped(try await part.read(0, Int(part.bytes))) == Array(long.utf8))
        let longer = try await Self.message(
            .failed, Self.failed, log: String(repeating: "0123456789\n", count: 200_000) + "the end\n")
        let end = try #require(longer.attachments.first)
        #expect(end.name.text == "end-of-log.txt.gz")
        let bytes = try Self.unzipped(try await end.read(0, Int(end.bytes)))
        #expect(bytes.count <= 1 << 20 && bytes.count > (1 << 20) - 20, "whole lines")
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("the end\n"))
    }

    @Test func `where the log does not fit, its end does`() async throws {
        // Does not compress.
        var random = SystemRandomNumberGenerator()
        let log = (0..<4000).map { _ in String(random.next(), radix: 36) }.joined(separator: "\n") + "\n"
        let message = try await Self.message(.failed, Self.failed, largest: 50_000, log: log)
        #expect(message.attachments.map(\.name.text) == ["end-of-log.txt"])
        #expect(message.text.contains("The end of the log is attached."))
    }

    @Test func `the log's last lines stand in the mail, thirty at most, unless the error's context shows them`()
        async throws
    {
        let log = (1...50).map { "step \($0)" }.joined(separator: "\n") + "\n"
        let text = try await Self.message(.failed, Self.failed, log: log).text
        #expect(text.contains("The last 30 lines of the log:") && text.contains("  | step 50"))
        #expect(text.contains("  | step 21\n") && !text.contains("  | step 20\n"))
        let failure = Failure(
            kind: .build, message: "No.", errorLine: "error: b", context: "a\nerror: b\nc")
        let build = MailComposerTests.build(.failed(failure))
        #expect(!(try await Self.message(.failed, build, log: "a\nerror: b\nc\n").text.contains("The last")))
        #expect(try await Self.message(.failed, Self.failed, log: "one\n").text.contains("The last line of the log:"))
    }

    private static func unzipped(_ bytes: [UInt8]) throws -> [UInt8] {
        Array(try Tool.run(["gzip", "-dc"], input: bytes))
    }
}
