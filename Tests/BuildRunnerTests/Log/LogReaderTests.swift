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

    @Test(arguments: [
        "main.c:3:5: error: expected ';' before 'return'", "E: Unable to locate package clay",
        "/bin/sh: 1: mkisofs: not found", "build.sh: line 3: foo: command not found",
        "make: *** [Makefile:2: all] Error 1",
        "npm ERR! code E404", "error[E0382]: borrow of moved value", "cp: cannot stat 'x': No such file or directory",
        "fatal: not a git repository", "Traceback (most recent call last):",
        "dd: error writing 'x': No space left on device",
        "ld: undefined reference to `main'", "[    1.2] Kernel panic - not syncing", "* What went wrong:",
    ])
    func `Errors of common tools are known`(line: String) {
        #expect(read(["ok", line, "error: later"]).firstError == line)
    }

    @Test(arguments: [
        "0 errors, 2 warnings", "Checking error handling", "installing liberror-perl", "-Werror", "no error",
        "errors.o",
    ])
    func `What only talks of errors is none`(line: String) {
        #expect(read([line]).firstError == nil)
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
