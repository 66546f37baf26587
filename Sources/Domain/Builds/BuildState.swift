/// Where a build is in its life. docs/state-machine.md has the diagram; `apply(_:policy:)` is the only way onward.
package enum BuildState: Hashable, Sendable {
    /// Waits to be started. Exits: claimed, reused, cancelled, expired, ended.
    /// `attemptsUsed` counts the attempts that were lost to infrastructure faults.
    case queued(attemptsUsed: Int)
    /// The intent to start a run is committed; whether the provider has heard of it is asked with the attempt's key.
    /// Exits: triggered, gathered, attemptLost, ended, cancelled.
    case triggering(Attempt)
    /// The provider has a run. Exits: runSucceeded, attemptLost, ended, cancelled.
    case running(Run, Phase?)
    /// The run succeeded; its files are fetched and checked. Exits: collected, attemptLost, ended, cancelled.
    case collecting(Run)
    /// The artifacts are tried out. Exits: verified, attemptLost, ended, cancelled.
    case verifying(Run)
    /// Terminal: the artifacts can be downloaded.
    case succeeded
    /// Terminal.
    case failed(Failure)
    /// Terminal: the requester or the operator did not want it any more.
    case cancelled
    /// Terminal: it waited longer than the recipe allows.
    case expired

    package enum Name: String, Hashable, Sendable, CaseIterable {
        case queued, triggering, running, collecting, verifying, succeeded, failed, cancelled, expired

        package var isTerminal: Bool {
            switch self {
            case .queued, .triggering, .running, .collecting, .verifying: false
            case .succeeded, .failed, .cancelled, .expired: true
            }
        }
    }

    package var name: Name {
        switch self {
        case .queued: .queued
        case .triggering: .triggering
        case .running: .running
        case .collecting: .collecting
        case .verifying: .verifying
        case .succeeded: .succeeded
        case .failed: .failed
        case .cancelled: .cancelled
        case .expired: .expired
        }
    }

    package var isTerminal: Bool { name.isTerminal }

    /// The run of this state, where it has one.
    package var run: Run? {
        switch self {
        case .running(let run, _), .collecting(let run), .verifying(let run): run
        case .queued, .triggering, .succeeded, .failed, .cancelled, .expired: nil
        }
    }

    /// The attempt under way, where there is one.
    package var attempt: Attempt? {
        switch self {
        case .triggering(let attempt): attempt
        case .running(let run, _), .collecting(let run), .verifying(let run): run.attempt
        case .queued, .succeeded, .failed, .cancelled, .expired: nil
        }
    }
}
