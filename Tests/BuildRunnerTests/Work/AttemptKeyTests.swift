import Domain
import Testing

@testable import BuildRunner

struct AttemptKeyTests {
    @Test
    func `A key says whose attempt it is`() throws {
        let id = try #require(BuildID("01m7q5cqg07d1k49n0fr2kgtsm"))
        let found = try #require(Attempt.parse("\(id)-12"))
        #expect(found.build == id && found.attempt == Attempt(number: 12, of: id))
    }

    @Test(arguments: [
        "", "x-1", "01m7q5cqg07d1k49n0fr2kgtsm", "01m7q5cqg07d1k49n0fr2kgtsm-", "01m7q5cqg07d1k49n0fr2kgtsm-0",
        "01m7q5cqg07d1k49n0fr2kgtsm-01", "01m7q5cqg07d1k49n0fr2kgtsm--1", "prepare-1",
    ])
    func `Anything else is no key`(text: String) {
        #expect(Attempt.parse(text) == nil)
    }

    @Test(arguments: [
        ("Image b-1 for Ada", true), ("b-1", true), ("[b-1]", true), ("b-12", false), ("ab-1", false), ("b-1-2", false),
        ("kiln-b-1", true), ("b-1-arm", true), ("b_1", false), ("", false),
    ])
    func `A key stands in a name as a word of its own (P3)`(name: String, stands: Bool) {
        #expect(AttemptKey.stands("b-1", in: name) == stands)
    }

    @Test(arguments: [
        ("running", true), ("running:3", true), ("running:0", false), ("running:x", false), ("nowhere", false),
    ])
    func `A fault point is named exactly`(text: String, isOne: Bool) {
        #expect((FaultPoints.killing(at: text) != nil) == isOne)
    }
}
