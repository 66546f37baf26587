import Domain
import Testing

@Suite struct LogTextTests {
    @Test(arguments: [
        ("a\u{1B}[1;31mb", "ab"), ("\u{1B}]0;title\u{07}x", "x"), ("\u{1B}]8;;u\u{1B}\\x", "x"), ("a\u{1B}(Bb", "ab"),
        ("a\u{0}\u{8}b", "ab"), ("a\u{9B}31mb", "a31mb"), ("tab\tü€😀", "tab\tü€😀"), ("a\r\r\nb", "a\n\nb"),
        ("\u{1B}]never ends\nnext", "\nnext"), ("é\u{A0}", "é\u{A0}"),
    ])
    func `takes out what a terminal would act on, however the bytes are cut`(raw: String, clean: String) {
        let bytes = Array(raw.utf8)
        for cut in 0...bytes.count {
            var text = LogText()
            let cleaned = text.clean(bytes[..<cut]) + text.clean(bytes[cut...])
            #expect(String(decoding: cleaned, as: UTF8.self) == clean)
        }
    }

    @Test(arguments: [
        ("a\u{1B}[1;31mb\u{1B}[0mc", "a\u{1B}[1;31mb\u{1B}[0mc"), ("\u{1B}[mx", "\u{1B}[mx"),
        ("a\u{1B}[2Jb\u{1B}[?25lc\u{1B}[1mx", "abc\u{1B}[1mx"), ("\u{1B}[>4;1mx", "x"), ("\u{1B}[38:5:1mx", "x"),
        ("\u{1B}]0;title\u{07}\u{1B}[3mx", "\u{1B}[3mx"), ("\u{1B}[31\nm", "\nm"), ("\u{1B}\u{1B}[1mx", "\u{1B}[1mx"),
    ])
    func `leaves colours and nothing else where they are wanted`(raw: String, clean: String) {
        let bytes = Array(raw.utf8)
        for cut in 0...bytes.count {
            var text = LogText(keepsColors: true)
            let cleaned = text.clean(bytes[..<cut]) + text.clean(bytes[cut...])
            #expect(String(decoding: cleaned, as: UTF8.self) == clean)
        }
    }
}
