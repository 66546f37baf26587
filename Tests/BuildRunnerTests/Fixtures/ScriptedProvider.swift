import BuildRunner
import Domain
import NIOConcurrencyHelpers

/// A provider that does as a test says. Left alone it is a good one: each attempt gets one run, which goes on until the
/// test ends it.
final class ScriptedProvider: BuildProvider {
    enum TriggerPlan: Sendable {
        case start
        /// The run starts and the answer never arrives.
        case startUnheard
        case nothing(ProviderAnswer<Run>)
    }

    private struct RunState {
        var status = Observation.Status.running
        var phase: Phase?
        var located: Run?
        var log: [UInt8] = []
        var files: [String: [UInt8]] = ["hello.txt": Array("Hello\n".utf8)]
        var watchers: [AsyncStream<Void>.Continuation] = []
    }

    private struct State {
        var runs: [String: RunState] = [:]
        var plans: [TriggerPlan] = []
        var findings: [ProviderAnswer<Run?>] = []
        var looks: [ProviderAnswer<Observation>] = []
        var starts: [String: Int] = [:]
        var finds = 0
        var triggers = 0
        var observations = 0
        var listings = 0
        var cancels: [String] = []
        var isDown = false
        var onMoreLog: (@Sendable () -> Void)?
    }

    let name: String
    let pollInterval = Duration.seconds(5)
    let settlingTime: Duration
    private let givesHints: Bool
    /// Runs end well as soon as they start.
    private let isInstant: Bool
    private let state = NIOLockedValueBox(State())

    init(
        _ name: String = "local", plans: [TriggerPlan] = [], givesHints: Bool = true, isInstant: Bool = false,
        settlingTime: Duration = .zero
    ) {
        self.settlingTime = settlingTime
        self.name = name
        self.givesHints = givesHints
        self.isInstant = isInstant
        state.withLockedValue { $0.plans = plans }
    }

    // MARK: - What tests say and ask

    /// Executions that were really started, by attempt key.
    var starts: [String: Int] { state.withLockedValue { $0.starts } }
    var triggers: Int { state.withLockedValue { $0.triggers } }
    var finds: Int { state.withLockedValue { $0.finds } }
    var observations: Int { state.withLockedValue { $0.observations } }
    var listings: Int { state.withLockedValue { $0.listings } }
    var cancels: [String] { state.withLockedValue { $0.cancels } }
    var held: [String] { state.withLockedValue { $0.runs.keys.sorted() } }

    /// While it is down, it cannot be reached.
    var isDown: Bool {
        get { state.withLockedValue { $0.isDown } }
        set { state.withLockedValue { $0.isDown = newValue } }
    }

    func answerNextFind(_ answer: ProviderAnswer<Run?>) {
        state.withLockedValue { $0.findings.append(answer) }
    }

    func answerNextLook(_ answer: ProviderAnswer<Observation>) {
        state.withLockedValue { $0.looks.append(answer) }
    }

    /// From now on there is always more of every log.
    /// - Parameter each: called each time that some of it is handed out.
    func talkOn(_ each: @escaping @Sendable () -> Void) {
        state.withLockedValue { $0.onMoreLog = each }
    }

    func end(_ attempt: Attempt, as status: Observation.Status, log: String = "") {
        change(attempt.key) {
            $0.status = status
            $0.log += Array(log.utf8)
        }
    }

    func say(_ attempt: Attempt, phase: Phase? = nil, located: Run? = nil, log: String = "") {
        change(attempt.key) {
            $0.phase = phase
            $0.located = located
            $0.log += Array(log.utf8)
        }
    }

    func leave(_ attempt: Attempt, files: [String: [UInt8]]) {
        change(attempt.key) { $0.files = files }
    }

    /// The run goes, as if somebody had deleted it.
    func delete(_ attempt: Attempt) {
        state.withLockedValue { $0.runs[attempt.key] = nil }
    }

    private func change(_ key: String, _ body: (inout RunState) -> Void) {
        let watchers = state.withLockedValue { state in
            guard var run = state.runs[key] else { return [] as [AsyncStream<Void>.Continuation] }
            body(&run)
            state.runs[key] = run
            return run.watchers
        }
        for watcher in watchers { watcher.yield() }
    }

    // MARK: - BuildProvider

    private static let down = "connection refused"

    func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        state.withLockedValue { state in
            state.triggers += 1
            if state.isDown { return .refusedUntil(after: .seconds(1), reason: Self.down) }
            let plan = state.plans.isEmpty ? TriggerPlan.start : state.plans.removeFirst()
            if case .nothing(let answer) = plan { return answer }
            if state.runs[attempt.key] == nil {
                state.starts[attempt.key, default: 0] += 1
                state.runs[attempt.key] = RunState(status: isInstant ? .succeeded : .running)
            }
            if case .startUnheard = plan { return .unknown(reason: "the answer was lost") }
            return .done(run(attempt))
        }
    }

    func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        state.withLockedValue { state in
            state.finds += 1
            if state.isDown { return .refusedUntil(after: .seconds(1), reason: Self.down) }
            if !state.findings.isEmpty { return state.findings.removeFirst() }
            return .done(state.runs[attempt.key] == nil ? nil : run(attempt))
        }
    }

    func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        state.withLockedValue { state in
            state.observations += 1
            if state.isDown { return .refusedUntil(after: .seconds(1), reason: Self.down) }
            if !state.looks.isEmpty { return state.looks.removeFirst() }
            guard let seen = state.runs[run.attempt.key] else {
                return .done(Observation(status: .lost(reason: "deleted")))
            }
            return .done(Observation(status: seen.status, phase: seen.phase, run: seen.located))
        }
    }

    func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        if let onMoreLog = state.withLockedValue({ $0.onMoreLog }) {
            onMoreLog()
            return .done(Array("more\n".utf8))
        }
        return state.withLockedValue { state in
            .done(Array((state.runs[run.attempt.key]?.log ?? []).dropFirst(Int(offset)).prefix(limit)))
        }
    }

    func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        state.withLockedValue { $0.cancels.append(attempt.key) }
        change(attempt.key) { if !$0.status.isEnd { $0.status = .cancelled } }
        return .done(())
    }

    func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> {
        state.withLockedValue { state in
            state.listings += 1
            return .done(
                (state.runs[run.attempt.key]?.files ?? [:]).map {
                    ProducedFile(name: $0.key, bytes: Int64($0.value.count))
                })
        }
    }

    func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> {
        let bytes = state.withLockedValue { $0.runs[run.attempt.key]?.files[file.name] }
        guard let bytes, bytes.count <= limit else {
            return .refused(Failure(kind: .build, message: "There is no such file, or it is too large."))
        }
        return write(bytes, to: path) ? .done(()) : .unknown(reason: "the file could not be written")
    }

    func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        let watchers = state.withLockedValue { $0.runs.removeValue(forKey: attempt.key)?.watchers }
        for watcher in watchers ?? [] { watcher.finish() }
        return .done(())
    }

    func changes(of run: Run) -> AsyncStream<Void>? {
        guard givesHints else { return nil }
        let (stream, watcher) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { $0.runs[run.attempt.key]?.watchers.append(watcher) }
        watcher.yield()
        return stream
    }

    func check(_ recipes: [Recipe]) async -> [ProviderFinding] { [] }

    func heldAttempts() async -> ProviderAnswer<[Attempt]> {
        .done(held.compactMap { Attempt.parse($0)?.attempt })
    }

    private func run(_ attempt: Attempt) -> Run {
        Run(attempt: attempt, provider: name, id: attempt.key, url: nil)
    }
}
