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

    func snapshot(of build: Build) async throws -> BuildSnapshot {
        var snapshot = BuildSnapshot(
            build: build, recipe: dependencies.recipes()[build.recipe], queue: nil, etaSeconds: nil, deliveries: [])
        if build.state.isTerminal {
            snapshot.deliveries = try await dependencies.outbox.deliveries(of: build.id)
            return snapshot
        }
        let expected = ExpectedTime(history: try await dependencies.builds.durations(of: build.recipe, limit: 20))
        if case .queued = build.state {
            if let place = try await dependencies.builds.queuePlace(of: build.id) {
                let eta = expected.untilEnd(ahead: place.waitingBefore + place.underWay, workers: workers)
                snapshot.etaSeconds = eta.map(Self.wholeSeconds)
                snapshot.queue = QueueView(position: place.waitingBefore + 1, etaSeconds: snapshot.etaSeconds)
            }
        } else if let startedAt = build.startedAt {
            snapshot.etaSeconds = expected.untilEnd(elapsed: dependencies.clock.now() - startedAt).map(
                Self.wholeSeconds)
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
        return words.joined(separator: " ").replacing(/[\r\n]+/, with: " ")
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
