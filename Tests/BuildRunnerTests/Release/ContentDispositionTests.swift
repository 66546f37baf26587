import Domain
import TestSupport
import Testing

@testable import BuildRunner

@Suite struct ContentDispositionTests {
    @Test(arguments: [
        ("attachment; filename=\"foo.iso\"", "foo.iso"),
        ("attachment; filename=foo.iso", "foo.iso"),
        ("ATTACHMENT; FileName = foo.iso", "foo.iso"),
        ("inline;filename=foo.iso;", "foo.iso"),
        ("attachment;;filename=foo.iso", "foo.iso"),
        ("attachment; filename=my image.iso ; size=5", "my image.iso"),
        ("attachment; filename='foo.iso'", "'foo.iso'"),
        ("attachment; filename=\"f\\oo \\\"x\\\".iso\"", "foo \"x\".iso"),
        ("attachment; filename=\"semi;colon.iso\"", "semi;colon.iso"),
        ("attachment; filename=\"50%25.iso\"", "50%25.iso"),
        ("attachment; filename=\"naïve.iso\"", "naïve.iso"),
        ("attachment; filename*=UTF-8''%e2%82%ac%20rates.iso", "€ rates.iso"),
        ("attachment; filename*=utf-8'en'x.iso", "x.iso"),
        ("attachment; filename*=ISO-8859-1''f%FCr.iso", "für.iso"),
        ("attachment; filename=\"a.iso\"; filename*=UTF-8''b.iso", "b.iso"),
        ("attachment; filename*=UTF-8''b.iso; filename=\"a.iso\"", "b.iso"),
        ("attachment; filename=\"/etc/passwd\"", "passwd"),
        ("attachment; filename=\"C:\\\\dir\\\\x.iso\"", "x.iso"),
        ("attachment; filename*=UTF-8''..%2F..%2Fx.iso", "x.iso"),
        // A broken extended value leaves the plain one.
        ("attachment; filename=\"a.iso\"; filename*=UTF-8''%ff.iso", "a.iso"),
        ("attachment; filename=\"a.iso\"; filename*=UTF-8''%e2%8", "a.iso"),
        ("attachment; filename=\"a.iso\"; filename*=\"UTF-8''b.iso\"", "a.iso"),
        ("attachment; filename=\"a.iso\"; filename*=UTF-16''b.iso", "a.iso"),
        ("attachment; filename=\"a.iso\"; filename*=b.iso", "a.iso"),
        ("attachment; filename=\"a.iso\"; filename*=UTF-8''b b.iso", "a.iso"),
        ("attachment; filename=\"a.iso\"; filename*0=\"b\"; filename*1=\".iso\"", "a.iso"),
    ])
    func `the file's name is read`(_ header: String, _ name: String) {
        #expect(ContentDisposition(header).filename == name)
    }

    @Test(arguments: [
        "", " ", ";", "attachment", "attachment;", "attachment; size=5", "filename=\"x.iso\"",
        "attachment filename=x.iso",
        "attachment; filename=\"x.iso", "attachment; filename=\"x.iso\\", "attachment; filename=\"x.iso\" y",
        "attachment; filename=", "attachment; filename=\"\"", "attachment; filename=\"dir/\"", "attachment; =x.iso",
        "attachment; filename=a.iso; filename=b.iso", "attachment; filename=a\"b\".iso", "attachment; filename",
        "attachment; filename=x, attachment; filename=y", "\"attachment\"; filename=x",
    ])
    func `what is against the grammar names nothing`(_ header: String) {
        #expect(ContentDisposition(header).filename == nil)
    }

    @Test func `every name comes back from how it is written`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<3000 {
            let name = generator.name()
            let quoted = name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            let encoded = name.utf8.map { byte in
                let hex = String(byte, radix: 16, uppercase: Bool.random(using: &generator))
                return "%" + (byte < 16 ? "0" : "") + hex
            }.joined()
            let headers = [
                "attachment; filename=\"\(quoted)\"", "attachment; filename*=UTF-8''\(encoded)",
                "x;filename=\"other\" ;filename*=utf-8'de'\(encoded);y=\"\(quoted)\"",
            ]
            for header in headers {
                #expect(ContentDisposition(header).filename == name, "\(header)")
            }
        }
    }

    @Test func `P5 no header makes a name with a folder in it`() {
        var generator = SeededGenerator(seed: 2)
        let pieces = [
            "attachment", ";", " ", "filename", "*", "=", "\"", "\\", "/", "..", "UTF-8''", "%2F", "%5c", "%", "x.iso",
            "'", ",",
            "\t", "é", "%00", "%e2%82%ac", "0", "\u{FFFD}",
        ]
        var named = 0
        for _ in 0..<20_000 {
            var header = "attachment; filename"
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                header += pieces.randomElement(using: &generator) ?? ""
            }
            guard let name = ContentDisposition(header).filename else { continue }
            named += 1
            #expect(!name.isEmpty && !name.unicodeScalars.contains { $0 == "/" || $0 == "\\" }, "\(header)")
        }
        #expect(named > 100)
    }

    @Test func `any bytes are survived`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = ContentDisposition(String(decoding: bytes, as: UTF8.self))
            _ = PercentText.decoded(String(decoding: bytes, as: UTF8.self))
            _ = HTTPDateText.moment(String(decoding: bytes, as: UTF8.self))
        }
    }
}

/// The same numbers at each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

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

    /// Of 1 to 30 characters, without folders.
    mutating func name() -> String {
        let alphabet = Array("abcXYZ019.-_ ;=,'\"%*()äß€漢🙂")
        return String(
            (0..<Int.random(in: 1...30, using: &self)).map { _ in alphabet.randomElement(using: &self) ?? "x" })
    }
}
