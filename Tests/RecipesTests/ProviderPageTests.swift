import Foundation
import Recipes
import TestSupport
import Testing

/// The guides under `docs/providers/` and the job files of the recipes that ship: what people copy has to work.
struct ProviderPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Each CI, and as what its job file lies beside a recipe.
    private static let jobs = [
        ("github", "ci/github.yml"), ("gitea", "ci/gitea.yml"), ("gitlab", "ci/gitlab-ci.yml"),
        ("travis", "ci/travis.yml"), ("jenkins", "ci/Jenkinsfile"), ("buildbot", "ci/master.cfg"),
    ]

    /// The fenced blocks of a provider's page, without the indentation that a list gives them.
    static func blocks(of provider: String) throws -> [String] {
        let page = try String(contentsOf: root.appending(path: "docs/providers/\(provider).md"), encoding: .utf8)
        var blocks: [String] = []
        var open: (indent: Int, lines: [Substring])?
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            let indent = line.prefix { $0 == " " }.count
            if let block = open {
                if line.drop(while: { $0 == " " }) == "```" {
                    blocks.append(block.lines.joined(separator: "\n") + "\n")
                    open = nil
                } else {
                    open?.lines.append(line.dropFirst(min(indent, block.indent)))
                }
            } else if line.dropFirst(indent).hasPrefix("```") {
                open = (indent, [])
            }
        }
        return blocks
    }

    /// The page's recipe with the fields that its templates name.
    private static func recipe(of provider: String) throws -> String {
        let build = try #require(try blocks(of: provider).first { $0.hasPrefix("build:") })
        let names = Set(build.matches(of: #/\{\{[#^\/]?(?<name>[a-z_]+)\}\}/#).map { String($0.name) })
        let fields = names.sorted().map { "  - {name: \($0), type: text, label: \($0), required: true}\n" }
        return """
            id: sample
            title: Sample
            summary: What the guide shows.
            fields:
              - {name: email, type: email, label: Your address, required: true, private: true}
            \(fields.joined())artifacts:
              - {match: '*.iso'}
            \(build)
            """
    }

    /// The longest block that is given Kiln's folder.
    private static func job(of provider: String) throws -> String {
        let blocks = try blocks(of: provider).filter { $0.contains("KILN_URL") }
        return try #require(blocks.max { $0.count < $1.count })
    }

    @Test(arguments: jobs) func `a guide's job file and its recipe fit each other`(provider: String, file: String)
        throws
    {
        let fixture = try RecipeFixture()
        let folder = try fixture.write(try Self.recipe(of: provider))
        #expect(fixture.load().diagnostics.map(\.short) == [])
        try FileManager.default.createDirectory(atPath: "\(folder)/ci", withIntermediateDirectories: true)
        try Self.job(of: provider).write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
        #expect(fixture.load().diagnostics.map(\.short) == [])
        // With a parameter more there is a finding: the file is read, and for this CI.
        let more = try Self.recipe(of: provider).replacing(
            "parameters:\n", with: "parameters:\n    - {name: UNREAD, value: none}\n")
        try fixture.write(more)
        #expect(fixture.load().diagnostics.map(\.short).contains { $0.contains("\(file) ") && $0.contains("`UNREAD`") })
    }

    @Test func `the guide to a service of one's own has a recipe that can be used`() throws {
        let fixture = try RecipeFixture()
        try fixture.write(try Self.recipe(of: "webhook"))
        #expect(fixture.load().diagnostics.map(\.short) == [])
    }

    @Test func `what shells run in job files has no finding of shellcheck's, and values are quoted in it (P5)`() throws
    {
        let checker = try ShellChecker()
        guard checker.isThere else { return }
        var files: [(name: String, text: String)] = []
        for (provider, _) in Self.jobs { files.append(("docs/providers/\(provider).md", try Self.job(of: provider))) }
        let recipes = Self.root.appending(path: "recipes").path
        for case let path as String in try #require(FileManager.default.enumerator(atPath: recipes))
        where path.contains("/ci/") && !path.hasSuffix(".md") {
            files.append(("recipes/\(path)", try String(contentsOfFile: "\(recipes)/\(path)", encoding: .utf8)))
        }
        let found = try checker.faults(in: files.map(\.text))
        #expect(found.count == files.count)
        for (file, found) in zip(files, found) {
            #expect(found.pieces > 0, "\(file.name): no shell was found")
            #expect(found.faults == [], "\(file.name)")
        }
    }
}

/// Finds the shell in a job file (with Python's YAML reader) and has `shellcheck` look at it, where both are installed.
private struct ShellChecker {
    struct Found: Decodable {
        var pieces: Int
        var faults: [String]
    }

    let isThere: Bool

    init() throws {
        isThere =
            try Self.run(
                "import shutil, sys, yaml; sys.exit(0 if shutil.which('shellcheck') else 1)", input: ""
            ).code == 0
    }

    func faults(in texts: [String]) throws -> [Found] {
        let program = #"""
            import json, re, subprocess, sys, yaml

            # Names in small letters are the recipe's; `done` is a word of kiln-report's too.
            EXCEPT = "SC2154,SC1010"
            KEYS = ("run", "script", "before_script", "after_script", "after_failure", "after_success", "after_deploy")

            def pieces(node):
                if isinstance(node, list):
                    for one in node: yield from pieces(one)
                elif isinstance(node, dict):
                    for key, value in node.items():
                        if key in KEYS and isinstance(value, str): yield value
                        elif key in KEYS and isinstance(value, list) and all(isinstance(one, str) for one in value):
                            yield "\n".join(value)
                        else: yield from pieces(value)

            def shells(text):
                quoted = re.findall(r"'''\n(.*?)'''", text, re.DOTALL)
                return [(piece, "sh") for piece in quoted] or [(piece, "bash") for piece in pieces(yaml.safe_load(text))]

            answer = []
            for text in json.load(sys.stdin):
                found = shells(text)
                faults = []
                for piece, shell in found:
                    if "${{" in piece: faults.append("an expression is pasted into a script: " + piece)
                    check = subprocess.run(
                        ["shellcheck", "--shell", shell, "--exclude", EXCEPT, "--format", "gcc", "-"],
                        input=piece, text=True, capture_output=True)
                    if check.returncode: faults.append(check.stdout + check.stderr)
                answer.append({"pieces": len(found), "faults": faults})
            json.dump(answer, sys.stdout)
            """#
        let input = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        return try JSONDecoder().decode([Found].self, from: Self.run(program, input: input).output)
    }

    private static func run(_ program: String, input: String) throws -> (code: Int32, output: Data) {
        let end = try Program.runHere(["python3", "-c", program], input: Data(input.utf8))
        return (end.code, end.output)
    }
}
