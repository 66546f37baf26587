/// A fact that moves a build.
package enum BuildEvent: Hashable, Sendable {
    /// A worker took it from the queue and means to start this attempt.
    case claimed(Attempt)
    /// What had to be fetched for it is there: it goes back into the queue, for a place at its provider. Nothing was sent
    /// for the attempt, whose number the next one has again.
    case gathered(of: Attempt)
    /// The provider has the run.
    case triggered(Run)
    /// The run that is known has a better name now: a queue's ticket became a build, an address appeared.
    case runLocated(Run)
    /// The run was seen in another phase.
    case phaseChanged(Phase, of: Attempt)
    /// The run ended well.
    case runSucceeded(of: Attempt)
    /// Every artifact is stored and checked. `needsVerification`: the recipe has a verify step.
    case collected([Artifact], of: Attempt, needsVerification: Bool)
    /// The artifacts work; the pictures show it.
    case verified(pictures: [Artifact], of: Attempt)
    /// The attempt came to nothing through no fault of the request: it is tried again while the policy allows.
    case attemptLost(Attempt, Failure)
    /// It has failed for good; `of`: the attempt that the worker saw, `nil` before there is one.
    case ended(Failure, of: Attempt?)
    /// The requester or the operator asked for its end.
    case cancelled
    /// It waited in the queue longer than the recipe allows.
    case expired
    /// Another build of the same request made these artifacts; they are stored as this build's own already.
    case reused([Artifact], from: BuildID)

    package enum Name: String, Hashable, Sendable, CaseIterable {
        case claimed, triggered, runLocated, phaseChanged, runSucceeded, collected, verified, attemptLost, ended
        case cancelled, expired, reused, gathered
    }

    package var name: Name {
        switch self {
        case .claimed: .claimed
        case .triggered: .triggered
        case .runLocated: .runLocated
        case .phaseChanged: .phaseChanged
        case .runSucceeded: .runSucceeded
        case .collected: .collected
        case .verified: .verified
        case .attemptLost: .attemptLost
        case .ended: .ended
        case .cancelled: .cancelled
        case .expired: .expired
        case .reused: .reused
        case .gathered: .gathered
        }
    }
}

/// What must follow from an event; written in the transaction that writes the new state.
package enum Effect: Hashable, Sendable {
    /// The requester is told how it ended: one outbox entry, once in a build's life (P2). Of a group it is written
    /// when its last build ends.
    case mail(MailKind)
    /// The attempt may still have a run or files at the provider: it is to be cancelled and cleaned up.
    case cleanUp(Attempt)
    /// The artifacts now belong to the build.
    case keepArtifacts([Artifact])
    /// It is in the queue again, to be tried after the pause that the policy gives for this many lost attempts.
    case retry(attemptsUsed: Int)
}

/// The event cannot happen in this state: a bug, or a worker that acted on what is no longer so.
package struct IllegalTransition: Error, Hashable, Sendable {
    package var state: BuildState.Name
    package var event: BuildEvent.Name

    package init(state: BuildState.Name, event: BuildEvent.Name) {
        self.state = state
        self.event = event
    }
}

/// What of a recipe steers the state machine.
package struct BuildPolicy: Hashable, Sendable {
    /// Attempts in all, the first included; at least 1.
    package var maxAttempts: Int

    package init(maxAttempts: Int) {
        self.maxAttempts = max(1, maxAttempts)
    }
}
