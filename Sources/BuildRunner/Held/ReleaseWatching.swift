import Domain
import Logging
import Storage

/// Where a run's result is to appear, and what is known of it.
struct ReleaseWatching {
    let links: ReleaseLinks
    let watch: ReleaseWatch
    let candidates: [String]
    var memory = ReleaseMemory()
    var nextLook: Timestamp

    /// `nil` if the recipe names no link.
    init?(_ order: BuildOrder, _ shop: Workshop, startedAt: Timestamp, expected: Duration?) {
        guard let watch = order.recipe.watch.release, let links = shop.releases else { return nil }
        candidates = ReleaseLinks.candidates(watch, of: order.build)
        guard !candidates.isEmpty else { return nil }
        self.links = links
        self.watch = watch
        let now = shop.clock.now()
        nextLook = now + ReleaseLinks.pause(watch, elapsed: now - startedAt, expected: expected, memory: memory)
    }

    /// The run ended: what it published may be there now.
    mutating func hasten(at now: Timestamp) {
        if memory.wait == nil { nextLook = now }
    }

    /// For people: without a query, which may hold what is not the requester's to see (P7).
    var shownLink: String {
        String(candidates[0].prefix { $0 != "?" && $0 != "#" })
    }
}

extension RunWatch {
    /// When the links are to be looked at; after the run's end not later than the patience with them.
    var nextReleaseLook: Timestamp {
        guard let release else { return .distant }
        guard let endedAt else { return release.nextLook }
        return min(release.nextLook, endedAt + release.watch.patience)
    }

    func lookAtRelease() async throws -> HeldBuild.End? {
        let now = shop.clock.now()
        guard var release, now >= nextReleaseLook else { return nil }
        let isLast = endedAt.map { now >= $0 + release.watch.patience } ?? false
        let look = await release.links.look(release.candidates, &release.memory, rules: order.recipe.artifacts)
        try Task.checkCancellation()
        release.nextLook =
            shop.clock.now()
            + ReleaseLinks.pause(
                release.watch, elapsed: now - (endedAt ?? startedAt), expected: endedAt == nil ? expected : .zero,
                memory: release.memory)
        self.release = release
        switch look {
        case .there:
            return try await finish()
        case .refused(let failure):
            if failure == FailureWords.forbiddenRelease { shop.warnOfForbidden(release.shownLink, of: order) }
            return try await fail(failure)
        case .notYet:
            return isLast ? try await fail(FailureWords.nothingPublished(at: release.shownLink)) : nil
        case .later(_, let reason):
            shop.logger.log(
                level: isLast ? .warning : .debug, "a release could not be looked for",
                metadata: [
                    "build": "\(order.build.id)", "reason": "\(reason)", "link": "\(release.shownLink)",
                ])
            return isLast ? try await fail(FailureWords.silent) : nil
        }
    }
}

extension Workshop {
    /// The requester is told no address; the operator has to know what to allow, or what to mend in the recipe.
    fileprivate func warnOfForbidden(_ link: String, of order: BuildOrder) {
        logger.error(
            "a release link leads to an address that is not public",
            metadata: [
                "build": "\(order.build.id)", "recipe": "\(order.recipe.id)", "link": "\(link)",
                "mend": "list its network in network.allowed, if builds may fetch from there",
            ])
    }
}

extension BuildAdvance {
    /// What is published at the recipe's links. `nil`: it names none, and the provider hands the files out.
    func released(_ order: BuildOrder) async -> ProviderAnswer<[ReleasedFile]>? {
        guard let watch = order.recipe.watch.release, let links = shop.releases else { return nil }
        let candidates = ReleaseLinks.candidates(watch, of: order.build)
        guard !candidates.isEmpty else { return nil }
        var memory = ReleaseMemory()
        switch await links.look(candidates, &memory, rules: order.recipe.artifacts) {
        case .there(let files): return .done(files)
        case .refused(let failure): return .refused(failure)
        case .later(let pause, let reason): return .refusedUntil(after: pause, reason: reason)
        case .notYet: return .refusedUntil(after: watch.interval, reason: "what was published is gone")
        }
    }
}

extension Timestamp {
    /// Later than everything that is waited for.
    static let distant = Timestamp(milliseconds: .max / 4)
}
