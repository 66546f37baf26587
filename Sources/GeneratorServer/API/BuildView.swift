import Domain
import Storage

/// A build with what belongs to it, read for showing.
struct BuildSnapshot: Sendable {
    var build: Build
    /// All builds of its submission, itself first; only of a group's lead, whose page tells of all. Else empty.
    var group: [Build] = []
    /// Those whose run waits at its provider and has not begun.
    var waitingAtProvider: Set<BuildID> = []
    /// Those whose turn has come and which their provider has not started since.
    var heldUpAtProvider: Set<BuildID> = []
    /// What is fetched just now for those that are about to be started, in words.
    var fetching: [BuildID: String] = [:]
    /// `nil` if it is gone.
    var recipe: Recipe?
    var queue: QueueView?
    /// Until its end; `nil` when it has ended or nothing is known.
    var etaSeconds: Int?
    /// Oldest first.
    var deliveries: [Delivery]

    /// The builds that are told of.
    var told: [Build] { group.isEmpty ? [build] : group }
    /// Whether nothing more happens to any of them.
    var hasEnded: Bool { told.allSatisfy(\.state.isTerminal) }
    /// When the last of them ended.
    var finishedAt: Timestamp? { hasEnded ? told.compactMap(\.finishedAt).max() : nil }
    /// Until when somebody has to confirm them; `nil` if nobody has to.
    var confirmBy: Timestamp? { told.first(where: \.isWaitingForConfirmation)?.confirmBy }
    /// Grows with every step of any of them.
    var sequence: Int64 { told.reduce(0) { $0 + $1.sequence } }
    /// `nil` unless it leads a group.
    var summary: GroupSummary? { group.isEmpty ? nil : GroupSummary(group) }
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
        if let revision, let known = memory.facts(of: id, at: revision) { return try await snapshot(known) }
        guard let build = try await dependencies.builds.build(id) else { return nil }
        let facts = try await facts(of: build)
        if let revision { memory.remember(facts, at: revision) }
        return try await snapshot(facts)
    }

    func snapshot(of build: Build) async throws -> BuildSnapshot {
        try await snapshot(try await facts(of: build))
    }

    private func facts(of build: Build) async throws -> BuildFacts {
        var facts = BuildFacts(build: build)
        if build.group == build.id { facts.group = try await dependencies.builds.group(of: build.id) }
        // Of one moment: what the group says of the lead is what is told of it.
        if let lead = facts.group.first { facts.build = lead }
        let told = facts.group.isEmpty ? [facts.build] : facts.group
        if told.allSatisfy(\.state.isTerminal) {
            // The one mail of a group is its lead's.
            facts.deliveries = try await dependencies.outbox.deliveries(of: build.group ?? build.id)
            return facts
        }
        if told.contains(where: \.isWaitingForConfirmation) {
            facts.deliveries = try await dependencies.outbox.deliveries(of: build.group ?? build.id)
        }
        let history = try await dependencies.builds.durations(of: build.recipe, limit: 20)
        facts.expected = ExpectedTime(history: history)
        if dependencies.recipes()[build.recipe]?.fetch != nil {
            for build in told where build.state.name == .triggering {
                facts.fetching[build.id] = try await fetching(build)
            }
        }
        for build in told where build.state.name == .queued {
            facts.places[build.id] = try await dependencies.builds.queuePlace(of: build.id)
        }
        return facts
    }

    /// What the newest entry says, if it is about fetching.
    private func fetching(_ build: Build) async throws -> String? {
        let newest = try await dependencies.builds.timeline(of: build.id, after: build.sequence - 1).last
        return newest?.event == TimelineEntry.Fact.fetching.rawValue ? newest?.note : nil
    }

    /// The facts as they are read now: time goes on while they stay the same.
    private func snapshot(_ facts: BuildFacts) async throws -> BuildSnapshot {
        let build = facts.build
        var snapshot = BuildSnapshot(
            build: build, group: facts.group, recipe: dependencies.recipes()[build.recipe], queue: nil,
            etaSeconds: nil, deliveries: facts.deliveries)
        snapshot.fetching = facts.fetching
        // All are ready when the slowest is.
        snapshot.etaSeconds = snapshot.told.compactMap { eta(of: $0, facts) }.max().map(Self.wholeSeconds)
        if let place = facts.places[build.id] {
            snapshot.queue = QueueView(
                position: place.waitingBefore + 1,
                etaSeconds: eta(of: build, facts).map(Self.wholeSeconds))
        }
        let now = dependencies.clock.now()
        for build in snapshot.told
        where build.state.name == .triggering && !build.isToGather && !Self.isLocal(build.provider) {
            let isHeldUp = build.startedAt.map { now - $0 >= Self.longestStart } ?? false
            if isHeldUp { snapshot.heldUpAtProvider.insert(build.id) }
        }
        for build in snapshot.told {
            guard case .running(let run, nil) = build.state, !Self.isLocal(run.provider)
            else { continue }
            // It has said nothing at all: neither what it does nor a line of its log.
            if try await isSilent(run, of: build.id) { snapshot.waitingAtProvider.insert(build.id) }
        }
        return snapshot
    }

    private func isSilent(_ run: Run, of build: BuildID) async throws -> Bool {
        for stage in [LogPart.Stage.report, .run] {
            let part = LogPart(build: build, attempt: run.attempt.number, stage: stage)
            if try await dependencies.logs.size(of: part) > 0 { return false }
        }
        return true
    }

    /// A provider that is well has answered by then.
    private static let longestStart = Duration.seconds(10)

    private static func isLocal(_ provider: String) -> Bool { provider == ProviderSettings.Name.local.rawValue }

    private func eta(of build: Build, _ facts: BuildFacts) -> Duration? {
        guard !build.state.isTerminal, !build.isWaitingForConfirmation else { return nil }
        if let place = facts.places[build.id] {
            return facts.expected?.untilEnd(ahead: place.waitingBefore + place.underWay, workers: workers)
        }
        // While it is gathered for, its own time has not begun, and nobody knows how long others take to answer.
        guard let startedAt = build.startedAt, !build.isToGather else { return nil }
        return facts.expected?.untilEnd(elapsed: dependencies.clock.now() - startedAt)
    }

    private static func wholeSeconds(_ span: Duration) -> Int {
        Int((span.wholeMilliseconds + 999) / 1000)
    }

    /// The one line that pollers read: `running 40% Packing the initrd`; of a group's lead how all stand.
    func line(_ snapshot: BuildSnapshot) -> String {
        if snapshot.confirmBy != nil { return "queued until the address is confirmed" }
        if let summary = snapshot.summary { return summary.line }
        let build = snapshot.build
        var words = [build.state.name.rawValue]
        if let percent = Self.percent(build.state) { words.append("\(percent)%") }
        switch build.state {
        case .queued:
            if let queue = snapshot.queue { words.append("place \(queue.position)") }
        case .failed(let failure): words.append("(\(failure.kind.rawValue)) \(failure.message)")
        case .triggering, .running, .collecting, .verifying:
            if let label = Self.label(build, in: snapshot) { words.append(label) }
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

    /// The same of one of a snapshot's builds, which may wait where it was handed to.
    static func label(_ build: Build, in snapshot: BuildSnapshot) -> String? {
        if let fetching = snapshot.fetching[build.id] { return fetching }
        if snapshot.heldUpAtProvider.contains(build.id) {
            return "Waiting for \(ProviderWords.place(build.provider))"
        }
        guard snapshot.waitingAtProvider.contains(build.id), let run = build.state.run else {
            return label(build.state)
        }
        return "Waiting at \(ProviderWords.place(run.provider))"
    }

    func links(_ snapshot: BuildSnapshot) -> BuildLinks {
        let build = snapshot.build
        let canRepeat =
            snapshot.hasEnded && build.filesRemovedAt == nil && snapshot.recipe?.isOffered == true
            && snapshot.recipe?.digest == build.recipeDigest
        return BuildLinks(
            page: siteMap.build(build.id), events: siteMap.events(build.id), log: siteMap.log(build.id),
            cancel: snapshot.hasEnded ? nil : siteMap.cancel(build.id),
            rebuild: canRepeat ? siteMap.rebuild(build.id) : nil, now: siteMap.now(build.id),
            json: siteMap.apiBuild(build.id),
            confirmation: snapshot.confirmBy == nil ? nil : siteMap.confirmation(build.id),
            lead: build.group.flatMap { $0 == build.id ? nil : siteMap.build($0) },
            group: build.group.flatMap { $0 == build.id ? nil : siteMap.apiBuild($0) })
    }
}
