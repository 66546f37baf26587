import Domain

/// What one event writes, worked out without a database, so that every engine writes the same.
struct TransitionWrites: Hashable, Sendable {
    struct OwedMail: Hashable, Sendable {
        var kind: MailKind
        var to: String
        var language: LanguageTag
    }

    struct OwedCleanUp: Hashable, Sendable {
        var attempt: Attempt
        var provider: String
        var run: Run?
    }

    /// The state that the row must still have when it is written.
    var stateBefore: BuildState.Name
    /// The token that the row must still have when it is written.
    var leaseBefore: LeaseToken?
    /// The row afterwards.
    var after: StoredBuild
    /// Whether the row differs at all.
    var writesRow: Bool
    var changed: Bool
    var effects: [Effect]
    var timelineEntry: TimelineEntry?
    var newRun: Run?
    /// The run of an attempt that has one, by another name.
    var relocatedRun: Run?
    /// The attempt that this event begins; counted for the pace.
    var startedAttempt: Attempt?
    /// Replace those of the same name.
    var keptArtifacts: [Artifact] = []
    /// What a lost attempt left behind goes: the next one makes its own.
    var dropsArtifacts = false
    var mail: OwedMail?
    /// The build of a group has ended: whoever writes this looks whether it was the last one (`GroupEnd`).
    var endsInGroup: BuildID?
    /// It ended before anybody confirmed it: nobody is told, and nobody is asked any more.
    var endsUnconfirmed = false
    var cleanUps: [OwedCleanUp] = []
    var hints: Set<NoticeTopic> = []

    var transition: Transition { Transition(build: after.build, effects: effects, changed: changed) }
}

extension TransitionWrites {
    /// Moves `stored` by `event`.
    ///
    /// - Throws: `.leaseLost` if `lease` is not the row's; `.illegalTransition`.
    init(
        _ event: BuildEvent, on stored: StoredBuild, policy: BuildPolicy, lease: LeaseUse?, at now: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) throws(StorageError) {
        if let lease, stored.lease?.token != lease.token { throw .leaseLost }
        let before = stored.build.state
        if stored.build.confirmBy != nil { try Self.proveUnconfirmed(before, takes: event) }
        stateBefore = before.name
        leaseBefore = stored.lease?.token
        after = stored
        do {
            effects = try after.build.state.apply(event, policy: policy)
        } catch {
            throw .illegalTransition(error)
        }
        changed = after.build.state != before
        writesRow = changed || lease != nil
        if changed {
            record(event, from: before, at: now)
            follow(from: before, at: now, using: &generator)
        }
        settle(lease, from: before, at: now)
    }

    /// What waits for its address' owner neither starts nor is answered.
    private static func proveUnconfirmed(
        _ state: BuildState, takes event: BuildEvent
    ) throws(StorageError) {
        switch (state, event) {
        case (.queued, .claimed), (.queued, .reused):
            throw .illegalTransition(IllegalTransition(state: state.name, event: event.name))
        default: break
        }
    }

    /// The timeline, the run and the times that the new state brings.
    private mutating func record(_ event: BuildEvent, from before: BuildState, at now: Timestamp) {
        let state = after.build.state
        after.build.sequence += 1
        timelineEntry = TimelineEntry(
            sequence: after.build.sequence, at: now, state: state.name, event: event.name.rawValue, note: event.note,
            percent: event.percent)
        if let run = state.run, run != before.run { name(run, insteadOf: before.run) }
        if case .queued = before, case .triggering(let attempt) = state, !after.build.isToGather {
            startedAttempt = attempt
        }
        if case .gathered = event, state.name == .queued {
            after.build.isToGather = false
            // Nothing was sent yet, whatever the attempt's number.
            after.build.startedAt = nil
        }
        // What has a run needs nothing any more, whatever its row said.
        if state.run != nil { after.build.isToGather = false }
        if case .reused(_, let source) = event { after.build.reusedFrom = source }
        if state.name != .queued { after.build.follows = nil }
        if state.attempt != nil, after.build.startedAt == nil { after.build.startedAt = now }
        if state.isTerminal {
            after.build.finishedAt = now
            after.build.expiresAt = now + after.retention
            // Others may wait for its result.
            hints.insert(.work)
        }
        after.nextActionAt = state.isTerminal ? nil : now
        hints.insert(.build(after.build.id))
        if let lead = after.build.group { hints.insert(.build(lead)) }
    }

