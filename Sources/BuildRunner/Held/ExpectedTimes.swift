import Domain
import NIOConcurrencyHelpers
import Storage

/// What builds of each recipe usually take, asked of the database now and then only.
final class ExpectedTimes: Sendable {
    private struct Entry {
        var typical: Duration?
        var readAt: Timestamp
    }

    private static let freshness = Duration.seconds(600)
    private static let newest = 20

    private let entries = NIOLockedValueBox<[RecipeID: Entry]>([:])

    /// `nil`: not known.
    func typical(of recipe: RecipeID, _ shop: Workshop) async -> Duration? {
        let now = shop.clock.now()
        if let entry = entries.withLockedValue({ $0[recipe] }), now - entry.readAt < Self.freshness {
            return entry.typical
        }
        // Without a history looks come as often as elsewhere.
        guard let history = try? await shop.store.durations(of: recipe, limit: Self.newest) else { return nil }
        let typical = ExpectedTime(history: history).typical
        entries.withLockedValue { $0[recipe] = Entry(typical: typical, readAt: now) }
        return typical
    }
}
