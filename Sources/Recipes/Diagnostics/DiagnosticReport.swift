/// Findings as `kiln check` prints them, for people and for programs.
package struct DiagnosticReport: Sendable {
    package var diagnostics: [Diagnostic]
    /// What was checked and is usable, by name.
    package var checked: [String]

    package init(_ diagnostics: [Diagnostic], checked: [String] = []) {
        self.diagnostics = diagnostics
        self.checked = checked
    }

    package var errors: Int { diagnostics.count { $0.severity == .error } }
    package var warnings: Int { diagnostics.count { $0.severity == .warning } }

    /// 0: can be used. 1: there are errors; with `strict`, warnings count as well.
    package func exitCode(strict: Bool) -> Int32 {
        errors > 0 || (strict && warnings > 0) ? 1 : 0
    }

    /// Every finding, then one line that counts them.
    package var text: String {
        let found = diagnostics.map(\.text)
        let good = checked.isEmpty ? "" : "\(checked.joined(separator: ", ")): "
        let sum =
            diagnostics.isEmpty
            ? "\(good)no findings" : "\(good)\(counted(errors, "error")), \(counted(warnings, "warning"))"
        return (found + [sum]).joined(separator: "\n")
    }

    /// `{"checked": [...], "errors": 1, "warnings": 0, "diagnostics": [...]}`; a finding has `file`, `line` and `column`, or
    /// `variable`, and `severity`, `path`, `problem`, `mend`.
    package var json: String {
        JSONText.object([
            ("checked", .array(checked.map { .string($0) })),
            ("errors", .integer(Int64(errors))),
            ("warnings", .integer(Int64(warnings))),
            ("diagnostics", .array(diagnostics.map(\.json))),
        ]).text
    }

    private func counted(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}

extension Diagnostic {
    var json: JSONText {
        var members: [(String, JSONText)] = []
        switch place {
        case .file(let name, let line, let column):
            members = [("file", .string(name)), ("line", .integer(Int64(line))), ("column", .integer(Int64(column)))]
        case .wholeFile(let name):
            members = [("file", .string(name))]
        case .variable(let name):
            members = [("variable", .string(name))]
        }
        members += [
            ("severity", .string(severity.rawValue)), ("path", .string(path)), ("problem", .string(problem)),
        ]
        if let mend { members.append(("mend", .string(mend))) }
        return .object(members)
    }
}
