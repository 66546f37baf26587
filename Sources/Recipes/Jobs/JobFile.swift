/// A CI's job file that lies beside a recipe, in its folder `ci/`, as far as the values go that it is given.
///
/// It is read as text, by what such files look like: enough to find a name that was misspelt or forgotten, and never a
/// reason to refuse a recipe.
struct JobFile {
    enum Kind: String, CaseIterable {
        case github = "ci/github.yml"
        case gitea = "ci/gitea.yml"
        case gitlab = "ci/gitlab-ci.yml"
        case travis = "ci/travis.yml"
        case jenkins = "ci/Jenkinsfile"
        case buildbot = "ci/master.cfg"

        /// The provider that runs it.
        var provider: String { "\(self)" }

        /// Whether the CI takes only what the file declares.
        var needsDeclarations: Bool {
            switch self {
            case .github, .gitea, .jenkins, .buildbot: true
            case .gitlab, .travis: false
            }
        }
    }

    /// A name in the file, and where it stands first.
    struct Name: Hashable {
        var text: String
        var mark: Mark
    }

    let kind: Kind
    /// What it says it can be given; empty where such files say nothing.
    private(set) var declared: [Name] = []
    /// What it uses.
    private(set) var read: [Name] = []
    /// What it sets itself.
    private var assigned: Set<String> = []
    /// Whether all that is given is handed on (`client_payload` as a whole, a script that is told of in a comment).
    private(set) var readsAll = false

