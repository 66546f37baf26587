import Intake
import Testing

@Suite struct SafeFilenameTests {
    @Test(arguments: [
        ("../../etc/passwd", "etc_passwd"), ("../../../etc/passwd", "etc_passwd"),
        ("My cool movie.mov", "My_cool_movie.mov"),
        ("i contain cool \u{FC}ml\u{E4}uts.txt", "i_contain_cool_umlauts.txt"), ("/etc/passwd", "etc_passwd"),
        ("a b\tc\u{1F}d.txt", "a_b_c_d.txt"), ("a ! b.txt", "a__b.txt"), ("a  b", "a_b"), (".bashrc", "bashrc"),
        ("..", "file"), ("", "file"), ("___", "file"), ("a.b.", "a.b"), ("_a_", "a"),
        ("x;rm -rf $(id).png", "xrm_-rf_id.png"),
        ("a<b>\"c'|d?.png", "abcd.png"), ("ﬁne ½.txt", "fine_12.txt"), ("Ångström.PNG", "Angstrom.PNG"),
        ("C:\\Users\\Me\\b.png", "CUsersMeb.png"), ("a/b/c.tar.gz", "a_b_c.tar.gz"), (".png", "png"),
        ("Обои 2.png", "2.png"), ("a\u{A0}b.png", "a_b.png"), ("\u{FF0E}\u{FF0E}\u{FF0F}x", "x"),
    ])
    func `answers as Werkzeug does`(claimed: String, name: String) {
        #expect(SafeFilename.make(claimed) == name)
    }

    @Test(arguments: [
        ("壁紙.png", "壁紙.png"), ("Обои рабочего стола.jpg", "Обои_рабочего_стола.jpg"), ("خلفية.webp", "خلفية.webp"),
        ("日本/語.tar.gz", "日本_語.tar.gz"), ("日\\本.png", "日_本.png"), ("壁\u{202E}gnp.紙", "gnp"), ("हिन्दी.png", "हिन्दी.png"),
        ("壁\u{0}\n紙\u{200B}\u{FEFF}.png", "壁_紙.png"), ("…壁…", "壁"), ("🌄.png", "png"), ("🌄", "file"), ("¿?.png", "png"),
    ])
    func `keeps the letters of a name that is wholly in another script`(claimed: String, name: String) {
        #expect(SafeFilename.make(claimed) == name)
    }

    @Test(arguments: [
        ("--help.png", "help.png"), ("-.-x", "x"), ("CON", "_CON"), ("nul.txt", "_nul.txt"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("com\u{B9}.png", "_com1.png"), ("LPT\u{B2}", "_LPT2"), ("CONIN$", "_CONIN"), ("CONSOLE.txt", "CONSOLE.txt"),
        ("a\u{0}.png", "a.png"), ("evil.exe\u{0}.png", "evil.exe.png"), ("a.txt. .", "a.txt"),
        ("photo\u{202E}gnp.exe", "photognp.exe"),
        ("a\r\nSet-Cookie: b.png", "a_Set-Cookie_b.png"),
    ])
    func `goes beyond Werkzeug where a name could still do harm`(claimed: String, name: String) {
        #expect(SafeFilename.make(claimed) == name)
    }

    @Test func `names a nameless file by its kind`() {
        #expect(SafeFilename.make("", contentType: "image/png") == "file.png")
        #expect(SafeFilename.make("🌄", contentType: "application/gzip") == "file.tar.gz")
        #expect(SafeFilename.make("..", contentType: "application/x-unheard-of") == "file")
    }

    @Test(arguments: [
        ("a.jpg", "image/png", "a.png"), ("a.PNG", "image/png", "a.PNG"), ("a.jpeg", "image/jpeg", "a.jpeg"),
        ("a", "image/png", "a.png"), ("a.b", "image/png", "a.b.png"), ("logo.svg", "image/png", "logo.png"),
        ("a.jpg", "application/x-unheard-of", "a.jpg"), ("壁紙.webp", "image/jpeg", "壁紙.jpg"),
    ])
    func `follows the kind of a file that was re-encoded`(name: String, contentType: String, renamed: String) {
        #expect(SafeFilename.renamed(name, to: contentType) == renamed)
    }

    @Test func `cuts over-long names and keeps their extension`() {
        #expect(
            SafeFilename.make(String(repeating: "a", count: 300) + ".png") == String(repeating: "a", count: 116)
                + ".png")
        #expect(
            SafeFilename.make(String(repeating: "壁", count: 300) + ".tar.gz") == String(repeating: "壁", count: 37)
                + ".tar.gz")
        #expect(SafeFilename.make(String(repeating: "a", count: 300)) == String(repeating: "a", count: 120))
        #expect(SafeFilename.make("a." + String(repeating: "b", count: 300)).utf8.count == 120)
    }

    @Test func `P5 any name becomes one that is safe, and stays as it then is`() {
        var chance = Chance(seed: 4)
        let bits = [
            "/", "\\", "..", ".", "-", "_", " ", "a", "Z", "9", "\0", "\r\n", "\u{202E}", "\u{2066}", "\u{200D}",
            "\u{FEFF}", "é", "e\u{301}",
            "壁", "ß", "CON", "com1", "\u{B9}", "NUL", ".png", ".tar.gz", "\u{301}", "🌄", "﷽", "\u{FF0F}", "ﬁ", "\u{1F}",
            "\u{85}", "%2F", "~", "$",
            String(repeating: "x", count: 70), String(repeating: "紙", count: 30), "\u{AC00}", "\u{1100}", "\u{0F73}",
            "\u{1D157}",
        ]
        for _ in 0..<20_000 {
            var claimed = ""
            for _ in 0..<Int.random(in: 0...8, using: &chance) { claimed += bits.randomElement(using: &chance) ?? "" }
            if Int.random(in: 0..<4, using: &chance) == 0 {
                claimed.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: 0..<0x30000, using: &chance)) ?? "x")
            }
            let name = SafeFilename.make(claimed)
            #expect(SafeFilename.make(name) == name, "of \(claimed.debugDescription)")
            #expect((1...SafeFilename.maxBytes).contains(name.utf8.count))
            #expect(
                name.unicodeScalars.allSatisfy {
                    $0.isASCII
                        ? "._-".unicodeScalars.contains($0) || $0.properties.isAlphabetic || ("0"..."9").contains($0)
                        : !$0.properties.isWhitespace && !$0.properties.isDefaultIgnorableCodePoint
                })
            #expect(!name.hasPrefix(".") && !name.hasPrefix("-") && !name.hasSuffix("."))
            #expect(!["con", "nul", "com1"].contains(name.prefix { $0 != "." }.lowercased()))
        }
    }
}
