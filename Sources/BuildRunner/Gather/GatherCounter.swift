import NIOConcurrencyHelpers

/// Counts what is done, and tells of it a few times at most: each telling is a line of the build's timeline.
struct GatherCounter: Sendable {
    /// Every so many parts of the whole.
    private static let tellings = 4

    private let whole: Int
    private let done = NIOLockedValueBox(0)
    private let tell: @Sendable (Int) async throws -> Void

    init(of whole: Int, _ tell: @escaping @Sendable (_ done: Int) async throws -> Void) {
        self.whole = whole
        self.tell = tell
    }

    func begin() async throws {
        try await tell(0)
    }

    /// One more is done.
    func step() async throws {
        let done = done.withLockedValue { done in
            done += 1
            return done
        }
        let isMark = done * Self.tellings / whole != (done - 1) * Self.tellings / whole
        if isMark, done < whole, whole >= 2 * Self.tellings { try await tell(done) }
    }
}
