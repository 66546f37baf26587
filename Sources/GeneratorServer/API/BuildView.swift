import Domain
import Storage

/// A build with what belongs to it, read for showing.
struct BuildSnapshot: Sendable {
    var build: Build
    /// `nil` if it is gone.
    var recipe: Recipe?
    var queue: QueueView?
    /// Until its end; `nil` when it has ended or nothing is known.
    var etaSeconds: Int?
    /// Oldest first.
    var deliveries: [Delivery]
}

/// Reads builds for showing, and puts their state into words.
struct BuildView: Sendable {
    let dependencies: WebDependencies
    let siteMap: SiteMap
    let workers: Int

    private let memory = BuildFactsMemory()

    init(dependencies: WebDependencies, siteMap: SiteMap, workers: Int) {
        self.dependencies = dependencies
        self.siteMap = siteMap
        self.workers = workers
    }

    /// `nil` if there is no such build.
    func snapshot(of id: BuildID) async throws -> BuildSnapshot? {
        let revision = dependencies.builds.revision
        if let revision, let known = memory.facts(of: id, at: revision) { return snapshot(known) }
        guard let build = try await dependencies.builds.build(id) else { return nil }
        let facts = try await facts(of: build)
        if let revision { memory.remember(facts, at: revision) }
        return snapshot(facts)
    }

    func snapshot(of build: Build) async throws -> BuildSnapshot {
        snapshot(try await facts(of: build))
    }

    private func facts(of build: Build) async throws -> BuildFacts {
        var facts = BuildFacts(build: build)
        if build.state.isTerminal {
            facts.deliveries = try await dependencies.outbox.deliveries(of: build.id)
            return facts
        }
        let history = try await dependencies.builds.durations(of: build.recipe, limit: 20)
        facts.expected = ExpectedTime(history: history)
        if case .queued = build.state { facts.place = try await dependencies.builds.queuePlace(of: build.id) }
        return facts
    }

    /// The facts as they are read now: time goes on while they stay the same.
    private func snapshot(_ facts: BuildFacts) -> BuildSnapshot {
        let build = facts.build
        var snapshot = BuildSnapshot(
            build: build, recipe: dependencies.recipes()[build.recipe], queue: nil, etaSeconds: nil,
            deliveries: facts.deliveries)
        if let place = facts.place {
            let eta = facts.expected?.untilEnd(ahead: place.waitingBefore + place.underWay, workers: workers)
            snapshot.etaSeconds = eta.map(Self.wholeSeconds)
            snapshot.queue = QueueView(position: place.waitingBefore + 1, etaSeconds: snapshot.etaSeconds)
        } else if let startedAt = build.startedAt {
            let eta = facts.expected?.untilEnd(elapsed: dependencies.clock.now() - startedAt)
            snapshot.etaSeconds = eta.map(Self.wholeSeconds)
        }
        return snapshot
    }

    private static func wholeSeconds(_ span: Duration) -> Int {
        Int((span.wholeMilliseconds + 999) / 1000)
    }

    /// The one line that pollers read: `running 40% Packing the initrd`.
    func line(_ snapshot: BuildSnapshot) -> String {
        let build = snapshot.build
        var words = [build.state.name.rawValue]
        if let percent = Self.percent(build.state) { words.append("\(percent)%") }
        switch build.state {
        case .queued:
            if let queue = snapshot.queue { words.append("place \(queue.position)") }
        case .failed(let failure): words.append("(\(failure.kind.rawValue)) \(failure.message)")
        case .triggering, .running, .collecting, .verifying:
            if let label = Self.label(build.state) { words.append(label) }
        case .succeeded, .cancelled, .expired: break
        }
        let line = words.joined(separator: " ")
        return line.utf8.contains { $0 == 0x0A || $0 == 0x0D } ? line.replacing(/[\r\n]+/, with: " ") : line
    }

    static func percent(_ state: BuildState) -> Int? {
        switch state {
        case .running(_, let phase): phase?.percent
        case .succeeded: 100
        case .queued, .triggering, .collecting, .verifying, .failed, .cancelled, .expired: nil
        }
    }

    /// What it is doing, in a few words; `nil` when it does nothing.
    static func label(_ state: BuildState) -> String? {
        switch state {
        case .triggering: "Starting"
        case .running(_, let phase): phase?.label ?? "Building"
        case .collecting: "Collecting the files"
        case .verifying: "Trying it out"
        case .queued, .succeeded, .failed, .cancelled, .expired: nil
        }
    }

    func links(_ snapshot: BuildSnapshot) -> BuildLinks {
        let build = snapshot.build
        let canRepeat =
            build.state.isTerminal && build.filesRemovedAt == nil && snapshot.recipe?.isOffered == true
            && snapshot.recipe?.digest == build.recipeDigest
        return BuildLinks(
            page: siteMap.build(build.id), events: siteMap.events(build.id), log: siteMap.log(build.id),
            cancel: build.state.isTerminal ? nil : siteMap.cancel(build.id),
            rebuild: canRepeat ? siteMap.rebuild(build.id) : nil, now: siteMap.now(build.id),
            json: siteMap.apiBuild(build.id))
    }
}
