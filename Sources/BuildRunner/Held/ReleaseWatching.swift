import Domain
import Storage

/// Where a run's result is to appear, and what is known of it.
struct ReleaseWatching {
    init?(_ order: BuildOrder, _ shop: Workshop) {
        return nil
    }
    func nextLook(endedAt: Timestamp?) -> Timestamp { .distant }
    mutating func hasten(at now: Timestamp) {}
}

extension RunWatch {
    mutating func lookAtRelease() async throws -> HeldBuild.End? { nil }
}

extension Timestamp {
    /// Later than everything that is waited for.
    static let distant = Timestamp(milliseconds: .max / 4)
}
