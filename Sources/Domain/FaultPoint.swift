internal import Glibc

/// A place in the program where a crash would be worst; tests end the process there to show that nothing is lost.
package enum FaultPoint: String, Hashable, Sendable, CaseIterable {
    /// The submission is durable, the answer is not sent.
    case afterAccept
    /// What was fetched for the build is kept, the build does not say so yet.
    case afterFetchBeforeRecord
    /// The intent to start an attempt is durable, the provider knows nothing.
    case beforeTrigger
    /// The provider has the run, its answer is not written down.
    case afterTriggerBeforeRecord
    /// The run was just written down.
    case running
    /// The artifacts are stored, the build does not say so yet.
    case beforeCollected
    /// The verification ended well, the build does not say so yet.
    case beforeVerified
    /// The build has ended, its mail waits.
    case afterEnd
    /// The mail is claimed and not sent.
    case beforeMail
    /// The transport took the mail, which is not written down.
    case afterMailBeforeRecord
}

/// What happens at the fault points: nothing, but in tests.
package struct FaultPoints: Sendable {
    private let action: @Sendable (FaultPoint) async -> Void

    /// For tests that watch or hold a worker at a point.
    package init(_ action: @escaping @Sendable (FaultPoint) async -> Void) {
        self.action = action
    }

    /// Nothing happens.
    package static let none = FaultPoints { _ in }

    /// Says that the program has got to `point`.
    package func reach(_ point: FaultPoint) async {
        await action(point)
    }

    /// The process ends at once (SIGKILL, as in a crash) when it gets to the point that `text` names. For tests only.
    ///
    /// - Parameter text: `<name>`, or `<name>:<n>` for the n-th time.
    /// - Returns: `nil` if there is no such point.
    package static func killing(at text: String) -> FaultPoints? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, let fatal = FaultPoint(rawValue: String(name)), parts.count <= 2 else {
            return nil
        }
        var turn = 1
        if parts.count == 2 {
            guard let given = Int(parts[1]), given >= 1 else { return nil }
            turn = given
        }
        let countdown = Countdown(from: turn)
        return FaultPoints { point in
            guard point == fatal, await countdown.isOver() else { return }
            kill(getpid(), SIGKILL)
        }
    }

    private actor Countdown {
        private var left: Int

        init(from turns: Int) {
            left = turns
        }

        func isOver() -> Bool {
            left -= 1
            return left == 0
        }
    }
}
