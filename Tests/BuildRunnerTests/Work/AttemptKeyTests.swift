import BuildRunner
import Domain
import Testing

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
        ("running", true), ("running:3", true), ("running:0", false), ("running:x", false), ("nowhere", false),
    ])
    func `A fault point is named exactly`(text: String, isOne: Bool) {
        #expect((FaultPoints.killing(at: text) != nil) == isOne)
    }
}
