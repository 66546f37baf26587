import Yams

/// What the YAML parser could not read, in words that help.
struct SyntaxFault {
    private let error: any Error
    private let file: String
    private let text: String

    init(_ error: any Error, file: String, text: String) {
        self.error = error
        self.file = file
        self.text = text
    }

    var diagnostic: Diagnostic {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return Diagnostic(
                place: .file(file, line: mark.line, column: mark.column), problem: "not readable as YAML: \(problem)",
                mend: Self.mend(problem))
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = 1 + before.count { $0.isNewline }
            let column = 1 + before.reversed().prefix { !$0.isNewline }.count
            return Diagnostic(
                place: .file(file, line: line, column: column), problem: "not readable as YAML: \(problem)",
                mend: "remove the control character")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, .duplicatedKeysInMapping, nil:
            return Diagnostic(place: .wholeFile(file), problem: "not readable as YAML")
        }
    }

    private static func mend(_ problem: String) -> String? {
        if problem.contains("cannot start any token") {
            return "indent with spaces, not tabs; put a value that starts with @, `, % or \\ in quotes"
        }
        if problem.contains("mapping values are not allowed") {
            return "put a text that has `: ` in it in quotes, and check the indentation of this line"
        }
        if problem.contains("did not find expected") || problem.contains("could not find expected") {
            return "compare the indentation of this line with the one before; close every quote and bracket"
        }
        if problem.contains("undefined alias") {
            return "put a value that starts with `*` in quotes"
        }
        if problem.contains("another document") {
            return "keep one document in the file: remove the line `---`"
        }
        return nil
    }
}
