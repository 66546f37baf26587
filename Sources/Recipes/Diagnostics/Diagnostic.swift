/// One thing that is wrong, or doubtful, in a recipe or in the configuration: where, what, and how to mend it.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable, CaseIterable {
        /// What is written cannot be used.
        case error
        /// It can be used, but is hardly what was meant.
        case warning
    }

    package enum Place: Hashable, Sendable {
        /// Line and column count from 1; a column is a Unicode scalar.
        case file(String, line: Int, column: Int)
        /// A file or folder as a whole.
        case wholeFile(String)
        /// An environment variable.
        case variable(String)
    }

    package var place: Place
    package var severity: Severity
    /// The way to the value inside the document: `fields[2].accept[0]`; empty for the document as a whole.
    package var path: String
    /// One sentence without its full stop; holds no secret.
    package var problem: String
    /// What to do about it, where that is not plain from the problem.
    package var mend: String?

    package init(place: Place, severity: Severity = .error, path: String = "", problem: String, mend: String? = nil) {
        self.place = place
        self.severity = severity
        self.path = path
        self.problem = problem
        self.mend = mend
    }

    /// The finding as compilers write it, with a second line for the mend:
    /// `recipes/x/recipe.yml:12:5: error: fields[2].type: ...`.
    package var text: String {
        let way = path.isEmpty || place == .variable(path) ? "" : "\(path): "
        let first = "\(place): \(severity.rawValue): \(way)\(problem)"
        return mend.map { "\(first)\n  mend: \($0)" } ?? first
    }
}

extension Diagnostic.Place: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let name, let line, let column): "\(name):\(line):\(column)"
        case .wholeFile(let name): name
        case .variable(let name): name
        }
    }
}

extension Diagnostic: Comparable {
    /// By file, then by line and column.
    package static func < (one: Diagnostic, other: Diagnostic) -> Bool {
        one.order < other.order
    }

    private var order: (String, Int, Int, String) {
        switch place {
        case .file(let name, let line, let column): (name, line, column, path)
        case .wholeFile(let name), .variable(let name): (name, 0, 0, path)
        }
    }
}
