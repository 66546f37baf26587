import Domain
import Storage
import TestSupport
import Testing

@Suite struct SigningKeyTests {
    private typealias Fixture = StoreFixture

    private static let recipe = RecipeID(unchecked: "sample")
    private static let other = RecipeID(unchecked: "other")

    private func key(
        _ package: String = "org.example.a", of recipe: RecipeID = recipe, digit: Character = "a", second: Int = 0
    ) -> SigningKey {
        SigningKey(
            recipe: recipe, package: package, algorithm: "RSA 2048", fingerprint: String(repeating: digit, count: 64),
            sealed: [1, 2, digit.asciiValue ?? 0, 0], createdAt: Fixture.start + .seconds(second))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a key is kept as it was handed in, and belongs to one package of one recipe, P4`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        defer { withExtendedLifetime(fixture) {} }
        let store = fixture.store
        #expect(try await store.newestSigningKey() == nil)
        #expect(try await store.addSigningKey(key()) == key())
        #expect(try await store.signingKey(for: "org.example.a", of: Self.recipe) == key())
        #expect(try await store.signingKey(for: "org.example.a", of: Self.other) == nil)
        #expect(try await store.signingKey(for: "org.example.A", of: Self.recipe) == nil)
        let second = key(of: Self.other, digit: "b", second: 5)
        #expect(try await store.addSigningKey(second) == second)
        #expect(try await store.newestSigningKey() == second)
    }

    @Test(arguments: StoreEngine.allCases)
    func `of keys that are made at once for one package, everybody gets the same`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        defer { withExtendedLifetime(fixture) {} }
        let store = fixture.store
        let made = "0123456789abcdef".map { key(digit: $0) }
        let kept = try await withThrowingTaskGroup(of: SigningKey.self) { group in
            for key in made { group.addTask { try await store.addSigningKey(key) } }
            return try await group.reduce(into: Set<SigningKey>()) { $0.insert($1) }
        }
        #expect(kept.count == 1 && kept.isSubset(of: made))
    }

    @Test(arguments: StoreEngine.allCases)
    func `keys are read a page at a time`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        defer { withExtendedLifetime(fixture) {} }
        let store = fixture.store
        let keys = [key("org.b", of: Self.other), key("org.a"), key("org.b"), key("org.c")]
        for key in keys.reversed() { _ = try await store.addSigningKey(key) }
        var read: [SigningKey] = []
        while true {
            let page = try await store.signingKeys(after: read.last.map { ($0.recipe, $0.package) }, limit: 3)
            read += page
            if page.count < 3 { break }
        }
        #expect(read == keys)
    }

    @Test(arguments: StoreEngine.allCases)
    func `a key is replaced only by whoever knows which one it is`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        defer { withExtendedLifetime(fixture) {} }
        let store = fixture.store
        let first = try await store.addSigningKey(key())
        let second = key(digit: "b", second: 9)
        #expect(try await store.replaceSigningKey(first, with: second))
        #expect(try await store.signingKey(for: first.package, of: first.recipe) == second)
        #expect(try await store.replaceSigningKey(first, with: key(digit: "c")) == false)
        #expect(try await store.signingKey(for: first.package, of: first.recipe) == second)
        #expect(try await store.removeSigningKey(first) == false)
        #expect(try await store.removeSigningKey(second))
        #expect(try await store.signingKey(for: first.package, of: first.recipe) == nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `the newest use stays, and a key that was replaced is not used`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        defer { withExtendedLifetime(fixture) {} }
        let store = fixture.store
        let first = try await store.addSigningKey(key())
        try await store.noteUse(of: first, at: Fixture.start + .seconds(20))
        try await store.noteUse(of: first, at: Fixture.start + .seconds(10))
        try await store.noteUse(of: key(digit: "b"), at: Fixture.start + .seconds(90))
        let read = try await store.signingKey(for: first.package, of: first.recipe)
        #expect(read?.lastUsedAt == Fixture.start + .seconds(20))
    }

    @Test(arguments: StoreEngine.allCases)
    func `every accepted build has a number of its own that grows`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let first = try await fixture.accept()
        let group = try await fixture.acceptGroup(of: ["a", "b"])
        let last = try await fixture.accept()
        #expect(([first] + group + [last]).map(\.number) == [1, 2, 3, 4])
        #expect(try await fixture.read(last.id).number == 4)
    }

    @Test func `a key prints nothing that signs, P7`() {
        let text = "\(key()) \(String(reflecting: key()))"
        #expect(!text.contains("sealed") && !text.contains("[1, 2"))
    }
}
