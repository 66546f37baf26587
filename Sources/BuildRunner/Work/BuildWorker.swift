import Domain
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import Storage

/// Claims builds that are due and moves each one on, several at once; holds those that wait for something outside, thousands
/// of them. Any number of workers may share a database.
///
/// It sleeps until the notice board or the time of the next due build wakes it.
///
/// A class, so that the task of each of its builds keeps a reference and no copy of the whole workshop.
package final class BuildWorker: Service {
    private let shop: Workshop
    private let wake = WakeSignal()
    /// Builds that are worked on; those that are held take no place.
    private let places: Places
    private let held: HeldBuilds
    private let routes: Routes

    /// Where nothing else says when to look again.
    private static let longestSleep = Duration.seconds(30)
    /// Builds that are due and cannot be claimed (no free place) are looked for no more often than this.
    private static let shortestSleep = Duration.seconds(1)
    /// How often it is seen whether a provider that is down is to be asked again.
    private static let probeInterval = Duration.seconds(5)

    package init(_ shop: Workshop) {
        self.shop = shop
        places = Places(shop.settings.concurrency)
        held = HeldBuilds(limit: shop.settings.held)
        routes = Routes(shop)
    }

    /// Works until its task is cancelled or a graceful shutdown begins; then hands back what it has claimed.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        let hints = shop.notices.subscribe(to: .work)
        await wake.raised(by: hints) {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.keepHeld() }
                group.addTask { await self.probe() }
                while !Task.isCancelled {
                    let claimed = await claim()
                    for (claimed, isFresh) in claimed {
                        places.take()
                        let (id, lease) = (claimed.build.id, claimed.lease)
                        let first = HeldBuild.End.goOn(claimed.build, isUnsent: isFresh)
                        group.addTask {
                            await self.lookAfter(id, lease, first)
                            self.wake.raise()
                        }
                    }
                    if claimed.isEmpty { await wake.wait(until: await nextLook(), by: shop.clock) }
                }
                group.cancelAll()
            }
        }
        await handBack()
    }

    // MARK: - One build

    /// Works on a build while it has a place, and holds it without one while it waits.
    private func lookAfter(_ id: BuildID, _ lease: LeaseToken, _ first: HeldBuild.End) async {
        var end = first
        while true {
            guard let (advance, hold) = await workApart(lease, as: end) else { return }
            // Who waits for a place may have it.
            wake.raise()
            let signal = WakeSignal()
            guard held.take(id, lease, wake: signal) else {
                return await release([(id, lease, shop.clock.now() + Self.longestSleep)])
            }
            end = await HeldBuild(advance: advance, registry: held, wake: signal).run(hold)
            switch end {
            case .stopped:
                // Handed back with all others.
                return
            case .over:
                return held.drop(id, lease)
            case .rest(let until):
                await release([(id, lease, until)])
                return held.drop(id, lease)
            case .goOn:
                guard places.takeIfFree() else {
                    await release([(id, lease, shop.clock.now())])
                    return held.drop(id, lease)
                }
                held.drop(id, lease)
            }
        }
    }

    /// In a task of its own, so that what the work needed of memory is given back while the build is held.
    private func workApart(_ lease: LeaseToken, as told: HeldBuild.End) async -> (BuildAdvance, BuildAdvance.Hold)? {
        async let worked = work(lease, as: told)
        return await worked
    }

    /// Works on a build in the place that was taken for it, and frees the place.
    /// - Returns: what it waits for; `nil`: the claim was let go.
    private func work(_ lease: LeaseToken, as told: HeldBuild.End) async -> (BuildAdvance, BuildAdvance.Hold)? {
        defer { places.free() }
        guard case .goOn(let build, let isUnsent) = told else { return nil }
        let advance = BuildAdvance(shop: shop, lease: lease, isFresh: isUnsent)
        return await advance.run(build).map { (advance, $0) }
    }

    // MARK: - Claims

    /// `isFresh`: nothing can have been sent for it yet.
    private func claim() async -> [(build: ClaimedBuild, isFresh: Bool)] {
        let free = places.left
        guard free > 0 else { return [] }
        let now = shop.clock.now()
        do {
            // Builds under way first: they hold places that others wait for.
            let due = try await shop.store.claimDue(limit: free, leaseFor: shop.settings.leaseFor, at: now)
            guard due.count < free else { return due.map { ($0, false) } }
            try await routes.settle()
            let started = try await shop.store.startDue(
                slots(at: now), limit: free - due.count, leaseFor: shop.settings.leaseFor, at: now)
            return due.map { ($0, false) } + started.map { ($0, true) }
        } catch {
            shop.logger.warning("builds could not be claimed", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func slots(at now: Timestamp) -> StartSlots {
        let settings = shop.settings
        var slots = StartSlots(
            perProvider: [:], perRecipe: [:], gathering: settings.gathering,
            gatheringPerSource: settings.gatheringPerSource)
        for name in shop.providers.keys {
            slots.perProvider[name] = settings.atOnce[name] ?? settings.remoteAtOnce
            slots.triggersPerMinute[name] =
                settings.triggersPerMinute[name] ?? (name == "local" ? nil : settings.remoteTriggersPerMinute)
        }
        for recipe in shop.installedRecipes() {
            slots.perRecipe[recipe.id] = recipe.build.atOnce
            slots.recipeTriggersPerMinute[recipe.id] = recipe.build.triggersPerMinute
            // Where all of a recipe's providers are down, its builds wait in the queue until one is asked again.
            let name = shop.bestProvider(for: recipe) ?? recipe.build.provider
            if shop.circuits.pause(CircuitKey(provider: name, of: recipe), at: now) != nil {
                slots.perRecipe[recipe.id] = 0
            }
            if recipe.sign != nil, shop.signer?.isHeldUp(at: now) == true { slots.perRecipe[recipe.id] = 0 }
        }
        return slots
    }

    private func nextLook() async -> Timestamp {
        let now = shop.clock.now()
        let latest = now + Self.longestSleep
        do {
            let due = try await shop.store.nextActionAt(for: slots(at: now), at: now) ?? latest
            return min(latest, max(due, now + Self.shortestSleep))
        } catch {
            shop.logger.warning("the time of the next build is not known", metadata: ["error": "\(error)"])
            return now + Self.shortestSleep
        }
    }

    /// Prolongs the claims of all held builds together.
    private func keepHeld() async {
        let span = shop.settings.leaseFor
        while !Task.isCancelled {
            // Cancellation is the only thing that it throws, and the loop's condition sees it.
            try? await shop.clock.sleep(until: shop.clock.now() + span / 3)
            let claims = held.claims
            guard !Task.isCancelled, !claims.isEmpty else { continue }
            let now = shop.clock.now()
            do {
                held.lose(try await shop.store.keep(claims, until: now + span, at: now))
            } catch {
                shop.logger.warning("claims could not be prolonged", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Asks providers that are down whether they are up again, so that builds come back to them.
    private func probe() async {
        while !Task.isCancelled {
            try? await shop.clock.sleep(until: shop.clock.now() + Self.probeInterval)
            for (key, probe) in shop.circuits.dueProbes(at: shop.clock.now()) {
                guard !Task.isCancelled, let provider = shop.providers[key.provider] else { break }
                let answer = await provider.find(probe.attempt, for: probe.order)
                guard !Task.isCancelled else { break }
                if shop.circuits.note(answer, by: key, probe: probe, at: shop.clock.now()) { shop.notices.post(.work) }
            }
        }
    }

    /// A worker that is stopped gives back at once what it holds.
    private func handBack() async {
        let now = shop.clock.now()
        await release(held.claims.map { ($0.build, $0.lease, now) })
    }

    private func release(_ claims: [(build: BuildID, lease: LeaseToken, nextActionAt: Timestamp)]) async {
        guard !claims.isEmpty else { return }
        do {
            try await shop.store.release(claims, at: shop.clock.now())
        } catch {
            shop.logger.warning(
                "claims run out by themselves", metadata: ["builds": "\(claims.count)", "error": "\(error)"])
        }
    }
}

/// How many builds a worker may work on at once.
private final class Places: Sendable {
    private let count: NIOLockedValueBox<Int>

    init(_ count: Int) {
        self.count = NIOLockedValueBox(count)
    }

    var left: Int { count.withLockedValue { $0 } }

    func take() {
        count.withLockedValue { $0 -= 1 }
    }

    func takeIfFree() -> Bool {
        count.withLockedValue { count in
            guard count > 0 else { return false }
            count -= 1
            return true
        }
    }

    func free() {
        count.withLockedValue { $0 += 1 }
    }
}
