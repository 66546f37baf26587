import Domain
import Storage

/// How busy Kiln is, for anybody: asked of the store and of the providers at most once in `age`, however many look.
actor StatusBoard {
    struct Line: Hashable, Sendable {
        var provider: String
        var isUp: Bool
        var since: Timestamp?
        var waiting: Int
        var underWay: Int
        /// Until a build that is asked for now would start; `nil` without history, and while nobody can start it.
        var expectedWait: Duration?
    }

    private let dependencies: WebDependencies
    private let workers: Int
    private let age: Duration
    private var known: (at: Timestamp, lines: [Line])?

    init(dependencies: WebDependencies, workers: Int, age: Duration = .seconds(2)) {
        self.dependencies = dependencies
        self.workers = workers
        self.age = age
    }

    /// By name.
    func lines() async throws -> [Line] {
        let now = dependencies.clock.now()
        if let known, now - known.at < age { return known.lines }
        let lines = try await ask()
        known = (now, lines)
        return lines
    }

    private func ask() async throws -> [Line] {
        let states = await dependencies.providerStates()
        let backlog = try await dependencies.builds.backlog()
        let recipes = dependencies.recipes().offered
        let named = recipes.flatMap(\.build.providers).map(\.name.rawValue)
        let names = Set(states.map(\.name)).union(backlog.keys).union(named)
        var lines: [Line] = []
        for name in names.sorted() {
            // A provider with several addresses is up where one of them is.
            let own = states.filter { $0.name == name }
            let isUp = own.isEmpty || own.contains(where: \.isUp)
            let (waiting, underWay) = backlog[name] ?? (0, 0)
            let slots = own.compactMap(\.atOnce).max() ?? (name == "local" ? workers : nil)
            lines.append(
                Line(
                    provider: name, isUp: isUp, since: own.filter { $0.isUp == isUp }.compactMap(\.since).min(),
                    waiting: waiting, underWay: underWay,
                    expectedWait: !isUp
                        ? nil
                        : try await wait(
                            waiting: waiting, underWay: underWay, slots: slots,
                            recipes: recipes.filter { $0.build.provider == name })))
        }
        return lines
    }

    /// Nobody waits for a free place; otherwise as many typical builds as are before one place.
    private func wait(waiting: Int, underWay: Int, slots: Int?, recipes: [Recipe]) async throws -> Duration? {
        let slots = max(1, slots ?? .max)
        let before = waiting + underWay - slots + 1
        guard before > 0 else { return .zero }
        var history: [Duration] = []
        for recipe in recipes.prefix(20) {
            history += try await dependencies.builds.durations(of: recipe.id, limit: 10)
        }
        let rounds = (before + slots - 1) / slots
        return ExpectedTime(history: history).typical.map { $0 * rounds }
    }
}
