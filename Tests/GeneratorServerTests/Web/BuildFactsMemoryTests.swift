import Domain
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct BuildFactsMemoryTests {
    private let memory = BuildFactsMemory()

    private func facts(_ id: String, text: String = "Ada") -> BuildFacts {
        BuildFacts(
            build: Build(
                id: BuildID(unchecked: id), recipe: .sample, recipeDigest: "d", provider: "local",
                state: .queued(attemptsUsed: 0),
                inputs: Inputs(values: [InputValue(field: .sampleName, content: .text(text))]), address: nil,
                priority: 0, createdAt: Timestamp(milliseconds: 0)))
    }

    private func knows(_ id: String, at revision: Int64) -> Bool {
        memory.facts(of: BuildID(unchecked: id), at: revision) != nil
    }

    @Test func `facts hold for one revision and are each build's own, P4`() {
        memory.remember(facts("a"), at: 7)
        #expect(knows("a", at: 7))
        #expect(!knows("b", at: 7))
        #expect(!knows("a", at: 8))
        memory.remember(facts("b"), at: 8)
        #expect(knows("b", at: 8) && !knows("a", at: 8) && !knows("a", at: 7))
    }

    @Test func `what was read before a commit is not taken for what came after it`() {
        memory.remember(facts("a"), at: 8)
        memory.remember(facts("b"), at: 7)
        #expect(knows("a", at: 8))
        #expect(!knows("b", at: 8) && !knows("b", at: 7))
    }

    @Test func `only so many builds and so much text are held, P6`() {
        memory.remember(facts("long", text: String(repeating: "x", count: 20_000)), at: 1)
        #expect(!knows("long", at: 1))
        for number in 0..<1000 { memory.remember(facts("\(number)"), at: 1) }
        #expect(knows("0", at: 1))
        #expect(!knows("999", at: 1))
    }
}
