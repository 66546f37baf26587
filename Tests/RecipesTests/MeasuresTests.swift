import Recipes
import Testing

struct MeasuresTests {
    @Test(
        arguments: [
            ("20 MiB", 20 << 20), ("20MiB", 20 << 20), ("1 kB", 1000), ("1 GiB", 1 << 30), ("12", 12), ("0 B", 0),
            ("20 mib", nil), ("MiB", nil), ("1.5 GiB", nil), ("-1", nil), ("1  MiB", nil), ("1 ", nil), ("", nil),
            ("9999999999 GiB", nil), ("99999999999999999999", nil), ("١ MiB", nil), ("0x10", nil),
        ] as [(String, Int64?)])
    func `sizes are read`(text: String, bytes: Int64?) {
        #expect(Measures.size(text) == bytes)
    }

    @Test(
        arguments: [
            ("90s", 90_000), ("10m", 600_000), ("2h", 7_200_000), ("7d", 604_800_000), ("500ms", 500), ("60", nil),
            ("1 h", nil), ("1w", nil), ("1h30m", nil), ("-1s", nil), ("s", nil), ("9999999999999999d", nil),
        ] as [(String, Int64?)])
    func `spans of time are read`(text: String, milliseconds: Int64?) {
        #expect(Measures.span(text) == milliseconds.map { .milliseconds($0) })
    }

    @Test func `both are written as they are read`() {
        #expect(Measures.text(size: 20 << 20) == "20 MiB")
        #expect(Measures.text(size: 1500) == "1500 B")
        #expect(Measures.text(span: .seconds(90)) == "90s")
        #expect(Measures.text(span: .seconds(86400)) == "1d")
    }
}
