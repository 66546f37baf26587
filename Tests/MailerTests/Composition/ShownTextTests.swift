import Domain
import Foundation
import TestSupport
import Testing

@testable import Mailer

/// What strangers typed never becomes a link, a header or HTML in a mail (P5).
@Suite struct ShownTextTests {
    @Test(arguments: [
        "https://evil.example", "evil.example", "www.evil.example/x?y", "a@evil.example", "mailto:a@evil.example",
        "see https://evil.example!", "evil。example", "HTTP://192.0.2.1/", "//evil.example", "ftp.evil.example:21",
    ]) func `what looks like an address is broken where mail programs would link it`(text: String) {
        let shown = ShownText.line(text)
        #expect(shown.firstMatch(of: /[^\s]+[.@:。][^\s\u{200A}]/) == nil, "\(shown)")
        #expect(shown.firstMatch(of: /\/\/[^\s\u{200A}]/) == nil, "\(shown)")
        #expect(shown.replacing("\u{200A}", with: "") == text, "nothing else is changed")
    }

    @Test(arguments: ["Debian 12.5", "at 09:45, for 3.14", "It ended. All well: yes.", "Ä ö — 你好", "नमस्ते", "👩‍👩‍👧"])
    func `what is no address stays as it is`(text: String) {
        #expect(ShownText.line(text) == text)
    }

    @Test func `what turns text around or hides it is left out, and lines stay one`() {
        #expect(ShownText.line("abc\u{202E}fed\u{2066}g\u{0}\u{200B}") == "abcfedg")
        #expect(ShownText.line("one\r\ntwo\u{2028}three") == "one  two three")
        #expect(ShownText.lines("one\ntwo") == ["one", "two"])
    }

    @Test func `it is bounded (P6)`() {
        let long = String(repeating: "a", count: 10_000)
        #expect(ShownText.line(long).count == 500)
        #expect(ShownText.lines(long).map(\.count).reduce(0, +) <= 500)
        #expect(ShownText.lines(String(repeating: "a\n", count: 10_000)).count <= 13)
        #expect(ShownText.line("e" + String(repeating: "\u{301}", count: 10_000)).unicodeScalars.count <= 2001)
    }

    @Test(arguments: [
        "https://evil.example", "evil.example", "a@evil.example", "<a href=\"https://evil.example\">x</a>",
        "{{#words}}{{build}}{{/words}}", "\u{202E}txet", "x\n\nDownload it:\n  https://evil.example/",
        String(repeating: "evil.example ", count: 800),
    ]) func `no mail of any kind lets it through`(hostile: String) async throws {
        let failure = Failure(kind: .build, message: hostile, errorLine: hostile, context: "a\n\(hostile)")
        let states: [(MailKind, BuildState)] = [
            (.succeeded, .succeeded), (.failed, .failed(failure)), (.cancelled, .cancelled), (.expired, .expired),
            (.confirmation, .queued(attemptsUsed: 0)),
        ]
        var recipe = Recipe.sample()
        recipe.mail.subjectSuccess = "{{name}} is ready"
        for (kind, state) in states {
            let message = try await MailComposerTests.composer().message(
                for: MailComposerTests.delivery(kind), about: [MailComposerTests.build(state, name: hostile)],
                recipe: recipe)
            for text in [message.text, message.html, message.subject.text] {
                #expect(!text.contains("evil.example") && !text.contains("://evil") && !text.contains("@evil"))
                #expect(!text.contains("\u{202E}") && !text.contains("<a href=\"https://evil"))
            }
            #expect(message.text.utf8.count < 20_000)
            let lines = message.text.split(separator: "\n")
            #expect(!lines.contains { $0 == "Download it:" || $0 == "  Download it:" }, "no line passes for Kiln's own")
            _ = try ReadMail.parse(try await MailMessageTests.bytes(of: message))
        }
    }

    @Test func `a confirmation shows a glimpse of each value, names the network and no address`() async throws {
        var build = MailComposerTests.build(.queued(attemptsUsed: 0), name: String(repeating: "buy ", count: 100))
        build.confirmBy = build.createdAt + .seconds(86400)
        let message = try await MailLanguageTests.message(.confirmation, build, "en", source: "2001:db8:1:2::3")
        for text in [message.text, message.html] {
            #expect(text.contains("https://kiln.example.org/confirm/\(build.id)"))
            #expect(text.contains("https://kiln.example.org/confirm/\(build.id)?not-me"))
            #expect(text.contains("2001:db8:1::/48") && text.contains("22 November 2026"))
            #expect(!text.contains("reader@") && !text.contains("1:2::3"))
            #expect(text.components(separatedBy: "buy").count < 20)
        }
    }

    @Test(arguments: [
        ("192.0.2.17", "192.0.2.0/24"), ("2001:db8:abcd:1::5", "2001:db8:abcd::/48"), ("::1", "0:0:0::/48"),
        ("::ffff:192.0.2.17", "192.0.2.0/24"), ("fe80::1%eth0", "fe80:0:0::/48"), ("unix:", nil), ("", nil),
    ]) func `an address is shortened to its network`(address: String, network: String?) {
        #expect(NetworkName(address)?.text == network)
    }
}
