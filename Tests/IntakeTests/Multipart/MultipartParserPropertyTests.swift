import Intake
import Testing

/// A small reproducible source of chance (SplitMix64).
struct Chance: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func sizes() -> [Int] {
        (0..<40).map { _ in Int.random(in: 1...(Bool.random(using: &self) ? 3 : 50), using: &self) }
    }
}

@Suite struct MultipartParserPropertyTests {
    /// Bits that make trouble when they come together.
    private static let bits: [String] = [
        "\r", "\n", "\r\n", "-", "--", "\r\n--", "\r\n--ab", "\r\n--abc", "\r\n--abcab", "--abcabd", " ", "\t", "a",
        "abc", "\0", "é",
        "\r\n--abcabd-", "\r\n--abcabd x", "\r\n--abcabd\r\r",
    ]

    private static func data(using chance: inout Chance) -> String {
        var data = ""
        for _ in 0..<Int.random(in: 0...12, using: &chance) { data += bits.randomElement(using: &chance) ?? "" }
        return data
    }

    /// Whether the data hold a line that is the delimiter.
    private static func isAmbiguous(_ data: String) -> Bool {
        (try? #/(?:^|\r\n)--abcabd(?:--|[ \t]*(?:\r\n|$|\r$)|-$)/#.matchingSemantics(.unicodeScalar).firstMatch(
            in: data)) != nil
    }

    @Test func `any form comes back as it was written, whatever the chunks are`() {
        var chance = Chance(seed: 1)
        var tried = 0
        for _ in 0..<3000 {
            var expected: [String] = []
            var written = Bool.random(using: &chance) ? "" : "preamble\r\n"
            for number in 0..<Int.random(in: 0...4, using: &chance) {
                let data = Self.data(using: &chance)
                guard !Self.isAmbiguous(data) else { continue }
                expected.append("f\(number)=" + data)
                written += "--abcabd\r\n" + field("f\(number)") + "\r\n" + data + "\r\n"
            }
            written += "--abcabd--" + (Bool.random(using: &chance) ? "\r\n" : "")
            for sizes in [[Int.max], [1], chance.sizes(), chance.sizes()] {
                let form = ParsedForm(Array(written.utf8), boundary: "abcabd", sizes: sizes)
                #expect(form.error == nil)
                #expect(form.isEnded)
                #expect(form.summary.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
            }
            tried += expected.count
        }
        #expect(tried > 1000)
    }

    @Test func `damaged bodies are read alike in any chunks and never crash`() {
        var chance = Chance(seed: 2)
        let whole = body(
            "--abcabd", field("a"), "1", "--abcabd",
            "Content-Disposition: form-data; name=\"b\"; filename*=UTF-8''c%20d; filename=\"e\\\"f\"",
            "Content-Type: text/plain", "",
            "some data\r\n--abc", "--abcabd  ", field("c"), "", "--abcabd--", "")
        for _ in 0..<4000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                let place = Int.random(in: 0..<max(1, damaged.count), using: &chance)
                let bit = Array((Self.bits.randomElement(using: &chance) ?? "").utf8)
                switch Int.random(in: 0..<4, using: &chance) {
                case 0: damaged[place] = UInt8.random(in: .min ... .max, using: &chance)
                case 1: damaged.remove(at: place)
                case 2: damaged.insert(contentsOf: bit, at: place)
                default: damaged.removeSubrange(place..<min(damaged.count, place + 20))
                }
                if damaged.isEmpty { damaged = [0x2D] }
            }
            let expected = ParsedForm(damaged, boundary: "abcabd")
            for sizes in [[1], chance.sizes()] {
                #expect(ParsedForm(damaged, boundary: "abcabd", sizes: sizes) == expected)
            }
        }
    }

    @Test func `noise is refused or ignored, never taken for a form that it is not`() {
        var chance = Chance(seed: 3)
        for _ in 0..<2000 {
            let noise = (0..<Int.random(in: 0...300, using: &chance)).map { _ in
                UInt8.random(in: .min ... .max, using: &chance)
            }
            let form = ParsedForm(noise, boundary: "abcabd", sizes: chance.sizes())
            #expect(form.error == .malformed(.boundaryNotFound))
        }
    }
}
