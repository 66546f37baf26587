import Foundation
import TestSupport
import Testing

@testable import BuildRunner

struct TravisVariableTests {
    static let values = [
        "", "Ada", "Ada Lovelace", "it's", "'; touch /tmp/x; '", "$(id)", "`id`", "${HOME}", "a\"b\"c", "a\\", "\\'",
        "'\\''",
        "one\ntwo\n", "\r\n", "tab\there", "a;b&c|d>e<f", "KEY=other", " leading", "trailing ", "#no comment", "~root",
        "*",
        "!history", "{a,b}", "üñí💥", "\u{1B}[31m", "-n", "100%", "$'\\x41'", "a' B='c", "SECURE x=y",
    ]

    /// P5: bash itself reads the line, as Travis' script does.
    @Test(arguments: values)
    func `A shell takes every value as it is`(_ value: String) async throws {
        let line = try #require(TravisVariable.line("GREETING", value))
        let bash = try await Program.run(
            ["/bin/bash", "-c", "export \(line)\nprintf '<%s>' \"$GREETING\"; printf %s \"${B-}\""],
            environment: ["HOME": "/", "LC_ALL": "C.UTF-8"])
        #expect(bash.code == 0, "\(bash.complaint)")
        #expect(bash.text == "<\(value)>")
    }

    /// P5: before the shell, Travis cuts the line into words by a pattern of its own, which takes no notice of what
    /// bash makes of quotes next to each other.
    @Test(arguments: values)
    func `Travis' own parser takes the whole line as one variable`(_ value: String) throws {
        let line = try #require(TravisVariable.line("GREETING", value))
        #expect(!line.unicodeScalars.contains { $0.value <= 0x20 || $0.value >= 0x7F || $0 == "\"" || $0 == "`" })
        let word = line.dropFirst("GREETING=".count)
        let isQuoted = word.hasPrefix("$'") && word.hasSuffix("'") && !word.dropLast().hasSuffix("\\")
        #expect(isQuoted ? word.count { $0 == "'" } == 2 : !word.contains { "'$\\".contains($0) })
    }

    @Test(arguments: ["", "1A", "A B", "A-B", "A=B", "Ä", "A;id"])
    func `What is no name is no variable`(_ name: String) {
        #expect(TravisVariable.line(name, "x") == nil)
    }

    @Test
    func `A zero byte, which no variable can hold, is left out`() {
        #expect(TravisVariable.line("A", "x\u{0}y") == "A=xy")
    }
}
