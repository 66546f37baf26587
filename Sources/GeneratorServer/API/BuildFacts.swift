import Domain
import NIOConcurrencyHelpers
import Storage

/// What the database knows of a build that is being shown.
struct BuildFacts: Sendable {
    var build: Build
    /// All builds of its submission, itself first; only of a group's lead.
    var group: [Build] = []
    /// `nil` when it has ended.
    var expected: ExpectedTime?
    /// What is fetched for those among them that are about to be started.
    var fetching: [BuildID: String] = [:]
    /// Of those among them that wait in the queue.
    var places: [BuildID: QueuePlace] = [:]
    /// Oldest first.
    var deliveries: [Delivery] = []

    init(build: Build) {
        self.build = build
    }
}

/// The facts of builds that are asked for again and again, until the next commit: pollers and watchers of a build cost the
/// database one look, however many they are.
final class BuildFactsMemory: Sendable {
    private struct State {
        var revision: Int64 = -1
        var facts: [BuildID: BuildFacts] = [:]
    }

    /// Together they bound what is held (P6) to a few megabytes.
    private static let mostBuilds = 256
    private static let mostInputBytes = 16 * 1024

    private let state = NIOLockedValueBox(State())

    /// `revision`: the store's, now.
    func facts(of id: BuildID, at revision: Int64) -> BuildFacts? {
        state.withLockedValue { $0.revision == revision ? $0.facts[id] : nil }
    }

    /// `revision`: the store's, before the facts were read.
    func remember(_ facts: BuildFacts, at revision: Int64) {
        let copies = max(1, facts.group.count)
        guard Self.size(of: facts.build.inputs) <= Self.mostInputBytes / copies else { return }
        state.withLockedValue { state in
            guard state.revision <= revision else { return }
            if state.revision < revision {
                state.facts.removeAll(keepingCapacity: true)
                state.revision = revision
            }
            if state.facts.count < Self.mostBuilds { state.facts[facts.build.id] = facts }
        }
    }

    private static func size(of inputs: Inputs) -> Int {
        inputs.values.reduce(0) { sum, value in
            switch value.content {
            case .text(let text): sum + text.utf8.count
            case .choices(let choices): choices.reduce(sum) { $0 + $1.utf8.count }
            case .number, .toggle, .upload: sum
            }
        }
    }
}
