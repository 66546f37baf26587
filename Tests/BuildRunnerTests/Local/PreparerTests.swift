import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import Sandbox
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PreparerTests {
    private func kiln(_ script: String) async throws -> Kiln {
        var recipe = Recipe.sample()
        recipe.prepare = PrepareStep(script: "prepare.sh", timeLimit: .seconds(60), tools: [])
        return try await Kiln(
            recipe: recipe,
            scripts: [
                "prepare.sh": "#!/bin/sh\n\(script)\n",
                "build.sh":
                    "#!/bin/sh\ncp \"$KILN_PREPARED/clay\" \"$KILN_OUT/hello.txt\"; touch \"$KILN_PREPARED/x\" || true\n",
                "art/motto": "fired\n",
            ])
    }

    private func prepare(_ kiln: Kiln, force: Bool = false) async throws -> (Preparer.Outcome, [String]) {
        let lines = NIOLockedValueBox<[String]>([])
        let outcome = try await Preparer(folders: kiln.prepared, runs: kiln.runs).prepare(kiln.recipe, force: force) {
            line in lines.withLockedValue { $0.append(line) }
        }
        return (outcome, lines.withLockedValue { $0 })
    }

    @Test
    func `A build sees what was prepared, read-only`() async throws {
        let kiln = try await kiln(
            "echo '==> digging'; umask 077; cat \"$KILN_RECIPE_DIR/art/motto\" > \"$KILN_OUT/clay\"")
        let (outcome, lines) = try await prepare(kiln)
        guard case .made(let path) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(FileManager.default.fileExists(atPath: path + "/clay"))
        #expect(lines == ["==> digging"])
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(try await kiln.content("hello.txt", of: id) == Array("fired\n".utf8))
        #expect(try await kiln.log(id).contains("Read-only file system"))
    }

    @Test
    func `What is there is not made again, unless it is asked for or the script or its folders changed`() async throws {
        let kiln = try await kiln("date +%N > \"$KILN_OUT/clay\"")
        guard case (.made(let path), _) = try await prepare(kiln) else {
            Issue.record("not made")
            return
        }
        #expect(try await prepare(kiln).0 == .alreadyThere(path: path))
        try kiln.write("build.sh", "#!/bin/sh\ntrue\n")
        #expect(try await prepare(kiln).0 == .alreadyThere(path: path))
        let before = try Data(contentsOf: URL(fileURLWithPath: path + "/clay"))
        #expect(try await prepare(kiln, force: true).0 == .made(path: path))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/clay")) != before)
        try kiln.write("art/motto", "glazed\n")
        guard case (.made(let other), _) = try await prepare(kiln) else {
            Issue.record("not made anew")
            return
        }
        #expect(other != path)
        #expect(try await kiln.runs.list().isEmpty)
    }

    @Test
    func `A script that fails leaves nothing, and says what went wrong`() async throws {
        let kiln = try await kiln("touch \"$KILN_OUT/clay\"; echo 'E: Unable to locate package clay'; exit 100")
        await #expect(
            throws: Preparer.Fault.failed(
                end: "the prepare script ended with exit code 100", errorLine: "E: Unable to locate package clay")
        ) { try await prepare(kiln) }
        guard case .missing = try await kiln.prepared.status(of: kiln.recipe) else {
            Issue.record("something is there")
            return
        }
    }

    @Test
    func `A build of a recipe that was not prepared says who can mend it`() async throws {
        let kiln = try await kiln("true")
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .infrastructure)
        #expect(build.failure?.message.contains("kiln prepare") == true)
        let findings = await kiln.local.check([kiln.recipe])
        #expect(findings.contains { !$0.passed && $0.mend == "Run `kiln prepare sample`." })
    }
}