    private mutating func name(_ run: Run, insteadOf known: Run?) {
        guard known?.attempt == run.attempt,
            let place = after.build.runs.lastIndex(where: { $0.attempt == run.attempt })
        else {
            newRun = run
            after.build.runs.append(run)
            return
        }
        relocatedRun = run
        after.build.runs[place] = run
    }

    private mutating func follow(
        from before: BuildState, at now: Timestamp, using generator: inout some RandomNumberGenerator
    ) {
        for effect in effects {
            switch effect {
            case .mail(let kind):
                endsUnconfirmed = after.build.confirmBy != nil
                if let lead = after.build.group {
                    endsInGroup = lead
                } else if !endsUnconfirmed {
                    mail = after.build.address.map {
                        OwedMail(kind: kind, to: $0, language: after.build.language)
                    }
                }
                if mail != nil || endsInGroup != nil { hints.insert(.mail) }
            case .cleanUp(let attempt):
                let run = before.run?.attempt == attempt ? before.run : nil
                cleanUps.append(
                    OwedCleanUp(attempt: attempt, provider: run?.provider ?? after.build.provider, run: run))
                hints.insert(.work)
            case .keepArtifacts(let artifacts):
                keptArtifacts += artifacts
                after.build.keep(artifacts)
            case .retry(let used):
                dropsArtifacts = true
                after.build.artifacts = []
                after.queuedAt = now
                after.nextActionAt = now + Backoff.attempts.pause(after: used, using: &generator)
            }
        }
        if endsUnconfirmed {
            effects.removeAll { effect in
                if case .mail = effect { true } else { false }
            }
        }
    }

    /// Who holds the build from here on, and when the next worker may look at it.
    private mutating func settle(_ lease: LeaseUse?, from before: BuildState, at now: Timestamp) {
        let state = after.build.state
        defer { if after.lease == nil { after.nudgedAt = nil } }
        switch lease {
        case .release(_, let nextActionAt):
            after.lease = nil
            if let own = after.nextActionAt {
                // The pause after a lost attempt is kept whatever the worker asks for.
                let paused = changed && state.name == .queued
                after.nextActionAt =
                    paused ? max(own, nextActionAt) : min(nextActionAt, after.nudgedAt ?? nextActionAt)
            }
            hints.insert(.work)
        case .keep(let token, let until):
            after.lease = state.attempt == nil ? nil : StoredBuild.Lease(token: token, expiresAt: until)
            if after.lease == nil { hints.insert(.work) }
        case nil:
            // A mere phase leaves the worker its claim: it goes on doing what it does.
            guard changed, state.name != before.name || state.attempt != before.attempt else { return }
            after.lease = nil
            hints.insert(.work)
        }
    }
}

extension Build {
    /// Takes artifacts in; one of the same name is replaced in its place.
    fileprivate mutating func keep(_ new: [Artifact]) {
        for artifact in new {
            if let place = artifacts.firstIndex(where: { $0.name == artifact.name }) {
                artifacts[place] = artifact
            } else {
                artifacts.append(artifact)
            }
        }
    }
}

extension BuildEvent {
    /// What the timeline says to people.
    fileprivate var note: String? {
        switch self {
        case .phaseChanged(let phase, _): phase.label
        case .attemptLost(_, let failure), .ended(let failure, _): failure.message
        case .claimed, .gathered, .triggered, .runLocated, .runSucceeded, .collected, .verified, .cancelled, .expired,
            .reused:
            nil
        }
    }

    fileprivate var percent: Int? {
        if case .phaseChanged(let phase, _) = self { phase.percent } else { nil }
    }
}
