import Domain
import Testing

@Suite struct FailureContextTests {
    private func marked(_ errorLine: String?, _ context: String?) -> [Int] {
        Failure(kind: .build, message: "No.", errorLine: errorLine, context: context).contextLines.enumerated()
            .filter(\.element.isError).map(\.offset)
    }

    @Test(
        arguments: [
            ("error: x", "a\n  error: x\nb", [1]), ("x", "see error: x here\nerror: x\nx", [2]),
            ("x", "a\nerror: x\nb x", [1]), ("gone", "a\nb", []),
        ] as [(String, String, [Int])]) func `one line at most is marked: the one that the error is from`(
            error: String, context: String, places: [Int]
        )
    {
        #expect(marked(error, context) == places)
    }

    @Test func `a long error is known by its beginning`() {
        let long = String(repeating: "error ", count: 50)
        #expect(marked(long, "a\n  \(long.prefix(240))\nb") == [1])
    }

    @Test func `a context that shows no more than the error is none`() {
        #expect(Failure(kind: .build, message: "No.", errorLine: "x", context: "x").contextLines.isEmpty)
        #expect(Failure(kind: .build, message: "No.", errorLine: "x").contextLines.isEmpty)
        #expect(Failure(kind: .build, message: "No.", context: "a\nb").contextLines.isEmpty)
    }
}

@Suite struct RunWebAddressTests {
    @Test(arguments: [
        ("https://github.com/o/r/actions/runs/7", true), ("http://ci.lan:8010/#/builders/1", true),
        ("HTTPS://x.example/", true), ("javascript:alert(1)", false), ("data:text/html,x", false),
        ("//x.example", false),
        (" https://x.example", false), ("https://x.example/\nx", false), ("ftp://x.example", false), ("", false),
    ]) func `only an address of the web is one that a browser may follow (P5)`(url: String, isOne: Bool) {
        let run = Run(attempt: Attempt(number: 1, key: "k"), provider: "github", id: "1", url: url)
        #expect(run.webAddress == (isOne ? url : nil))
    }
}
