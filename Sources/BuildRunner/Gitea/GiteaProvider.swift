package import Domain
import Logging
import NIOConcurrencyHelpers

/// Builds as runs of a workflow of Gitea or Forgejo Actions. Rights and set-up: docs/providers/gitea.md.
///
/// A run is found again by its name, which the workflow's `run-name` makes of the input `KILN_ATTEMPT`.
package struct GiteaProvider: BuildProvider {
    package let name = ProviderSettings.Name.gitea.rawValue
    package let pollInterval = Duration.seconds(10)
    package let settlingTime = RemoteAPI.settlingTime

    let tools: RemoteTools
    let feed: JobLogFeed
    let archives: ArchivedFiles
    /// Attempts whose dispatch was accepted without a word of its run, and when.
    private let unnamed = NIOLockedValueBox<[String: Timestamp]>([:])

    private static let pageSize = 50
    private static let mostPages = 10
    private static let clockDifference = Duration.seconds(900)
    /// An accepted run that is not listed with its key by then has a workflow whose `run-name` does not show it.
    private static let patience = Duration.seconds(300)

    package init(tools: RemoteTools) {
        self.tools = tools
        feed = JobLogFeed(folder: "\(tools.scratch)/gitea/logs", dialect: .gitea)
        archives = ArchivedFiles(folder: "\(tools.scratch)/gitea/archives")
    }

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            if let run = try await search(attempt, order, calls) { return run }
            switch try await calls.start(tools.parameters(of: order, as: attempt)) {
            case .run(let details):
                return Run(
                    attempt: attempt, provider: name, id: String(details.workflow_run_id), url: details.html_url)
            case .unnamed:
                let now = tools.clock.now()
                unnamed.withLockedValue { $0[attempt.key] = now }
                guard let run = try await search(attempt, order, calls) else { throw Self.notListed }
                return run
            }
        }
    }

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await remoteAnswer { () throws(RemoteFault) in try await search(attempt, order, calls(order)) }
    }

    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            let sight: GiteaSight
            do throws(RemoteFault) {
                sight = GiteaSight(run: try await calls.run(run.id), jobs: try await calls.jobs(of: run.id))
            } catch .missing(let reason) {
                return Observation(status: .lost(reason: reason))
            }
            feed.note(logJobs(sight, calls), of: run.attempt)
            return Observation(
                status: sight.status, phase: sight.phase,
                run: sight.run.html_url == run.url ? nil : self.run(sight.run, run.attempt))
        }
    }

    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            return try await feed.read(run.attempt, from: offset, limit: limit, calls.forge) {
                () throws(RemoteFault) in
                let sight = GiteaSight(run: try await calls.run(run.id), jobs: try await calls.jobs(of: run.id))
                return logJobs(sight, calls)
            }
        }
    }

    package func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        guard let order else {
            // With the recipe went the address and the token's name; asking again would change nothing.
            tools.logger.warning(
                "a run whose recipe is gone cannot be ended by Kiln", metadata: ["attempt": "\(attempt.key)"])
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
            if try await calls.cancel(id) { return }
            // Gone, over, or on a server that cannot end runs by its API: asked again now and then until it is over.
            do throws(RemoteFault) {
                guard try await !calls.run(id).progress.isEnd else { return }
            } catch .missing {
                return
            }
            tools.logger.warning(
                "this Gitea or Forgejo has no call to cancel a run; it goes on there",
                metadata: ["attempt": "\(attempt.key)", "run": "\(id)"])
            throw .refused(ForgeWords.goesOn)
        }
    }

    /// The forge keeps its runs; only copies on this machine are removed.
    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        unnamed.withLockedValue { $0[attempt.key] = nil }
        await feed.forget(attempt)
        await archives.forget(attempt)
        return .done(())
    }

    package func changes(of run: Run) -> AsyncStream<Void>? { nil }

    func calls(_ order: BuildOrder) throws(RemoteFault) -> GiteaCalls {
        guard case .gitea(let settings) = order.recipe.build.settings(at: .gitea) else {
            throw .refused(FailureWords.notStartable)
        }
        return try GiteaCalls(settings, tools)
    }

    private func logJobs(_ sight: GiteaSight, _ calls: GiteaCalls) -> [JobLogFeed.Job] {
        sight.begun.map { JobLogFeed.Job(key: $0.key, url: calls.logURL(of: $0), isEnded: $0.progress.isEnd) }
    }

    private func run(_ run: GiteaRun, _ attempt: Attempt) -> Run {
        Run(attempt: attempt, provider: name, id: String(run.id), url: run.html_url)
    }

    /// Looks through the dispatched runs, newest first, for the one that shows the attempt's key.
    private func search(
        _ attempt: Attempt, _ order: BuildOrder, _ calls: GiteaCalls
    ) async throws(RemoteFault) -> Run? {
        let since = order.build.createdAt - Self.clockDifference
        for page in 1...Self.mostPages {
            let runs = try await calls.runs(page: page, size: Self.pageSize)
            if let found = runs.first(where: { $0.shows(attempt.publicKey) }) {
                unnamed.withLockedValue { $0[attempt.key] = nil }
                return run(found, attempt)
            }
            // A server may have smaller pages than were asked for, so that only an empty one is the last.
            let isOld = runs.last?.beganAt.map { $0 < since } ?? false
            if runs.isEmpty || isOld { return try none(attempt) }
        }
        throw .unknown(reason: "gitea has had too many runs since the build was accepted to look through them")
    }

    /// No run has the key; but if one was accepted, a second must not be started (P3).
    private func none(_ attempt: Attempt) throws(RemoteFault) -> Run? {
        guard let acceptedAt = unnamed.withLockedValue({ $0[attempt.key] }) else { return nil }
        guard tools.clock.now() - acceptedAt >= Self.patience else { throw Self.notListed }
        tools.logger.error(
            "a run was started and cannot be found: the workflow's `run-name` has to show the input KILN_ATTEMPT",
            metadata: ["attempt": "\(attempt.key)"])
        throw .refused(FailureWords.notStartable)
    }

    private static let notListed = RemoteFault.unknown(
        reason: "gitea accepted the run and does not list it with its key (does `run-name` show KILN_ATTEMPT?)")
}
