extension BuildState {
    /// Moves the build by a fact and says what must follow.
    ///
    /// Replaying a known fact changes nothing and has no effects; so does every fact that reaches a build which has
    /// ended, and every report about an attempt that is not the current one (a late answer of a lost attempt).
    ///
    /// - Throws: `IllegalTransition` for a fact that cannot be true in this state; nothing has changed then.
    package mutating func apply(_ event: BuildEvent, policy: BuildPolicy) throws(IllegalTransition) -> [Effect] {
        switch (self, event) {

        // Ended builds absorb everything.
        case (.succeeded, _), (.failed, _), (.cancelled, _), (.expired, _):
            return []

        // Ends that are possible from every open state.
        case (.queued, .cancelled):
            return end(as: .cancelled, mail: .cancelled)
        case (.triggering, .cancelled), (.running, .cancelled), (.collecting, .cancelled), (.verifying, .cancelled):
            return end(as: .cancelled, mail: .cancelled)
        case (.queued, .ended(let failure, of: nil)):
            return end(as: .failed(failure), mail: .failed)
        case (.queued, .ended(_, of: .some)):
            return []
        case (.triggering, .ended(let failure, let attempt)), (.running, .ended(let failure, let attempt)),
            (.collecting, .ended(let failure, let attempt)), (.verifying, .ended(let failure, let attempt)):
            guard attempt == nil || attempt == self.attempt else { return [] }
            return end(as: .failed(failure), mail: .failed)

        // queued
        case (.queued(let used), .claimed(let attempt)):
            guard attempt.number == used + 1 else { throw illegal(event) }
            self = .triggering(attempt)
            return []
        case (.queued, .expired):
            return end(as: .expired, mail: .expired)
        case (.queued, .reused(let artifacts, _)):
            return [.keepArtifacts(artifacts)] + end(as: .succeeded, mail: .succeeded)
        case (.queued(let used), .triggered(let run)), (.queued(let used), .runLocated(let run)):
            return try late(run.attempt, used: used, event)
        case (.queued(let used), .phaseChanged(_, let attempt)), (.queued(let used), .runSucceeded(let attempt)),
            (.queued(let used), .collected(_, let attempt, _)), (.queued(let used), .verified(_, let attempt)),
            (.queued(let used), .attemptLost(let attempt, _)):
            return try late(attempt, used: used, event)

        case (.queued(let used), .gathered(let attempt)):
            // The attempt that it went back with will be made again.
            return try late(attempt, used: used + 1, event)

        // triggering
        case (.triggering(let current), .claimed(let attempt)):
            guard attempt == current else { throw illegal(event) }
            return []
        case (.triggering(let current), .triggered(let run)):
            guard run.attempt == current else { return try late(run.attempt, used: current.number - 1, event) }
            self = .running(run, nil)
            return []
        case (.triggering(let current), .runLocated(let run)):
            // `triggered` is on its way, and it knows the run by its best name.
            return try late(run.attempt, used: current.number, event)
        case (.triggering(let current), .gathered(let attempt)):
            guard attempt == current else { return try late(attempt, used: current.number - 1, event) }
            self = .queued(attemptsUsed: current.number - 1)
            return []
        case (.triggering(let current), .attemptLost(let attempt, let failure)):
            return lose(attempt, current: current, failure, policy)
        case (.triggering(let current), .phaseChanged(_, let attempt)),
            (.triggering(let current), .runSucceeded(let attempt)),
            (.triggering(let current), .collected(_, let attempt, _)),
            (.triggering(let current), .verified(_, let attempt)):
            return try late(attempt, used: current.number - 1, event)

        // The same run by another name.
        case (.running(let known, let phase), .runLocated(let run)):
            guard run.attempt == known.attempt, run != known else { return [] }
            self = .running(run, phase)
            return []
        case (.collecting(let known), .runLocated(let run)):
            guard run.attempt == known.attempt, run != known else { return [] }
            self = .collecting(run)
            return []
        case (.verifying(let known), .runLocated(let run)):
            guard run.attempt == known.attempt, run != known else { return [] }
            self = .verifying(run)
            return []

        // running
        case (.running(let run, let known), .phaseChanged(let phase, let attempt)):
            guard run.attempt == attempt, known != phase else { return [] }
            self = .running(run, phase)
            return []
        case (.running(let run, _), .runSucceeded(let attempt)):
            guard run.attempt == attempt else { return [] }
            self = .collecting(run)
            return []
        case (.running(let run, _), .attemptLost(let attempt, let failure)),
            (.collecting(let run), .attemptLost(let attempt, let failure)),
            (.verifying(let run), .attemptLost(let attempt, let failure)):
            return lose(attempt, current: run.attempt, failure, policy)
        case (.running(let run, _), .collected(_, let attempt, _)), (.running(let run, _), .verified(_, let attempt)):
            guard run.attempt != attempt else { throw illegal(event) }
            return []

        // collecting
        case (.collecting(let run), .collected(let artifacts, let attempt, let needsVerification)):
            guard run.attempt == attempt else { return [] }
            if needsVerification {
                self = .verifying(run)
                return [.keepArtifacts(artifacts)]
            }
            return [.keepArtifacts(artifacts)] + end(as: .succeeded, mail: .succeeded)
        case (.collecting(let run), .verified(_, let attempt)):
            guard run.attempt != attempt else { throw illegal(event) }
            return []

        // verifying
        case (.verifying(let run), .verified(let pictures, let attempt)):
            guard run.attempt == attempt else { return [] }
            return [.keepArtifacts(pictures)] + end(as: .succeeded, mail: .succeeded)

        // Known facts, told again.
        case (.running, .claimed), (.collecting, .claimed), (.verifying, .claimed), (.running, .triggered),
            (.collecting, .triggered), (.verifying, .triggered), (.collecting, .phaseChanged),
            (.verifying, .phaseChanged), (.collecting, .runSucceeded), (.verifying, .runSucceeded),
            (.verifying, .collected), (.running, .gathered), (.collecting, .gathered), (.verifying, .gathered):
            return []

        // What has an attempt of its own is not answered with another's artifacts.
        case (.triggering, .reused), (.running, .reused), (.collecting, .reused), (.verifying, .reused):
            throw illegal(event)

        // Only what waits in the queue can have waited too long.
        case (.triggering, .expired), (.running, .expired), (.collecting, .expired), (.verifying, .expired):
            return []
        }
    }

    private mutating func end(as state: BuildState, mail: MailKind) -> [Effect] {
        let attempt = self.attempt
        self = state
        return [.mail(mail)] + (attempt.map { [.cleanUp($0)] } ?? [])
    }

    private mutating func lose(
        _ attempt: Attempt, current: Attempt, _ failure: Failure, _ policy: BuildPolicy
    ) -> [Effect] {
        guard attempt == current else { return [] }
        guard current.number < policy.maxAttempts else { return end(as: .failed(failure), mail: .failed) }
        self = .queued(attemptsUsed: current.number)
        return [.cleanUp(current), .retry(attemptsUsed: current.number)]
    }

    /// A report about an attempt that was given up earlier is absorbed; one about an attempt that was never made is not.
    private func late(_ attempt: Attempt, used: Int, _ event: BuildEvent) throws(IllegalTransition) -> [Effect] {
        guard attempt.number <= used else { throw illegal(event) }
        return []
    }

    private func illegal(_ event: BuildEvent) -> IllegalTransition {
        IllegalTransition(state: name, event: event.name)
    }
}
