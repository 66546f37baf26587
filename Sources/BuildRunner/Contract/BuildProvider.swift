package import Domain

/// The outside system that builds. Every provider passes `BuildProviderConformance`.
///
/// All calls can be repeated: the same attempt never has two runs, ending an ended run is done, and reading changes
/// nothing. The order says what is built and with which settings of the recipe. All calls come back within a bound of the provider's own, and early, as `unknown`, when their task is
/// cancelled.
package protocol BuildProvider: Sendable {
    /// As recipes name it.
    var name: String { get }

    /// How often a run is looked at that gives no hints (`changes(of:)`).
    var pollInterval: Duration { get }

    /// How long after an unclear trigger a run may still appear that was not to be found before.
    var settlingTime: Duration { get }

    /// Starts the attempt's run, or says which one it has already.
    func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run>

    /// The run that an attempt has; `nil` if it has none.
    func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?>

    func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation>

    /// Up to `limit` bytes of what the run wrote, from `offset`; empty where there is nothing (yet). After an
    /// observation that was an end, the log is whole.
    func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]>

    /// Ends a run. With `run` `nil`, the one that `find` finds. Done too if there is none or it has ended.
    /// `order` is `nil` if the recipe is no longer installed.
    func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void>

    /// The files that an ended run left as its result.
    func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]>

    /// Writes a file's bytes to `path`, where nothing is yet; at most `limit` bytes.
    func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void>

    /// Removes what the attempt keeps at the provider, after its run has ended. `order` as in `cancel`.
    func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void>

    /// A value when a run may have something new to see, ending with the run's files; hints can be lost, so that looking
    /// now and then stays necessary. `nil`: this provider gives none and wants to be asked at `pollInterval`.
    func changes(of run: Run) -> AsyncStream<Void>?

    /// Attempts of which something is kept, where the provider can say so at no cost; those that no build knows as its
    /// current one are cleaned up.
    func heldAttempts() async -> ProviderAnswer<[Attempt]>

    /// Whether builds of these recipes can be run.
    func check(_ recipes: [Recipe]) async -> [ProviderFinding]
}

extension BuildProvider {
    /// What is not there now was never begun.
    package var settlingTime: Duration { .zero }

    package func heldAttempts() async -> ProviderAnswer<[Attempt]> { .done([]) }
}

extension Attempt {
    /// The attempt and its build that a key stands for.
    package static func parse(_ key: some StringProtocol) -> (build: BuildID, attempt: Attempt)? {
        guard let dash = key.firstIndex(of: "-"), let build = BuildID(key[..<dash]),
            let number = Int(key[key.index(after: dash)...]), number >= 1
        else { return nil }
        let attempt = Attempt(number: number, of: build)
        return attempt.key == key ? (build, attempt) : nil
    }
}
