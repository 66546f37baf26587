import Testing

@testable import Mailer

@Suite struct TextLayoutTests {
    @Test func `long lines are broken at spaces, and what follows is indented with them`() {
        let words = String(repeating: "word ", count: 30)
        let lines = TextLayout.laidOut("  " + words).split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.count <= 78 })
        #expect(lines[0].hasPrefix("  word") && lines[1].hasPrefix("    word"))
    }

    @Test func `East Asian text is broken between characters, and no line begins with a full stop`() {
        let lines = TextLayout.laidOut(String(repeating: "字", count: 39) + "。" + String(repeating: "字", count: 30))
            .split(separator: "\n")
        #expect(lines.count == 2 && lines[1].hasPrefix("字。"))
    }

    @Test(arguments: ["| ", "> "]) func `a log's line stays whole, and so does an address`(sign: String) {
        let log = "  \(sign)" + String(repeating: "word ", count: 30) + "end"
        #expect(TextLayout.laidOut(log) == log + "\n")
        let address = "  https://example.org/" + String(repeating: "a", count: 100)
        #expect(TextLayout.laidOut(address) == address + "\n")
    }

    @Test func `empty lines come one at a time, and none at either end`() {
        #expect(TextLayout.laidOut("\n\none\n \n\n\ntwo\n\n") == "one\n\ntwo\n")
    }
}
