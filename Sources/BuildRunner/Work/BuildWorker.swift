import Domain
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import Storage

/// Claims builds that are due and moves each one on, several at once. Any number of workers may share a database.
///
/// It sleeps until the notice board or the time of the next due build wakes it.
package struct BuildWorker: Service {
    private let shop: Workshop
    private let wake = WakeSignal()
    private let underWay = NIOLockedValueBox(0)

    /// Where nothing else says when to look again.
    private static let longestSleep = Duration.seconds(30)
    /// Builds that are due and cannot be claimed (no free place) are looked for no more often than this.
    private static let shortestSleep = Duration.seconds(1)

    package init(_ shop: Workshop) {
        self.shop = shop
    }

    /// Works until its task is cancelled or a graceful shutdown begins; then hands back what it has claimed.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }

    private func work() async {
        let hints = shop.notices.subscribe(to: .work)
        await wake.raised(by: hints) {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    let claimed = await claim()
                    for (build, isFresh) in claimed {
                        underWay.withLockedValue { $0 += 1 }
                        group.addTask {
                            await BuildAdvance(shop: shop, lease: build.lease, isFresh: isFresh).run(build.build)
                            underWay.withLockedValue { $0 -= 1 }
                            wake.raise()
                        }
                    }
                    if claimed.isEmpty { await wake.wait(until: await nextLook(), by: shop.clock) }
                }
                group.cancelAll()
            }
        }
    }

    /// `isFresh`: nothing can have been sent for it yet.
    private func claim() async -> [(build: ClaimedBuild, isFresh: Bool)] {
        let free = shop.settings.concurrency - underWay.withLockedValue { $0 }
        guard free > 0 else { return [] }
        let now = shop.clock.now()
        do {
            // Builds under way first: they hold places that others wait for.
            let due = try await shop.store.claimDue(limit: free, leaseFor: shop.settings.leaseFor, at: now)
            guard due.count < free else { return due.map { ($0, false) } }
            let started = try await shop.store.startDue(
                slots(), limit: free - due.count, leaseFor: shop.settings.leaseFor, at: now)
            return due.map { ($0, false) } + started.map { ($0, true) }
        } catch {
            shop.logger.warning("builds could not be claimed", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func slots() -> StartSlots {
        var perRecipe: [RecipeID: Int] = [:]
        for recipe in shop.installedRecipes() { perRecipe[recipe.id] = recipe.build.atOnce }
        var perProvider = shop.settings.atOnce
        for name in shop.providers.keys where perProvider[name] == nil { perProvider[name] = shop.settings.concurrency }
        return StartSlots(perProvider: perProvider, perRecipe: perRecipe)
    }

    private func nextLook() async -> Timestamp {
        let now = shop.clock.now()
        let latest = now + Self.longestSleep
        do {
            let due = try await shop.store.nextActionAt() ?? latest
            return min(latest, max(due, now + Self.shortestSleep))
        } catch {
            shop.logger.warning("the time of the next build is not known", metadata: ["error": "\(error)"])
            return now + Self.shortestSleep
        }
    }
}
