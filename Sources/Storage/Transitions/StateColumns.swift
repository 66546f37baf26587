import Domain

/// A build's state as a row keeps it: one column for each fact, absent ones `nil`. The schema checks the same pairs.
struct StateColumns: Hashable, Sendable {
    var state: BuildState.Name
    /// Attempts lost so far; `nil` for an ended build, whose row keeps what it had.
    var attemptsUsed: Int?
    var attempt: Attempt?
    var run: RunColumns?
    var phase: Phase?
    var failure: Failure?

    struct RunColumns: Hashable, Sendable {
        var provider: String
        var id: String
        var url: String?
    }

    init(_ state: BuildState) {
        self.state = state.name
        attempt = state.attempt
        run = state.run.map { RunColumns(provider: $0.provider, id: $0.id, url: $0.url) }
        switch state {
        case .queued(let used): attemptsUsed = used
        case .running(_, let phase): self.phase = phase
        case .failed(let failure): self.failure = failure
        case .triggering, .collecting, .verifying, .succeeded, .cancelled, .expired: break
        }
        if let attempt { attemptsUsed = attempt.number - 1 }
    }

    init(
        state: BuildState.Name, attemptsUsed: Int?, attempt: Attempt?, run: RunColumns?, phase: Phase?,
        failure: Failure?
    ) {
        self.state = state
        self.attemptsUsed = attemptsUsed
        self.attempt = attempt
        self.run = run
        self.phase = phase
        self.failure = failure
    }

    /// The state that the columns stand for; throws `.corrupt` where they do not fit together.
    func buildState() throws(StorageError) -> BuildState {
        switch state {
        case .queued: .queued(attemptsUsed: try present(attemptsUsed, "attempts_used"))
        case .triggering: .triggering(try present(attempt, "attempt"))
        case .running: .running(try presentRun(), phase)
        case .collecting: .collecting(try presentRun())
        case .verifying: .verifying(try presentRun())
        case .succeeded: .succeeded
        case .failed: .failed(try present(failure, "failure"))
        case .cancelled: .cancelled
        case .expired: .expired
        }
    }

    private func presentRun() throws(StorageError) -> Run {
        let run = try present(run, "run")
        return Run(attempt: try present(attempt, "attempt"), provider: run.provider, id: run.id, url: run.url)
    }

    private func present<Value>(_ value: Value?, _ name: String) throws(StorageError) -> Value {
        guard let value else { throw .corrupt(detail: "a build in \(state.rawValue) without \(name)") }
        return value
    }
}
