import Domain
import Mailer
import Testing

@Suite struct MailAddressTests {
    @Test(arguments: ["a@b.example", "first.last+tag@example.org", "用户@例子.广告", "o'brien@example.org"])
    func `takes a plain mailbox`(text: String) throws {
        #expect(try MailAddress(checked: text).text == text)
    }

    @Test(arguments: [
        "", "a", "@b", "a@", "a b@c", "a@b c", "a@b\r\nBcc: x@y", "a\u{0}@b", "\"a b\"@c", "A <a@b>", "a@b,c@d",
        "a@b;c",
        ".a@b", "a.@b", "a..c@b", "a@.b", "a@b..c", "a@[127.0.0.1]", "a\u{202E}b@c", "a\u{2028}@b",
        String(repeating: "a", count: 65) + "@b", "a@" + String(repeating: "b", count: 260),
    ]) func `refuses what could be more than a mailbox, and cleans nothing (P5)`(text: String) {
        #expect(throws: MailMessageError.badAddress) { try MailAddress(checked: text) }
    }

    @Test func `takes a sender with a name as operators write it`() throws {
        let sender = try NamedMailAddress(parsing: "\"Kiln, the builder\" <kiln@example.org>")
        #expect(sender.name?.text == "Kiln, the builder")
        #expect(sender.address.description == "kiln@example.org")
        #expect(try NamedMailAddress(parsing: "kiln@example.org").name == nil)
    }

    @Test(arguments: ["a\r\nb", "a\nb", "a\rb", "a\u{0}b", "a\u{1B}[0m", "a\u{85}b", "a\u{2029}b"])
    func `header text with a line break or a control is refused (P5)`(text: String) {
        #expect(throws: MailMessageError.badHeaderText) { try HeaderText(text) }
    }
}
