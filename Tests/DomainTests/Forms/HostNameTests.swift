import Domain
import Testing

@Suite struct HostNameTests {
    @Test(arguments: [
        ("example.org", "example.org"), ("Example.ORG", "example.org"), ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"), ("bu\u{308}cher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("例子.广告", "xn--fsqu00a.xn--4rr70v"),
        ("испытание.рф", "xn--80akhbyknj4f.xn--p1ai"), ("faß.de", "xn--fa-hia.de"),
        ("βόλος.com", "xn--nxasmm1c.com"), ("उदाहरण.परीक्षा", "xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"),
        ("مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"), ("localhost", "localhost"),
        // Of many letters, yet short enough for DNS.
        (String(repeating: "例", count: 30) + ".cn", "xn--fsqaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.cn"),
    ])
    func `writes names of every script as DNS knows them`(name: String, ascii: String) {
        #expect(HostName.ascii(name) == ascii)
    }

    @Test(arguments: [
        "", ".", "a..b", "-a.example", "ä-.example", "-ä.example", "ab--ä.example", "ｅxample.org", "ﬁ.example",
        "ª.example", "\u{308}a.example", "a\u{200D}ä.example", "ä\u{202E}.example", "ä b.example", "ä\r\n.example",
        "日本。jp", "☃.example", String(repeating: "a", count: 64) + ".example", "ـä.example",
        (0..<60).map { String(UnicodeScalar(0x4E00 + $0 * 97) ?? "x") }.joined() + ".example",
        Array(repeating: String(repeating: "ä", count: 20), count: 11).joined(separator: "."),
    ])
    func `refuses what is no name, is another name's other form, or is too long`(name: String) {
        #expect(HostName.ascii(name) == nil)
    }

    @Test func `an address has its host in ASCII and its local part as it was`() throws {
        let plain = try #require(MailAddress("Ada@Bücher.example"))
        #expect(plain.wireText == "Ada@xn--bcher-kva.example")
        #expect(!plain.needsUTF8)
        let other = try #require(MailAddress("用户@例子.广告"))
        #expect(other.wireText == "用户@xn--fsqu00a.xn--4rr70v")
        #expect(other.needsUTF8)
        #expect(MailAddress("a@ｅxample.org") == nil, "a look-alike of example.org")
    }
}
