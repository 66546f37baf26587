import Domain
import Testing

@Suite struct MailAddressTests {
    @Test(arguments: [
        "a@example.org", "first.last+tag@sub.example.co.uk", "o'neill@example.org", "用户@例子.广告", "jörg@müller.example",
        "root@localhost", "#$&'*+-/=?^_`{|}~@x.yz", "a@1.example", "a@xn--bcher-kva.example",
    ])
    func `takes mailboxes that people have`(text: String) {
        #expect(MailAddress(text)?.text == text)
    }

    @Test func `writes the host in lower case and leaves the rest alone`() {
        #expect(MailAddress("Ada@Example.ORG")?.text == "Ada@example.org")
    }

    @Test(arguments: [
        "", "a", "@", "a@", "@b.c", "a@b", "a@@b.cd", "a b@c.de", "a@b c.de", ".a@b.cd", "a.@b.cd", "a..b@c.de",
        "a@b..cd",
        "a@.b.cd", "a@b.cd.", "a@-b.cd", "a@b-.cd", "a@1.2.3.4", "a@[1.2.3.4]", "\"a\"@b.cd", "Ada <a@b.cd>",
        "a(x)@b.cd",
        "a@b.cd,c@d.ef", "a@b.cd;c@d.ef", "a@b.cd\r\nBcc: x@y.za", "a@b.cd\n", "a\r@b.cd", "a\u{0}@b.cd", "a@b_c.de",
        "a\u{202E}b@c.de", "a\u{200B}@c.de", "a@c\u{200D}.de", "a@c.de\u{2028}", "a@\u{FF0E}de", "a:b@c.de",
        "a\\b@c.de", "=?utf-8?q?boss?=@c.de", "x=?utf-8?q?=0A?=@c.de", "ann%example.org@localhost",
        "example.org!ann@localhost", "a%b%c@d.ef",
    ])
    func `P5 refuses what is none or could reach beyond its header`(text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test func `bounds its parts`() {
        let label = String(repeating: "b", count: 63)
        #expect(MailAddress(String(repeating: "a", count: 64) + "@b.cd") != nil)
        #expect(MailAddress(String(repeating: "a", count: 65) + "@b.cd") == nil)
        #expect(MailAddress("a@\(label).cd") != nil)
        #expect(MailAddress("a@b\(label).cd") == nil)
        #expect(MailAddress("a@\(label).\(label).\(label).\(label)") == nil)
    }
}

@Suite struct WebAddressTests {
    @Test(arguments: [
        "https://example.org", "HTTP://Example.org/", "http://localhost:8080/a?b=c&d=[e]#f",
        "https://münchen.example/ä/日本",
        "https://1.2.3.4/", "https://[::1]:8443/", "http://[2001:db8::1.2.3.4]", "https://example.org./a%20b",
        "https://x?q=http://user@host/", "https://example.org/~a/(b)/c;d,e!f'g*h+i$j=k:l@m",
    ])
    func `takes addresses of pages`(text: String) {
        #expect(WebAddress(text)?.text == text)
    }

    @Test(arguments: [
        "", "example.org", "https://", "https:///x", "https:/example.org", "//example.org", "ftp://example.org",
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://user@example.org",
        "https://u:p@example.org/",
        "https://exa mple.org", "https://example.org/a b", "https://example.org/\n", "https://example.org\r\nX: y",
        "https://example.org/\"><script>", "https://example.org\\@evil.example", "https://example.org/%zz",
        "https://example.org/%2",
        "https://example.org:0", "https://example.org:", "https://example.org:70000", "https://example.org:8a",
        "https://1.2.3",
        "https://1.2.3.256/", "https://[::1", "https://[::1]x", "https://[:::1]", "https://[1::2::3]", "https://[g::]",
        "https://[]",
        "https://a..b/", "https://-a/", "https://example.org/\u{202E}", "https://example.org/\u{A0}", "https://.",
        "http://?x",
        "https://example.org/`id`", "https://example.org/{x}",
    ])
    func `refuses other addresses and those that hide something`(text: String) {
        #expect(WebAddress(text) == nil)
    }

    @Test func `bounds its length`() {
        let room = 2048 - "https://example.org/".utf8.count
        #expect(WebAddress("https://example.org/" + String(repeating: "a", count: room)) != nil)
        #expect(WebAddress("https://example.org/" + String(repeating: "a", count: room + 1)) == nil)
    }
}

@Suite struct EditDistanceTests {
    @Test(arguments: [
        ("emial", "email"), ("e-mail", "email"), ("Email", "email"), ("wallpapr", "wallpaper"),
        ("searchengine", "search_engine"),
        ("nam", "name"), ("zzz", nil), ("", nil),
    ])
    func `proposes what was probably meant`(given: String, proposed: String?) {
        let names = ["email", "name", "wallpaper", "search_engine"]
        #expect(EditDistance.nearest(to: given, among: names) == proposed)
    }
}
