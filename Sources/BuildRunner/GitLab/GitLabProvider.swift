package import Domain
import Logging
import NIOConcurrencyHelpers

/// Builds as pipelines of a GitLab project. Rights and set-up: docs/providers/gitlab.md.
///
/// A pipeline is found again by its variable `KILN_ATTEMPT`. Pipelines that it triggers elsewhere are not followed.
package struct GitLabProvider: BuildProvider {
    package let name = ProviderSettings.Name.gitlab.rawValue
    package let pollInterval = Duration.seconds(10)
    package let settlingTime = RemoteAPI.settlingTime

    let tools: RemoteTools
    let feed: JobLogFeed
    let archives: ArchivedFiles
    private let known = KnownKeys()

    /// Newest pipelines that are looked through for a key; beyond them, nobody knows.
    private static let pageSize = 50
    private static let mostPages = 10
    /// How far the clocks of GitLab and Kiln may be apart.
    private static let clockDifference = Duration.seconds(900)

    package init(tools: RemoteTools) {
        self.tools = tools
        feed = JobLogFeed(folder: "\(tools.scratch)/gitlab/logs", dialect: .gitlab)
        archives = ArchivedFiles(folder: "\(tools.scratch)/gitlab/archives")
    }

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            let parameters = try GitLabValue.escaped(tools.parameters(of: order, as: attempt))
            // The same attempt never has two runs, and a key that cannot be looked up later is not sent.
            if let run = try await search(attempt, order, calls) { return run }
            let pipeline = try await calls.start(parameters)
            known.learn(attempt.publicKey, of: pipeline.id, in: calls.settings)
            return run(pipeline, attempt)
        }
    }

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await remoteAnswer { () throws(RemoteFault) in try await search(attempt, order, calls(order)) }
    }

    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            let sight: GitLabSight
            do throws(RemoteFault) {
                sight = GitLabSight(pipeline: try await calls.pipeline(run.id), jobs: try await calls.jobs(of: run.id))
            } catch .missing(let reason) {
                return Observation(status: .lost(reason: reason))
            }
            if let words = sight.pipeline.yaml_errors, !words.isEmpty {
                tools.logger.error(
                    "GitLab cannot read the project's job file",
                    metadata: ["project": "\(calls.settings.project)", "reason": "\(words.shownLine(limit: 300))"])
            }
            feed.note(logJobs(sight, calls), of: run.attempt)
            return Observation(
                status: sight.status, phase: sight.phase,
                run: sight.pipeline.web_url == run.url ? nil : self.run(sight.pipeline, run.attempt))
        }
    }

    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            return try await feed.read(run.attempt, from: offset, limit: limit, calls.forge) {
                () throws(RemoteFault) in
                let pipeline = try await calls.pipeline(run.id)
                return logJobs(GitLabSight(pipeline: pipeline, jobs: try await calls.jobs(of: run.id)), calls)
            }
        }
    }

    package func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        guard let order else {
            // With the recipe went the address and the token's name; asking again would change nothing.
            tools.logger.warning(
                "a pipeline whose recipe is gone cannot be ended by Kiln", metadata: ["attempt": "\(attempt.key)"])
            return .done(())
        }
        return await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            let id: String
            if let run {
                id = run.id
            } else {
                guard let found = try await search(attempt, order, calls) else { return }
                id = found.id
            }
            do throws(RemoteFault) {
                try await calls.cancel(id)
            } catch .missing {
                // Somebody removed it.
            }
        }
    }

    /// GitLab keeps its pipelines; only copies on this machine are removed.
    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await feed.forget(attempt)
        await archives.forget(attempt)
        return .done(())
    }

    package func changes(of run: Run) -> AsyncStream<Void>? { nil }

    func calls(_ order: BuildOrder) throws(RemoteFault) -> GitLabCalls {
        guard case .gitlab(let settings) = order.recipe.build.settings(at: .gitlab) else {
            throw .refused(FailureWords.notStartable)
        }
        return try GitLabCalls(settings, tools)
    }

    private func logJobs(_ sight: GitLabSight, _ calls: GitLabCalls) -> [JobLogFeed.Job] {
        sight.begun.map {
            JobLogFeed.Job(key: String($0.id), url: calls.traceURL(of: $0), isEnded: $0.isEnded)
        }
    }

    private func run(_ pipeline: GitLabPipeline, _ attempt: Attempt) -> Run {
        Run(attempt: attempt, provider: name, id: String(pipeline.id), url: pipeline.web_url)
    }

    /// Looks through the pipelines since the build was accepted, newest first, for the one with the attempt's key.
    private func search(
        _ attempt: Attempt, _ order: BuildOrder, _ calls: GitLabCalls
    ) async throws(RemoteFault) -> Run? {
        let since = order.build.createdAt - Self.clockDifference
        for page in 1...Self.mostPages {
            let pipelines = try await calls.pipelines(since: since, page: page, size: Self.pageSize)
            for pipeline in pipelines where isCandidate(pipeline, since) {
                if try await key(of: pipeline, calls) == attempt.publicKey { return run(pipeline, attempt) }
            }
            if pipelines.count < Self.pageSize { return nil }
        }
        throw .unknown(
            reason: "gitlab has had more than \(Self.pageSize * Self.mostPages) pipelines since the build was accepted")
    }

    /// Pipelines of pushes and schedules are not Kiln's.
    private func isCandidate(_ pipeline: GitLabPipeline, _ since: Timestamp) -> Bool {
        guard ["trigger", "api", nil].contains(pipeline.source) else { return false }
        guard let created = pipeline.created_at.flatMap({ Timestamp(rfc3339: $0) }) else { return true }
        return created >= since
    }

    private func key(of pipeline: GitLabPipeline, _ calls: GitLabCalls) async throws(RemoteFault) -> String? {
        if let known = known.key(of: pipeline.id, in: calls.settings) { return known }
        do throws(RemoteFault) {
            let variables = try await calls.variables(of: pipeline.id)
            let key = variables.first { $0.key == JobParameters.attempt }?.value ?? ""
            known.learn(key, of: pipeline.id, in: calls.settings)
            return key
        } catch .missing {
            // Removed since it was listed.
            return nil
        }
    }
}

/// Which attempt a pipeline belongs to never changes, so that it is asked once; the newest are remembered.
private final class KnownKeys: Sendable {
    private struct State: Sendable {
        var keys: [String: String] = [:]
        var order: [String] = []
    }

    private static let most = 10_000
    private let state = NIOLockedValueBox(State())

    func key(of id: Int64, in settings: GitLabSettings) -> String? {
        state.withLockedValue { $0.keys[Self.name(id, settings)] }
    }

    func learn(_ key: String, of id: Int64, in settings: GitLabSettings) {
        let name = Self.name(id, settings)
        state.withLockedValue { state in
            if state.keys.updateValue(key, forKey: name) == nil { state.order.append(name) }
            if state.order.count > Self.most {
                for old in state.order.prefix(Self.most / 2) { state.keys[old] = nil }
                state.order.removeFirst(Self.most / 2)
            }
        }
    }

    private static func name(_ id: Int64, _ settings: GitLabSettings) -> String {
        "\(settings.baseURL) \(settings.project) \(id)"
    }
}
