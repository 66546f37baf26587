import Domain
import Testing

@Suite struct RunReportTests {
    static func report(_ second: Int64, _ label: String? = nil, _ result: RunReport.Result? = nil) -> RunReport {
        RunReport(
            phase: label.map { Phase(label: $0, percent: nil) }, result: result,
            reportedAt: Timestamp(milliseconds: second * 1000))
    }

    @Test func `the newer phase wins, in whatever order reports come`() {
        let (old, new) = (Self.report(1, "old"), Self.report(2, "new"))
        #expect(old.merged(with: new) == new)
        #expect(new.merged(with: old) == new)
    }

    @Test func `of two phases of one moment the last one told wins`() {
        #expect(Self.report(1, "first").merged(with: Self.report(1, "second")).phase?.label == "second")
    }

    @Test func `a result once told stays`() {
        let failed = RunReport.Result.failed(message: "No.", kind: .build)
        let merged = Self.report(1, nil, .succeeded).merged(with: Self.report(2, "x", failed))
        #expect(merged == Self.report(2, "x", .succeeded))
    }

    @Test func `what a report does not tell is kept`() {
        var known = Self.report(1, "Packing", .succeeded)
        (known.runID, known.runURL) = ("7", "https://ci.example/7")
        var merged = known.merged(with: Self.report(2))
        #expect(merged.reportedAt == Timestamp(milliseconds: 2000))
        merged.reportedAt = known.reportedAt
        #expect(merged == known)
    }
}

@Suite struct ArtifactNameTests {
    @Test(arguments: ["a.iso", "Grüße (1) – x.apk", "写真.png", "a-b_c+d=e,f", String(repeating: "x", count: 120)])
    func `a name that can be stored, linked and downloaded`(name: String) {
        #expect(ArtifactName.isUsable(name))
    }

    @Test(arguments: [
        "", ".", "..", ".x", "-x", "a/b", "a\\b", "a\"b", "a\nb", "a\0", "a\u{202E}b", "a\u{2028}", "\u{FFFD}",
        String(repeating: "x", count: 121), String(repeating: "é", count: 61),
    ])
    func `a name that is refused (P5)`(name: String) {
        #expect(!ArtifactName.isUsable(name))
    }
}
