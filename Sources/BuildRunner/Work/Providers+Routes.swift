import Domain
import Logging
import NIOConcurrencyHelpers
import Storage

extension Workshop {
    /// The first of the recipe's providers that is connected and not down; `nil` if all are down.
    func bestProvider(for recipe: Recipe) -> String? {
        recipe.build.providers.first { settings in
            providers[settings.name.rawValue] != nil && !circuits.isOpen(CircuitKey(settings))
        }?.name.rawValue
    }
}

/// Sends builds that wait to the first of their recipe's providers that is up, and back when an earlier one is up again.
struct Routes: Sendable {
    private struct State {
        /// Where each recipe's waiting builds were sent last.
        var sent: [RecipeID: String] = [:]
    }

    private let shop: Workshop
    private let state = NIOLockedValueBox(State())

    init(_ shop: Workshop) {
        self.shop = shop
    }

    /// To be called before builds are started. Asks the database only for recipes with several providers, and only while
    /// their builds are, or may be, elsewhere than at the first.
    func settle() async throws {
        for recipe in shop.installedRecipes() where recipe.build.providers.count > 1 {
            let best = shop.bestProvider(for: recipe) ?? recipe.build.provider
            let last = state.withLockedValue { $0.sent[recipe.id] }
            // New builds come in for the first one; what an earlier server sent elsewhere is brought back once.
            if best == recipe.build.provider, last == best { continue }
            let moved = try await shop.store.route(recipe.id, to: best, at: shop.clock.now())
            state.withLockedValue { $0.sent[recipe.id] = best }
            guard moved > 0 else { continue }
            shop.logger.notice(
                "builds that wait go to another provider",
                metadata: ["recipe": "\(recipe.id)", "provider": "\(best)", "builds": "\(moved)"])
        }
    }
}
