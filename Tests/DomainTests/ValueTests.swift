import Domain
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_795_254_310_042, "2026-11-21T09:45:10.042Z"), (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
    ]) func `is written as RFC 3339`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test func `knows its weekday`() {
        #expect(Timestamp(milliseconds: 0).weekday == 4)
        #expect(Timestamp(milliseconds: 1_795_254_310_042).weekday == 6)
    }

    @Test func `adds and takes away spans`() {
        let moment = Timestamp(milliseconds: 5000)
        #expect(moment + .seconds(2) == Timestamp(milliseconds: 7000))
        #expect(moment - .milliseconds(1) == Timestamp(milliseconds: 4999))
        #expect(moment - Timestamp(milliseconds: 1000) == .seconds(4))
    }
}

@Suite struct IdentifierTests {
    @Test func `ids read back, sort by age and do not repeat`() throws {
        var random = SeededGenerator(state: 1)
        let early = BuildID.make(at: Timestamp(milliseconds: 1000), using: &random)
        let late = BuildID.make(at: Timestamp(milliseconds: 2000), using: &random)
        #expect(early < late)
        #expect(BuildID(early.text) == early)
        let many = (0..<1000).map { _ in BuildID.make(at: Timestamp(milliseconds: 1000), using: &random) }
        #expect(Set(many).count == 1000)
    }

    @Test(arguments: [
        "", "short", "01234567890123456789012345x", "0123456789012345678901234U", "../../../../../../../etc/",
    ])
    func `what is no id is refused (P4)`(text: String) {
        #expect(BuildID(text) == nil)
    }

    @Test(arguments: ["", "-a", "A", "a/b", "a b", "..", "ä"]) func `what is no recipe id is refused`(text: String) {
        #expect(RecipeID(text) == nil)
    }

    @Test(arguments: ["", "_a", "1a", "a-b", "A", "a b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])
    func `what is no field name is refused`(text: String) {
        #expect(FieldName(text) == nil)
    }
}
