import Domain

/// A build's state in sentences for its requester.
enum BuildExplanation {
    static func text(_ snapshot: BuildSnapshot) -> String {
        if let confirmBy = snapshot.confirmBy { return confirmation(snapshot.build.address, confirmBy) }
        if snapshot.told.allSatisfy(\.wasNeverConfirmed) { return neverConfirmed }
        if let summary = snapshot.summary { return summary.explanation }
        if let fetching = snapshot.fetching[snapshot.build.id] {
            return "\(fetching). You can close this page and come back by its link."
        }
        if snapshot.heldUpAtProvider.contains(snapshot.build.id) {
            return "Its turn has come, but \(ProviderWords.place(snapshot.build.provider)) has not taken it yet. It is "
                + "asked again by itself; you can close this page and come back by its link."
        }
        return text(snapshot.build, isWaitingAtProvider: snapshot.waitingAtProvider.contains(snapshot.build.id))
    }

    /// Of one build, whatever group it is in.
    static func text(_ build: Build, isWaitingAtProvider: Bool = false) -> String {
        switch build.state {
        case .queued where build.follows != nil:
            return "The same was asked for before; its result is being waited for. "
                + "You can close this page and come back by its link."
        case .queued(let attemptsUsed):
            if attemptsUsed > 0 {
                return "An attempt was lost through no fault of yours; it is tried again by itself."
            }
            return "It waits for its turn. You can close this page and come back by its link."
        case .triggering: return "It is being started."
        case .running(let run, _) where isWaitingAtProvider:
            return "It was handed to \(ProviderWords.place(run.provider)) and waits there for its turn. "
                + "You can close this page and come back by its link."
        case .running: return "It is being built. You can close this page and come back by its link."
        case .collecting: return "It is built; its files are being fetched and checked."
        case .verifying: return "It is built and is being tried out before you get it."
        case .succeeded where build.reusedFrom != nil && build.filesRemovedAt == nil:
            return "The same was asked for before; its result was given out. It is ready to be downloaded."
        case .succeeded:
            return build.filesRemovedAt == nil
                ? "It is ready to be downloaded." : "It was ready; its files were kept for their time and are removed."
        case .failed(let failure): return failed(failure)
        case .cancelled: return "It was cancelled. Nothing more will happen."
        case .expired where build.wasNeverConfirmed: return neverConfirmed
        case .expired: return "It waited longer than it may, and was given up. Please start it again."
        }
    }

    private static func confirmation(_ address: String?, _ end: Timestamp) -> String {
        "Waiting for you to confirm \(address ?? "your address"): open the mail that was sent there, and follow its link. "
            + "Nothing is built before that; it is given up at \(Wording.moment(end))."
    }

    private static let neverConfirmed =
        "Nobody confirmed the address, so nothing was built. Start it again, and follow the link in the mail that comes."

    private static func failed(_ failure: Failure) -> String {
        let next =
            switch failure.kind {
            case .input: "What was asked for cannot be built so: change the form and start again."
            case .build: "The build itself failed; the log tells more. Changing what you asked for may help."
            case .infrastructure: "That was not your fault, and trying again did not help. Please start it again later."
            case .timeout: "It took longer than it may. Asking for less may help; else start it again later."
            }
        return "\(failure.message) \(next)"
    }
}
