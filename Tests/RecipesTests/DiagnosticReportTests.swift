import Foundation
import Recipes
import Testing

struct DiagnosticReportTests {
    private static let error = Diagnostic(
        place: .file("recipes/x/recipe.yml", line: 12, column: 5), path: "fields[2].type",
        problem: "does not know `texd`",
        mend: "write `text`")
    private static let warning = Diagnostic(
        place: .variable("KILN_X"), severity: .warning, path: "KILN_X", problem: "is \"odd\"")

    @Test func `findings read like a compiler's`() {
        #expect(
            DiagnosticReport([Self.error, Self.warning]).text == """
                recipes/x/recipe.yml:12:5: error: fields[2].type: does not know `texd`
                  mend: write `text`
                KILN_X: warning: is "odd"
                1 error, 1 warning
                """)
        #expect(DiagnosticReport([], checked: ["x"]).text == "x: no findings")
    }

    @Test func `findings as JSON can be read back`() throws {
        let text = DiagnosticReport([Self.error, Self.warning], checked: ["x"]).json
        let json = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let found = try #require(json["diagnostics"] as? [[String: Any]])
        #expect(json["errors"] as? Int == 1)
        #expect(found[0]["line"] as? Int == 12)
        #expect(found[0]["mend"] as? String == "write `text`")
        #expect(found[1]["variable"] as? String == "KILN_X")
        #expect(found[1]["problem"] as? String == "is \"odd\"")
    }

    @Test func `the exit code says whether it can be used`() {
        #expect(DiagnosticReport([]).exitCode(strict: true) == 0)
        #expect(DiagnosticReport([Self.warning]).exitCode(strict: false) == 0)
        #expect(DiagnosticReport([Self.warning]).exitCode(strict: true) == 1)
        #expect(DiagnosticReport([Self.error]).exitCode(strict: false) == 1)
    }
}
