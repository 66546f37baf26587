import Domain

/// How the builds of one submission stand together: one state, and how many of how many have ended.
struct GroupSummary: Hashable, Sendable {
    /// While one is under way, that of those under way; then how all ended, as the mail says it.
    let state: BuildState.Name
    let count: Int
    let ended: Int
    let ready: Int
    let failed: Int
    /// Of all together; `nil` while nothing is known.
    let percent: Int?

    /// - Parameter builds: the lead first; at least one.
    init(_ builds: [Build]) {
        let states = builds.map(\.state)
        count = states.count
        ended = states.count { $0.isTerminal }
        ready = states.count { $0.name == .succeeded }
        failed = states.count { $0.name == .failed }
        let names = Set(states.map(\.name))
        let order: [BuildState.Name] =
            [.running, .triggering, .collecting, .verifying, .queued, .succeeded, .failed]
        state = order.first { names.contains($0) } ?? states.first?.name ?? .queued
        let percents = states.map { $0.isTerminal ? 100 : BuildView.percent($0) }
        let isKnown = percents.contains { $0 != nil }
        percent = isKnown && count > 0 ? percents.reduce(0) { $0 + ($1 ?? 0) } / count : nil
    }

    var hasEnded: Bool { ended == count }

    /// `1 of 3 has ended`
    var progress: String {
        "\(ended) of \(count) \(ended == 1 ? "has" : "have") ended"
    }

    /// For `/now`: `running 40% 1 of 2 ended`, `succeeded 100% 2 of 2 ended, 1 failed`.
    var line: String {
        var words = [state.rawValue]
        if let percent, state != .failed, state != .cancelled, state != .expired { words.append("\(percent)%") }
        words.append("\(ended) of \(count) ended")
        let line = words.joined(separator: " ")
        return failed > 0 ? "\(line), \(failed) failed" : line
    }

    /// What is going on, in a sentence or two for the requester.
    var explanation: String {
        guard hasEnded else { return "\(progress)." }
        switch (ready, failed) {
        case (count, _): return count == 2 ? "Both are ready." : "All \(count) are ready."
        case (0, 0): return "Nothing was built. Nothing more will happen."
        case (0, _): return "None of the \(count) could be built; below is said why."
        default: return "\(ready) of \(count) \(ready == 1 ? "is" : "are") ready; of the rest is said below why not."
        }
    }
}
