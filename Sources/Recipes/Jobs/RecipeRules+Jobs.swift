import Foundation

/// Whether what a remote job is given and what its job file reads are the same.
extension RecipeRules {
    /// Larger job files are not read.
    private static let mostBytes = 1 << 20

    mutating func checkJobFiles() {
        guard let build = root["build"] else { return }
        let parameters = (build["parameters"]?.items ?? []).enumerated().compactMap { index, node in
            node["name"].flatMap { name in
                name.string.map { (name: $0, mark: name.mark, path: "build.parameters[\(index)].name") }
            }
        }
        for kind in JobFile.Kind.allCases where build[kind.provider] != nil {
            let bytes = folder.head(of: kind.rawValue, count: Self.mostBytes)
            guard !bytes.isEmpty else { continue }
            let job = JobFile(kind, text: String(decoding: bytes, as: UTF8.self))
            // A repository_dispatch has no declarations.
            let isDeclaring = kind.needsDeclarations && (kind != .github || build["github"]?["event"] == nil)
            for parameter in parameters {
                if isDeclaring, !job.declares(parameter.name) {
                    checker.report(
                        parameter.mark, parameter.path,
                        "\(kind.rawValue) does not declare `\(parameter.name)`: \(kind.withoutDeclaration)",
                        mend: "declare it there, or remove it here", severity: .warning)
                } else if !job.reads(parameter.name) {
                    checker.report(
                        parameter.mark, parameter.path, "\(kind.rawValue) never reads `\(parameter.name)`",
                        mend:
                            "use it there (or add `# kiln: reads \(parameter.name)` if a script does), or remove it here",
                        severity: .warning)
                }
            }
            checkStandardNames(job, isDeclaring: isDeclaring)
            let given = Set(parameters.map(\.name) + ["KILN_ATTEMPT", "KILN_URL"])
            checkNeeds(job, given: given)
        }
    }

    private mutating func checkStandardNames(_ job: JobFile, isDeclaring: Bool) {
        let names = isDeclaring ? ["KILN_ATTEMPT", "KILN_URL"] : ["KILN_URL"]
        for name in names where isDeclaring ? !job.declares(name) : !job.reads(name) {
            let why = name == "KILN_ATTEMPT" ? "a build is found again by it" : "its inputs are fetched with it"
            reportInJob(
                job, Mark(line: 1, column: 1), "does not \(isDeclaring ? "declare" : "read") `\(name)`: \(why)",
                mend: "add it (docs/providers/\(job.kind.provider).md shows how)")
        }
    }

    private mutating func checkNeeds(_ job: JobFile, given: Set<String>) {
        var missing = job.needed
        missing += job.declared.filter { name in !missing.contains { $0.text == name.text } }
        for name in missing where !given.contains(name.text) {
            let near = Suggestion.nearest(to: name.text, in: given.sorted()).map { "; did you mean `\($0)`?" } ?? ""
            reportInJob(
                job, name.mark, "reads `\(name.text)`, which the recipe never gives\(near)",
                mend: "add it to `build.parameters`, or remove it")
        }
    }

    private mutating func reportInJob(_ job: JobFile, _ mark: Mark, _ problem: String, mend: String) {
        checker.add(
            Diagnostic(
                place: .file("\(folder.path)/\(job.kind.rawValue)", line: mark.line, column: mark.column),
                severity: .warning, problem: problem, mend: mend))
    }
}

extension JobFile.Kind {
    /// What its CI does with a value that no job declares.
    var withoutDeclaration: String {
        switch self {
        case .github, .gitea: "the dispatch is refused"
        case .jenkins, .buildbot: "the value is dropped"
        case .gitlab, .travis: "nothing"
        }
    }
}
