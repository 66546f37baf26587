import BuildRunner
import Domain
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SubmissionCheckTests {
    private func inputs(_ name: String) -> Inputs {
        Inputs(values: [
            InputValue(field: .sampleEmail, content: .text("ada@example.org")),
            InputValue(field: .sampleName, content: .text(name)),
        ])
    }

    private func kiln() async throws -> Kiln {
        try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
    }

    private func expectNothingLeft(_ kiln: Kiln) throws {
        #expect(try FileManager.default.contentsOfDirectory(atPath: kiln.directory.path("checks")).isEmpty)
    }

    @Test
    func `Faults are told with their field, place and mend, fit to be shown`() async throws {
        let kiln = try await kiln()
        let findings = try await kiln.check().findings(on: inputs("wrong"), for: kiln.recipe)
        #expect(findings.problems.map(\.message) == ["It is wrong", "Not seen: False", "Of the whole"])
        #expect(findings.problems.map(\.field) == [.sampleName, .sampleEmail, nil])
        #expect(findings.problems[0].place == "letters[0]" && findings.problems[0].mend == "Take another")
        try expectNothingLeft(kiln)
    }

    @Test
    func `Nothing is found in what is right, and pictures are named`() async throws {
        let kiln = try await kiln()
        #expect(try await kiln.check().findings(on: inputs("Ada"), for: kiln.recipe).problems.isEmpty)
        let findings = try await kiln.check().findings(on: inputs("picture"), for: kiln.recipe)
        #expect(findings.pictures.map(\.name) == ["x.bin"])
    }

    @Test
    func `So many faults are told as a person can make use of`() async throws {
        let kiln = try await kiln()
        let findings = try await kiln.check().findings(on: inputs("many"), for: kiln.recipe)
        #expect(findings.problems.count == 50 && findings.problemsLeftOut == 30)
    }

    @Test(arguments: ["die", "broken", "silent", "link", "twice"])
    func `A script that does not do its work is no fault of the requester`(name: String) async throws {
        let kiln = try await kiln()
        let fault = await #expect(throws: CheckFault.self) {
            _ = try await kiln.check().findings(on: inputs(name), for: kiln.recipe)
        }
        guard case .failed(let reason)? = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        if name == "die" { #expect(reason.contains("out of luck")) }
        try expectNothingLeft(kiln)
    }

    @Test
    func `A check is ended at its time limit`() async throws {
        let kiln = try await kiln()
        var recipe = kiln.recipe
        recipe.check?.limits.time = .seconds(1)
        let slow = recipe
        await #expect(throws: CheckFault.self) {
            _ = try await kiln.check().findings(on: inputs("sleep"), for: slow)
        }
        try expectNothingLeft(kiln)
    }

    @Test
    func `A check that nobody waits for any more is ended`() async throws {
        let kiln = try await kiln()
        let check = kiln.check()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CheckFault.stopped) {
                    _ = try await check.findings(on: self.inputs("sleep"), for: kiln.recipe)
                }
            }
            let checks = kiln.directory.path("checks")
            try await until { (try? FileManager.default.contentsOfDirectory(atPath: checks).isEmpty) == false }
            group.cancelAll()
            try await group.waitForAll()
        }
        try expectNothingLeft(kiln)
    }

    @Test
    func `Only so many wait for their turn, and not for ever (P6)`() async throws {
        let kiln = try await kiln()
        let check = kiln.check(.init(atOnce: 1, mostWaiting: 1, longestWait: .seconds(20)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await check.findings(on: self.inputs("sleep"), for: kiln.recipe) }
            let checks = kiln.directory.path("checks")
            try await until { (try? FileManager.default.contentsOfDirectory(atPath: checks).isEmpty) == false }
            group.addTask {
                await #expect(throws: CheckFault.busy) {
                    _ = try await check.findings(on: self.inputs("Ada"), for: kiln.recipe, source: "one")
                }
            }
            try await kiln.untilAsleep(for: .seconds(20)...(.seconds(20)))
            await #expect(throws: CheckFault.busy) {
                _ = try await check.findings(on: inputs("Ada"), for: kiln.recipe, source: "another")
            }
            kiln.clock.advance(by: .seconds(20))
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
        // The place was given on.
        #expect(try await check.findings(on: inputs("Ada"), for: kiln.recipe).problems.isEmpty)
    }
}
