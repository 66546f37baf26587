/// The places where a crash test ends the process, in the order of a build's life.
package enum FaultPoint: String, Hashable, Sendable, CaseIterable {
    /// The build is written, the requester has not heard of it.
    case afterAccept
    /// The intent to trigger is written, the provider has not heard of it.
    case beforeTrigger
    /// The provider has the run, its answer is not written.
    case afterTriggerBeforeRecord
    /// The run is under way.
    case running
    /// The artifacts are stored, the build does not know them yet.
    case beforeCollected
    /// The verification ended, the build does not know it yet.
    case beforeVerified
    /// The build has ended, its mail is owed.
    case afterEnd
    /// The mail is made, nobody has it.
    case beforeMail
    /// The transport has the mail, its answer is not written.
    case afterMailBeforeRecord
}

/// Tells whoever stands at a fault point to go on or not to be; inert except in crash tests.
package struct FaultPoints: Sendable {
    private let strike: @Sendable (FaultPoint) -> Void

    /// No faults.
    package static let none = FaultPoints { _ in }

    package init(strike: @escaping @Sendable (FaultPoint) -> Void) {
        self.strike = strike
    }

    /// Says that this point was reached.
    package func reach(_ point: FaultPoint) {
        strike(point)
    }
}
