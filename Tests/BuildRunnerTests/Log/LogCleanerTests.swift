import Testing

@testable import BuildRunner

struct LogCleanerTests {
    private func clean(
        _ text: [UInt8], by size: Int = .max, address: String? = nil, secrets: [String] = []
    ) -> [String] {
        cleaned(text, by: size, address: address, secrets: secrets).map(\.text)
    }

    private func cleaned(
        _ text: [UInt8], by size: Int = .max, address: String? = nil, secrets: [String] = []
    ) -> [LogLine] {
        var cleaner = LogCleaner(redaction: Redaction(address: address, secrets: secrets))
        var lines: [LogLine] = []
        var rest = text[...]
        while !rest.isEmpty {
            lines += cleaner.take(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return lines + cleaner.finish()
    }

    @Test(arguments: [
        ("plain\n", ["plain"]),
        ("no end", ["no end"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("10%\r20%\r100%\ndone\n", ["100%", "done"]),
        ("\u{1B}[1;31mred\u{1B}[0m\n", ["red"]),
        ("\u{1B}]0;title\u{7}text\u{1B}]8;;http://x\u{1B}\\link\n", ["textlink"]),
        ("\u{1B}(Bset\u{1B}=\u{1B}7\n", ["set"]),
        ("cut \u{1B}[31\nnext\n", ["cut ", "next"]),
        ("\u{1B}]0;a title that never ends\nnext\n", ["", "next"]),
        ("\u{1B}]8;;x\u{1B}\nnext\u{1B}(\nlast\n", ["", "next", "last"]),
        ("bell\u{7} nul\u{0} back\u{8} del\u{7F} tab\t.\n", ["bell nul back del tab\t."]),
        (
            "turn\u{202E}ed \u{2066}x\u{2069} \u{9B}31m\u{2028}\n",
            ["turn\u{FFFD}ed \u{FFFD}x\u{FFFD} \u{FFFD}31m\u{FFFD}"]
        ),
        ("مرحبا 😀 Zoë\n", ["مرحبا 😀 Zoë"]),
        ("\n\n", ["", ""]),
    ])
    func `What a terminal would do is undone`(text: String, lines: [String]) {
        #expect(clean(Array(text.utf8)) == lines)
    }

    @Test(arguments: [
        ("\u{1B}[1;31mred\u{1B}[0m\n", ["<0;1;31>red<0>"]),
        ("\u{1B}[01;31m\u{1B}[Kx\u{1B}[m\u{1B}[K rest\n", ["<0;1;31>x<0> rest"]),
        ("\u{1B}[32mgreen\nstill\u{1B}[39m not\n", ["<0;32>green<0>", "<0;32>still<0> not"]),
        ("\u{1B}[92;104mb\u{1B}[1m\u{1B}[22;24;49mc\n", ["<0;92;104>b<0;92>c<0>"]),
        ("\u{1B}[38;5;208mo\u{1B}[48;2;1;2;3mp\n", ["<0;38;5;208>o<0;38;5;208;48;2;1;2;3>p<0>"]),
        ("\u{1B}[38;5;999mo\u{1B}[38;5mp\u{1B}[38;7;31mq\n", ["opq"]),
        ("\u{1B}[31;1Hx\u{1B}[>1my\u{1B}[?25lz\u{1B}[1;2;3000m.\n", ["xyz."]),
        ("\u{1B}[8;6mh\u{1B}[51;73;3mi\n", ["<0;6;8>h<0;3;6;8>i<0>"]),
        ("\u{1B}[31\u{1B}[32mx\n", ["<0;32>x<0>"]),
        ("\u{1B}[31mold\rnew\u{1B}[0m\n", ["<0;31>new<0>"]),
    ])
    func `Colours stay in one form, each line with its own`(text: String, lines: [String]) {
        let shown = lines.map {
            $0.replacing("<", with: "\u{1B}[").replacing(">", with: "m")
        }
        #expect(cleaned(Array(text.utf8)).map(\.coded) == shown)
        for size in 1...7 { #expect(cleaned(Array(text.utf8), by: size).map(\.coded) == shown) }
    }

    @Test
    func `A colour within a character waits for its end`() {
        let bytes = [0xC3] + Array("\u{1B}[31m".utf8) + [0xA9, 0x21]
        #expect(cleaned(bytes).map(\.coded) == ["é\u{1B}[0;31m!\u{1B}[0m"])
    }

    @Test
    func `A secret that colours break up goes as a whole, and colours after it stay (P7)`() {
        let text = "a\u{1B}[1ms3c\u{1B}[31mr3t\u{1B}[32m-key!z\u{1B}[0m."
        for size in [1, 3, 100] {
            let line = cleaned(Array(text.utf8), by: size, secrets: ["s3cr3t-key!"])
            #expect(line.map(\.coded) == ["a\u{1B}[0;1m[secret]\u{1B}[0;1;32mz\u{1B}[0m."])
        }
    }

    @Test
    func `Secrets that overlap leave nothing of either (P7)`() {
        #expect(clean(Array("xabcdefghx".utf8), secrets: ["abcdef", "efgh"]) == ["x[secret]x"])
        #expect(clean(Array("xabcdefghx".utf8), secrets: ["abcd", "cdefgh"]) == ["x[secret]x"])
    }

    @Test
    func `A line of colours alone is bounded (P6)`() {
        let text = (0..<4000).map { "\u{1B}[38;5;\($0 % 256)mx" }.joined()
        let lines = cleaned(Array(text.utf8))
        #expect(lines.map(\.text).joined() == String(repeating: "x", count: 4000))
        #expect(lines.allSatisfy { $0.coded.utf8.count < 12_000 })
    }

    @Test
    func `Invalid UTF-8 is shown as such`() {
        #expect(clean([0x61, 0xFF, 0x62, 0x0A, 0xC3]) == ["a\u{FFFD}b", "\u{FFFD}"])
    }

    @Test(arguments: [1, 2, 3, 7, 64, 5000])
    func `Addresses and secrets go, wherever a chunk ends (P7)`(size: Int) {
        let text =
            "for ADA@example.org, ada%40example.org: key s3cr3t-key!\n\u{1B}[1ms3cr\u{1B}[0m3t-key! s3cr3t-ke\n"
            + "line one of the pem\nline two of the pem\n"
        let lines = clean(
            Array(text.utf8), by: size, address: "ada@example.org",
            secrets: ["s3cr3t-key!", "line one of the pem\nline two of the pem", "x"])
        #expect(
            lines == [
                "for [address], [address]: key [secret]", "[secret] s3cr3t-ke", "[secret]", "[secret]",
            ])
    }

    @Test(arguments: [1, 97, 4096])
    func `A line without end is broken, and no secret gets through at the break (P6, P7)`(size: Int) {
        for offset in 4070...4110 {
            let text = String(repeating: "é", count: offset / 2) + "hidden-token" + String(repeating: "y", count: 9000)
            let lines = clean(Array(text.utf8), by: size, secrets: ["hidden-token"])
            #expect(lines.allSatisfy { $0.utf8.count <= LogCleaner.longestLine + 20 && !$0.contains("\u{FFFD}") })
            let joined = lines.joined()
            #expect(joined.contains("[secret]") && !joined.contains("hidden") && !joined.contains("token"))
            #expect(joined.filter { $0 == "y" }.count == 9000)
        }
    }

    @Test
    func `The same bytes give the same lines however they were cut`() {
        var generator = SystemRandomNumberGenerator()
        let pieces: [[UInt8]] = [
            Array("\u{1B}[1;3".utf8), [0x1B], [0x0D], [0x0A], Array("tok".utf8), Array("en-1".utf8), [0xE2, 0x80],
            [0xAE],
            Array("word ".utf8), Array("\u{1B}[31m".utf8), Array("\u{1B}[0m".utf8), Array("\u{1B}]x".utf8), [0x07],
            Array(repeating: 0x61, count: 3000),
        ]
        for _ in 0..<200 {
            let text = (0..<30).flatMap { _ in pieces.randomElement(using: &generator) ?? [] }
            let whole = cleaned(text, secrets: ["token-1"])
            #expect(cleaned(text, by: Int.random(in: 1...50, using: &generator), secrets: ["token-1"]) == whole)
        }
    }
}
