import Domain
import NIOConcurrencyHelpers

/// The recipes' patterns, compiled once for all builds.
final class PatternCache: Sendable {
    private static let capacity = 256

    private let compiled = NIOLockedValueBox<[Watch: LinePatterns]>([:])

    func patterns(of watch: Watch) -> LinePatterns {
        compiled.withLockedValue { compiled in
            if let known = compiled[watch] { return known }
            // Recipes change seldom; what is there then is of earlier versions.
            if compiled.count >= Self.capacity { compiled = [:] }
            let patterns = LinePatterns(watch)
            compiled[watch] = patterns
            return patterns
        }
    }
}
