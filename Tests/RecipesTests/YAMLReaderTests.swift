import Recipes
import Testing

struct YAMLReaderTests {
    private func findings(_ text: String) -> [String] {
        YAMLReader.read(text, file: "x.yml").diagnostics.map(\.short)
    }

    @Test func `a text that multiplies itself by aliases is refused at once (P6)`() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(list)]\n"
        }
        bomb += "? *a30\n: x\n? [*a30]\n: y\n"
        let found = findings(bomb)
        #expect(found.count == 31)
        #expect(found.first == "1:5 error : anchors (`&name`) and aliases (`*name`) are not taken")
    }

    @Test func `an ampersand or a star in a text is no anchor and no alias`() {
        let text = "a: salt & pepper\nb: '&x *y'\nc: R&D\nd: |\n  &block *line\n"
        let (root, diagnostics) = YAMLReader.read(text, file: "x.yml")
        #expect(diagnostics == [])
        #expect(root?["b"]?.string == "&x *y")
        #expect(root?["d"]?.string == "&block *line\n")
    }

    @Test(arguments: [
        ("a: [1", "2:1"), ("a: *x", "1:4"), ("a: b: c", "1:5"), ("a:\n\t- b", "2:1"), ("a: 1\n---\nb: 2", "2:1"),
        ("a: \u{1}", "1:4"), ("a: 'x", "1:6"), ("\u{FEFF}a: @", "1:5"),
    ])
    func `what is no YAML is reported with its place`(text: String, place: String) {
        let found = findings(text)
        #expect(found.count == 1)
        #expect(found.first?.contains("not readable as YAML") == true, "\(found)")
        #expect(found.first?.hasPrefix(place) == true, "\(found)")
    }

    @Test func `deep nesting ends in a report, not in a crash`() {
        for text in [String(repeating: "[", count: 500_000), String(repeating: "- ", count: 100_000)] {
            #expect(findings(text).count == 1)
        }
    }

    @Test func `marks count Unicode scalars from one`() throws {
        let root = try #require(YAMLReader.read("é😀: {b: 1, 'ü': [2, 3]}", file: "x.yml").root)
        let inner = try #require(root.entries?.first?.value)
        #expect(inner.mark == Mark(line: 1, column: 5))
        #expect(inner["ü"]?.items?.last?.mark == Mark(line: 1, column: 21))
    }

    @Test(arguments: [
        ("\"\\x61\": 1\na: 2", 1), ("a: 1\na: 2\na: 3\nb: 1\nb: 2", 3), ("x: {a: 1, a: 2}\nx: 2", 2),
        ("? [a, b]\n: c", 1), ("'a': 1\n\"a\": 2", 1), ("a: 1\r\na: 2\r\n", 1),
    ])
    func `keys that stand twice, or are no words, are all reported`(text: String, count: Int) {
        #expect(findings(text).count == count, "\(findings(text))")
    }

    @Test func `the first of two values counts`() {
        #expect(YAMLReader.read("a: 1\na: 2", file: "x").root?["a"]?.integer == 1)
    }
}