    init(_ kind: Kind, text: String) {
        self.kind = kind
        var inputsIndent: Int?
        var isDispatch = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            if readDirective(line, number) || isComment(line) { continue }
            if line.contains("kiln-report") { Self.note("KILN_URL", number, 1, in: &read) }
            switch kind {
            case .github, .gitea:
                readInputs(line, number, &inputsIndent, &isDispatch)
                // Not the file `inputs.tar.gz`.
                use(line, number, #/inputs\.(?<name>[A-Za-z_][A-Za-z0-9_-]*)(?![A-Za-z0-9_.-])/#)
                use(line, number, #/client_payload\.(?:kiln\.)?(?<name>[A-Za-z_][A-Za-z0-9_-]*)/#)
                if line.contains("toJSON(inputs)") || line.contains("toJSON(github.event.client_payload") {
                    readsAll = true
                }
            case .gitlab, .travis:
                use(line, number, #/\$\{?(?<name>[A-Za-z_][A-Za-z0-9_]*)/#)
                assign(line)
            case .jenkins:
                declare(
                    line, number, #/(?:string|password|text|choice|booleanParam)\s*\(?\s*name:\s*['"](?<name>\w+)['"]/#)
                use(line, number, #/(?:params|env)\.(?<name>[A-Za-z_][A-Za-z0-9_]*)/#)
                use(line, number, #/\$\{?(?<name>[A-Za-z_][A-Za-z0-9_]*)/#)
                assign(line)
            case .buildbot:
                declare(
                    line, number,
                    #/(?:String|Text|Int|Boolean|ChoiceString|File|UserName)Parameter\(\s*(?:name=)?['"](?<name>\w+)['"]/#
                )
                use(line, number, #/Property\(\s*['"](?<name>\w+)['"]/#)
                use(line, number, #/%\(prop:(?<name>\w+)/#)
            }
        }
    }

    /// What it uses and neither sets itself nor gets from its CI.
    var needed: [Name] {
        read.filter { !assigned.contains($0.text) && !Self.isFromElsewhere($0.text) }
    }

    func declares(_ name: String) -> Bool { declared.contains { $0.text == name } }
    func reads(_ name: String) -> Bool { readsAll || read.contains { $0.text == name } }

    // MARK: - Lines

    private func isComment(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " || $0 == "\t" }
        return text.hasPrefix("#") || kind == .jenkins && text.hasPrefix("//")
    }

    /// `# kiln: reads NAME NAME`, for what scripts use that the job calls.
    private mutating func readDirective(_ line: Substring, _ number: Int) -> Bool {
        guard let match = line.firstMatch(of: #/(?:#|\/\/)\s*kiln:\s*reads\s+(?<names>.*)/#) else { return false }
        for name in match.names.split(whereSeparator: { $0 == " " || $0 == "," }) {
            Self.note(String(name), number, 1, in: &read)
        }
        return true
    }

    /// The keys under `workflow_dispatch:` / `inputs:`.
    private mutating func readInputs(
        _ line: Substring, _ number: Int, _ indent: inout Int?, _ isDispatch: inout Bool
    ) {
        let spaces = line.prefix { $0 == " " }.count
        let text = line.dropFirst(spaces)
        if text.isEmpty { return }
        if let level = indent, spaces <= level { indent = nil }
        if text.hasPrefix("workflow_dispatch:") { isDispatch = true }
        if isDispatch, text.hasPrefix("inputs:") {
            indent = spaces
            isDispatch = false
            return
        }
        guard let level = indent, spaces > level, spaces <= level + 2,
            let match = text.prefixMatch(of: #/(?<name>[A-Za-z_][A-Za-z0-9_-]*):/#)
        else { return }
        Self.note(String(match.name), number, spaces + 1, in: &declared)
    }

    private mutating func use(
        _ line: Substring, _ number: Int, _ pattern: Regex<(Substring, name: Substring)>
    ) {
        for match in line.matches(of: pattern) {
            let column = line.unicodeScalars.distance(from: line.startIndex, to: match.name.startIndex) + 1
            Self.note(String(match.name), number, column, in: &read)
        }
    }

    private mutating func declare(
        _ line: Substring, _ number: Int, _ pattern: Regex<(Substring, name: Substring)>
    ) {
        for match in line.matches(of: pattern) {
            let column = line.unicodeScalars.distance(from: line.startIndex, to: match.name.startIndex) + 1
            Self.note(String(match.name), number, column, in: &declared)
        }
    }

    /// `NAME=...`, `NAME: ...` (a variable of the file), `for NAME in`, `read NAME`, `mapfile NAME`.
    private mutating func assign(_ line: Substring) {
        for match in line.matches(of: #/(?:^|[\s;"'(-])(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:\s*=(?!=)|:\s)/#) {
            assigned.insert(String(match.name))
        }
        for match in line.matches(of: #/\b(?:for|read|read -r|mapfile|mapfile -t)\s+(?<name>[A-Za-z_][A-Za-z0-9_]*)/#) {
            assigned.insert(String(match.name))
        }
    }

    private static func note(_ name: String, _ line: Int, _ column: Int, in names: inout [Name]) {
        guard !names.contains(where: { $0.text == name }) else { return }
        names.append(Name(text: name, mark: Mark(line: line, column: column)))
    }

    /// Names that CIs and shells set, and what looks like a secret of the CI's own.
    private static func isFromElsewhere(_ name: String) -> Bool {
        let upper = name.uppercased()
        let usual: Set<String> = [
            "HOME", "PATH", "PWD", "OLDPWD", "USER", "SHELL", "TMPDIR", "HOSTNAME", "RANDOM", "IFS", "LANG", "CI",
            "WORKSPACE", "TERM", "UID", "EUID", "LOGNAME", "DEBIAN_FRONTEND",
        ]
        let prefixes = [
            "CI_", "GITLAB_", "GITHUB_", "GITEA_", "RUNNER_", "FF_", "TRAVIS_", "JENKINS_", "BUILD_", "JOB_", "NODE_",
            "LC_", "XDG_",
        ]
        let secrets = ["TOKEN", "SECRET", "PASSWORD", "_KEY"]
        return usual.contains(upper) || prefixes.contains(where: upper.hasPrefix)
            || secrets.contains(where: upper.contains)
    }
}
