/// The time of day, handed in wherever it is needed, so that tests can turn it by hand.
package protocol WallClock: Sendable {
    func now() -> Timestamp
    /// Returns at `deadline`, or throws `CancellationError` if the task is cancelled earlier.
    func sleep(until deadline: Timestamp) async throws
}
