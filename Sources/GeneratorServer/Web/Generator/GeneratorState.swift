import Domain

/// How a build stands, as Celery named the states of the old generator's tasks.
struct GeneratorState: Hashable, Sendable {
    /// `PENDING`, `STARTED` or what the run does, `SUCCESS`, `FAILURE`.
    let state: String
    /// After `SUCCESS` where the app is, relative to the host as it was; after `FAILURE` why there is none.
    let result: String?

    init(_ snapshot: BuildSnapshot, _ siteMap: SiteMap) {
        let build = snapshot.build
        switch build.state {
        case .queued:
            self.init(state: Self.pending)
        case .triggering:
            self.init(state: Self.phase(snapshot.fetching[build.id]))
        case .running(_, nil):
            self.init(state: Self.started)
        case .running, .collecting, .verifying:
            self.init(state: Self.phase(BuildView.label(build, in: snapshot)))
        case .succeeded:
            self.init(state: Self.success, result: siteMap.generatorDownload(build.id))
        // A client that knows four states waits for ever at a fifth.
        case .failed, .cancelled, .expired:
            self.init(state: Self.failure, result: Self.reason(build))
        }
    }

    private init(state: String, result: String? = nil) {
        self.state = state
        self.result = result
    }

    var json: JSON {
        guard let result else { return ["state": .string(state)] }
        return ["state": .string(state), "result": .string(result)]
    }

    private static let pending = "PENDING"
    private static let started = "STARTED"
    private static let success = "SUCCESS"
    private static let failure = "FAILURE"
    /// What Celery itself says of tasks.
    private static let reserved: Set<String> = [
        pending, "RECEIVED", started, success, failure, "REVOKED", "REJECTED", "RETRY", "IGNORED",
    ]

    /// What a run calls a phase is never taken for an end.
    static func phase(_ label: String?) -> String {
        guard let label, !reserved.contains(label.uppercased()) else { return started }
        return label
    }

    private static func reason(_ build: Build) -> String {
        if case .failed(let failure) = build.state {
            return failure.errorLine.map { "\(failure.message) \($0)" } ?? failure.message
        }
        return BuildExplanation.text(build)
    }
}
