import Domain

/// One look at a run: what became of its request and of the newest of its builds.
struct BuildbotLook: Sendable {
    let provider: BuildbotProvider
    let master: BuildbotMaster
    let order: BuildOrder

    func look(at run: Run) async throws(RemoteFault) -> Observation {
        switch BuildbotRunID(run.id) {
        case .request(let id):
            return try await followed(try await look(atRequest: id, of: run), run)
        case .build(let id):
            let found = try await master.read(BuildbotAnswers.Builds.self, "builds/\(id)")
            guard let build = found.builds.first else { throw .missing(reason: "the build is gone") }
            if build.isComplete, build.results == BuildbotResult.retry.rawValue {
                return try await followed(try await look(atRequest: build.request, of: run), run)
            }
            return try await followed(Seen(build: build, observation: try await look(at: build, of: run)), run)
        case nil:
            throw .missing(reason: "`\(run.id)` is not a name of Buildbot's")
        }
    }

    /// What was seen, and of which request.
    private struct Seen {
        var request: Int
        var builder: Int
        var observation: Observation

        init(request: Int, builder: Int, observation: Observation) {
            self.request = request
            self.builder = builder
            self.observation = observation
        }

        init(build: BuildbotAnswers.Build, observation: Observation) {
            self.init(request: build.request, builder: build.builder, observation: observation)
        }
    }

    /// After a bad end: whether somebody at Buildbot has it done again.
    private func followed(_ seen: Seen, _ run: Run) async throws(RemoteFault) -> Observation {
        guard seen.observation.status.isEnd, seen.observation.status != .succeeded else { return seen.observation }
        let next = try await provider.request(
            of: run.attempt, order, at: master, builder: seen.builder, after: seen.request)
        guard let next else { return seen.observation }
        return try await look(atRequest: next.id, of: run).observation
    }

    private func look(atRequest id: Int, of run: Run) async throws(RemoteFault) -> Seen {
        let found = try await master.read(BuildbotAnswers.Requests.self, "buildrequests/\(id)")
        guard let request = found.buildrequests.first else { throw .missing(reason: "the request is gone") }
        let newest = try await provider.builds(of: id, at: master).last
        let isInterrupted = newest.map { $0.isComplete && $0.results == BuildbotResult.retry.rawValue } ?? true
        if let newest, !isInterrupted {
            return Seen(build: newest, observation: try await look(at: newest, of: run))
        }
        let waiting = provider.waiting(id, of: run.attempt, at: master)
        let status: Observation.Status =
            request.isComplete ? Self.status(ofUnbuilt: BuildbotResult(request.results)) : .waiting
        return Seen(
            request: id, builder: request.builder,
            observation: Observation(status: status, run: waiting == run ? nil : waiting))
    }

    private func look(at build: BuildbotAnswers.Build, of run: Run) async throws(RemoteFault) -> Observation {
        let located = Run(
            attempt: run.attempt, provider: run.provider, id: BuildbotRunID.build(build.id).description,
            url: "\(master.settings.baseURL)/#/builders/\(build.builder)/builds/\(build.number)")
        let better = located == run ? nil : located
        guard build.isComplete else {
            let phase = try await phase(of: build, run.attempt)
            return Observation(status: .running, phase: phase, run: better)
        }
        let result = BuildbotResult(build.results)
        let step = result == .failure ? try await failedStep(of: build) : nil
        return Observation(status: Self.status(of: result, failedStep: step), run: better)
    }

    // MARK: - Ends

    private static func status(of result: BuildbotResult?, failedStep: String?) -> Observation.Status {
        switch result {
        case .success, .warnings: .succeeded
        case .failure: .failed(BuildbotWords.failed(in: failedStep))
        case .skipped: .failed(BuildbotWords.skipped)
        case .exception: .failed(BuildbotWords.broken)
        case .cancelled: .cancelled
        case .retry: .waiting
        case nil: .lost(reason: "the build ended with a result that Kiln does not know")
        }
    }

    /// A request that is complete and has no build that ended.
    private static func status(ofUnbuilt result: BuildbotResult?) -> Observation.Status {
        switch result {
        case .cancelled: .cancelled
        // `collapseRequests`: another request was built in its place, with other properties.
        case .skipped: .failed(BuildbotWords.merged)
        default: .lost(reason: "the request was closed without a build that ended")
        }
    }

    private func failedStep(of build: BuildbotAnswers.Build) async throws(RemoteFault) -> String? {
        try await steps(of: build.id).last { $0.results == BuildbotResult.failure.rawValue }?.name
    }

    // MARK: - Phases

    private func phase(of build: BuildbotAnswers.Build, _ attempt: Attempt) async throws(RemoteFault) -> Phase? {
        let steps = try await steps(of: build.id)
        guard let current = steps.first(where: { !$0.isComplete }) ?? steps.last else { return nil }
        let done = steps.count(where: \.isComplete)
        // A master names a step when it begins: how many there will be, the last good build tells.
        guard let all = try await expectedSteps(of: build, attempt), all > 0 else {
            return Phase(label: current.name.shownLine(), percent: nil)
        }
        return Phase(label: current.name.shownLine(), percent: min(99, done * 100 / all))
    }

    private func steps(of build: Int) async throws(RemoteFault) -> [BuildbotAnswers.Step] {
        try await master.read(BuildbotAnswers.Steps.self, "builds/\(build)/steps").steps
            .sorted { $0.number < $1.number }
    }

    private func expectedSteps(
        of build: BuildbotAnswers.Build, _ attempt: Attempt
    ) async throws(RemoteFault) -> Int? {
        if let known = provider.logs.expectedSteps(of: attempt) { return known == 0 ? nil : known }
        let good = try await master.read(
            BuildbotAnswers.Builds.self, "builders/\(build.builder)/builds",
            [("complete", "true"), ("results", "0"), ("order", "-number"), ("limit", "1")])
        var count = 0
        if let last = good.builds.first { count = try await steps(of: last.id).count }
        provider.logs.keep(expectedSteps: count, of: attempt)
        return count == 0 ? nil : count
    }
}

/// How a build, a step or a request ended.
enum BuildbotResult: Int, Sendable {
    case success, warnings, failure, skipped, exception, retry, cancelled

    init?(_ number: Int?) {
        guard let number, let result = BuildbotResult(rawValue: number) else { return nil }
        self = result
    }
}

/// What requesters read.
enum BuildbotWords {
    static func failed(in step: String?) -> Failure {
        let place = step.map { " in the step `\($0.shownLine())`" } ?? ""
        return Failure(kind: .build, message: "The build failed\(place).")
    }

    static let merged = Failure(
        kind: .infrastructure,
        message: "The build system merged this build with another one and did not run it. Its operator has to switch "
            + "`collapseRequests` off.")
    static let skipped = Failure(
        kind: .infrastructure, message: "The build system skipped this build without running it.")
    static let broken = Failure(
        kind: .infrastructure,
        message: "Something broke in the build system itself. Nothing is wrong with what you sent.")
}
