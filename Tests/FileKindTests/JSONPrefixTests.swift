import Testing

@testable import FileKind

@Suite struct JSONPrefixTests {
    @Test(arguments: ["{", "[1, 2", "{\"a\": \"b\\", "[\"\\u00", "{\"a\":{\"b\":[{}]}, \"c\"", " [tru", "[] \n"])
    func `beginnings of JSON are taken`(text: String) { #expect(JSONPrefix.isJSON(Array(text.utf8))) }

    @Test(arguments: ["", "  ", "1", "\"a\"", "[one]", "{a: 1}", "[1 2]", "[}", "{\"a\" 1}", "[] x", "[nan,", "[-inf,"])
    func `other texts are not`(text: String) { #expect(!JSONPrefix.isJSON(Array(text.utf8))) }

    @Test func `depth is bounded`() {
        #expect(!JSONPrefix.isJSON([UInt8](repeating: UInt8(ascii: "["), count: 100_000)))
    }
}
