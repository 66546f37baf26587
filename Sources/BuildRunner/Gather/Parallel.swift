/// Does the same with many things, a few at a time.
enum Parallel {
    /// The results in the order of `items`. The first error ends the others and is thrown.
    static func map<Item: Sendable, Value: Sendable>(
        _ items: [Item], atOnce: Int, _ work: @escaping @Sendable (Item) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var values: [Value?] = Array(repeating: nil, count: items.count)
            var next = 0
            func begin() {
                guard next < items.count else { return }
                let (place, item) = (next, items[next])
                next += 1
                group.addTask { (place, try await work(item)) }
            }
            for _ in 0..<max(1, atOnce) { begin() }
            while let (place, value) = try await group.next() {
                values[place] = value
                begin()
            }
            return values.compactMap(\.self)
        }
    }
}
