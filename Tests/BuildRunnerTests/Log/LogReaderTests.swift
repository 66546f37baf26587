import Domain
import Testing

@testable import BuildRunner

struct LogReaderTests {
    private func read(_ lines: [String], errors: [String] = []) -> LogReader {
        let watch = Watch(
            phases: [
                PhasePattern(match: "^==> (\\d+) pack", label: "Packing", percent: 80),
                PhasePattern(match: "^==> ", label: "Working", percent: nil),
                PhasePattern(match: "[", label: "no expression", percent: nil),
            ], errors: errors)
        var reader = LogReader(LinePatterns(watch))
        for line in lines { reader.read(line) }
        return reader
    }

    @Test
    func `The newest line that a pattern matches says the phase, the first pattern wins`() {
        #expect(read(["hello"]).phase == nil)
        #expect(read(["==> 10 dig", "==> 80 pack", "noise"]).phase == Phase(label: "Packing", percent: 80))
        #expect(read(["==> 80 pack", "==> 90 mail"]).phase == Phase(label: "Working", percent: nil))
    }

    @Test
    func `The recipe's own patterns come before the general ones`() {
        let lines = ["sh: 1: gcc: not found", "oops: no clay", "oops: no kiln"]
        #expect(read(lines, errors: ["^oops: (.*)"]).firstError == "no clay")
        #expect(read(lines, errors: ["^never"]).firstError == "sh: 1: gcc: not found")
        #expect(read(["  oops: x  "], errors: ["oops: x"]).firstError == "oops: x")
    }

    @Test
    func `An exception's own words count more than the headline before them`() {
        #expect(
            read([
                "Traceback (most recent call last):", "  File \"a.py\", line 1, in <module>", "    import clay",
                "ModuleNotFoundError: No module named 'clay'",
            ]).firstError == "ModuleNotFoundError: No module named 'clay'")
        #expect(
            read([
                "FAILURE: Build failed with an exception.", "", "* What went wrong:",
                "Execution failed for task ':app:packageRelease'.", "> Keystore file not found",
            ]).firstError == "Execution failed for task ':app:packageRelease'.")
        #expect(read(["Traceback (most recent call last):"]).firstError == "Traceback (most recent call last):")
        #expect(
            read(["##[error]Process completed with exit code 2.", "x.c:1:1: error: no clay"]).firstError
                == "x.c:1:1: error: no clay")
    }

    @Test
    func `The lines around the first error are kept, five before and ten after`() throws {
        let lines =
            (1...8).map { "before \($0)" } + ["", "a.c:1:1: error: no clay", ""] + (1...30).map { "after \($0)" }
        let context = try #require(read(lines).context)
        #expect(
            context.split(separator: "\n").map(String.init)
                == (4...8).map { "before \($0)" } + ["a.c:1:1: error: no clay"] + (1...10).map { "after \($0)" })
        #expect(read(["fine"]).context == nil)
        let long = String(repeating: "x", count: 5000)
        #expect((read([long, long, "error: " + long] + Array(repeating: long, count: 20)).context ?? "").count <= 4000)
    }

    @Test
    func `An error line is bounded`() {
        #expect(read(["error: " + String(repeating: "x", count: 4000)]).firstError?.count == 300)
    }
}

struct FilePatternTests {
    @Test(arguments: [
        ("*.iso", "a.iso", true), ("*.iso", ".iso", true), ("*.iso", "a.iso.txt", false), ("?.txt", "é.txt", true),
        ("?.txt", ".txt", false), ("a*b*c", "aXbYc", true), ("a*b*c", "aXbY", false), ("*", "", true), ("", "a", false),
        ("[a].txt", "a.txt", false), ("[a].txt", "[a].txt", true),
        ("*a*a*a*a*b", String(repeating: "a", count: 2000), false),
    ])
    func `Stars and question marks match, everything else is itself`(pattern: String, name: String, fits: Bool) {
        #expect(FilePattern(pattern).matches(name) == fits)
    }
}
