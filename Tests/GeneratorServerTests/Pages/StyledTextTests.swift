import Domain
import Testing

@testable import GeneratorServer

@Suite struct StyledTextTests {
    typealias Run = StyledText.Run

    @Test(
        arguments: [
            ("plain <b>", [Run(text: "plain <b>")]),
            ("a\u{1B}[0;1;31mb\u{1B}[0mc", [Run(text: "a"), Run(text: "b", looks: "b f1"), Run(text: "c")]),
            ("\u{1B}[mx\u{1B}[92my", [Run(text: "x"), Run(text: "y", looks: "f10")]),
            ("\u{1B}[31;44mx", [Run(text: "x", looks: "g4")]), ("\u{1B}[7mx", [Run(text: "x", looks: "g7")]),
            ("\u{1B}[31;7mx\u{1B}[27my", [Run(text: "x", looks: "g1"), Run(text: "y", looks: "f1")]),
            ("\u{1B}[2;3;4;9mx", [Run(text: "x", looks: "d i u s")]), ("\u{1B}[5;8mx", [Run(text: "x")]),
            ("\u{1B}[38;5;196mx", [Run(text: "x", looks: "f9")]),
            ("\u{1B}[38;2;0;128;0mx", [Run(text: "x", looks: "f2")]),
            ("\u{1B}[48;5;240mx", [Run(text: "x", looks: "g8")]), ("\u{1B}[38;5mx", [Run(text: "x")]),
            ("\u{1B}[38;5;999;1mx", [Run(text: "x")]),
            ("\u{1B}[31mx\ny", [Run(text: "x", looks: "f1"), Run(text: "\ny")]),
            ("a\u{1B}[2Jb\u{1B}", [Run(text: "a[2Jb")]), ("\u{1B}[99999999999999999999mx", [Run(text: "x")]),
        ] as [(String, [Run])]) func `codes become names of looks`(text: String, runs: [Run])
    {
        #expect(StyledText.runs(text) == runs)
    }

    @Test func `P5: whatever the log holds, looks are from the list and the text is the log's without codes`() {
        var generator = Dice(state: 7)
        let pieces = [
            "\u{1B}", "[", "]", "m", ";", "0", "1", "31", "38;5;", "48;2;1;2;3", "\n", "<script>", "\"", "&", "ü", "g1",
            " ",
            "\u{1B}[0;1;32m", "\u{1B}[0m", "\u{1B}[7m", "\u{1B}]0;", "\u{7}", "\u{1B}[38;5;200m",
        ]
        let allowed = Set(["b", "d", "i", "u", "s"] + (0...15).flatMap { ["f\($0)", "g\($0)"] })
        for _ in 0..<3000 {
            let raw = (0..<Int.random(in: 0...40, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            var colored = LogText(keepsColors: true)
            var plain = LogText()
            let runs = StyledText.runs(String(decoding: colored.clean(Array(raw.utf8)), as: UTF8.self))
            #expect(runs.map(\.text).joined() == String(decoding: plain.clean(Array(raw.utf8)), as: UTF8.self))
            #expect(
                runs.allSatisfy { Set($0.looks?.split(separator: " ").map(String.init) ?? []).isSubset(of: allowed) })
        }
    }

    /// The same throws every time.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }
}
