import Archives
import Curl
package import Domain
import Logging

/// GitHub Actions, on github.com or GitHub Enterprise Server: one workflow run an attempt.
///
/// The attempt's key stands in the run's name (`run-name`), by which the run is found again.
package struct GitHubProvider: BuildProvider {
    package let name = "github"
    /// A look at what has not changed costs nothing of GitHub's rate limit; webhooks make it sooner.
    package let pollInterval = Duration.seconds(10)
    package let settlingTime = RemoteAPI.settlingTime

    /// How long GitHub's lists may lag behind what was asked.
    static let listLag = Duration.seconds(30)
    /// GitHub's own bounds.
    static let mostInputs = 25

    let tools: RemoteTools
    let memory = GitHubMemory()
    let inspector = ArchiveInspector()
    let spool: LogSpool
    private let beganAt: Timestamp

    package init(tools: RemoteTools) {
        self.tools = tools
        spool = LogSpool(folder: "\(tools.scratch)/github/logs")
        beganAt = tools.clock.now()
    }

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        await remoteAnswer { () async throws(RemoteFault) -> Run in
            let api = try api(order, attempt)
            if let run = memory.notes(of: attempt).run { return run }
            let parameters = tools.parameters(of: order, as: attempt)
            let call = try GitHubDispatch(api.settings, parameters.values).call(in: api)
            let now = tools.clock.now()
            memory.note(attempt) { $0.askedAt = now }
            let answer: HTTPAnswer
            do throws(RemoteFault) {
                answer = try await dispatch(call, api)
            } catch {
                // A clear no started nothing.
                if !error.isOpen { memory.note(attempt) { $0.askedAt = nil } }
                throw error
            }
            if answer.status == 200 {
                let begun = try api.remote.decode(GitHubAnswers.Dispatched.self, answer, for: .acting)
                return take(String(begun.runID), begun.page, attempt)
            }
            if let run = try await search(attempt, order, api) { return run }
            throw .unknown(reason: "GitHub took the dispatch and does not list its run yet")
        }
    }

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await remoteAnswer { () async throws(RemoteFault) -> Run? in
            let api = try api(order, attempt)
            if let run = memory.notes(of: attempt).run { return run }
            if let run = try await search(attempt, order, api) { return run }
            try expectList(of: attempt, order)
            return nil
        }
    }

    package func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await remoteAnswer { () async throws(RemoteFault) in
            let notes = memory.notes(of: attempt)
            if notes.endedAt != nil { return }
            guard let settings = order.flatMap(Self.settings) ?? notes.settings else { return }
            let api = api(settings)
            do throws(RemoteFault) {
                var known = run ?? notes.run
                if known == nil, let order { known = try await search(attempt, order, api) }
                guard let known, let id = Int64(known.id) else {
                    if let order { try expectList(of: attempt, order) }
                    return
                }
                // 409: it has ended.
                _ = try await api.send(
                    GitHubAPI.Call(
                        method: .post, path: "\(api.repository)/actions/runs/\(id)/cancel", purpose: .acting,
                        accepted: [409]))
            } catch .missing {
                return
            }
        }
    }

    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        memory.forget(attempt)
        return await remoteAnswer { () async throws(RemoteFault) in
            try await spool.remove(attempt)
            let folder = folder(of: attempt)
            try await onDisk { () throws(FileFault) in try FolderWork.remove(folder) }
        }
    }

    /// Webhooks nudge the build itself.
    package func changes(of run: Run) -> AsyncStream<Void>? { nil }

    // MARK: - Parts of calls

    static func settings(_ order: BuildOrder) -> GitHubSettings? {
        if case .github(let settings) = order.recipe.build.settings(at: .github) { settings } else { nil }
    }

    func api(_ settings: GitHubSettings) -> GitHubAPI {
        GitHubAPI(settings: settings, remote: RemoteAPI(tools: tools, name: "GitHub"), memory: memory)
    }

    func api(_ order: BuildOrder, _ attempt: Attempt) throws(RemoteFault) -> GitHubAPI {
        guard let settings = Self.settings(order) else {
            tools.logger.error("the recipe has no settings for GitHub", metadata: ["recipe": "\(order.recipe.id)"])
            throw .refused(FailureWords.notStartable)
        }
        memory.note(attempt) { $0.settings = settings }
        return api(settings)
    }

    /// For what an attempt leaves here on its way.
    func folder(of attempt: Attempt) -> String { "\(tools.scratch)/github/\(attempt.key)" }

    /// Remembers the attempt's run.
    func take(_ id: String, _ page: String?, _ attempt: Attempt) -> Run {
        let run = Run(attempt: attempt, provider: name, id: id, url: page)
        memory.note(attempt) { $0.run = run }
        return run
    }

    /// GitHub Enterprise Server before `return_run_details` refuses the member, and with it the dispatch: it is asked
    /// again without.
    private func dispatch(_ call: GitHubDispatch.Calls, _ api: GitHubAPI) async throws(RemoteFault) -> HTTPAnswer {
        guard let plain = call.plain else { return try await api.send(call.first) }
        var first = call.first
        first.accepted = [422]
        let answer = try await api.send(first)
        guard answer.status == 422 else { return answer }
        guard String(decoding: answer.body.prefix(4096), as: UTF8.self).contains("return_run_details") else {
            throw api.fault(of: answer, for: .acting)
        }
        return try await api.send(plain)
    }

    /// That a run is not listed says something only some time after it was asked for; one that an earlier process asked
    /// for is not remembered (P3).
    private func expectList(of attempt: Attempt, _ order: BuildOrder) throws(RemoteFault) {
        let now = tools.clock.now()
        let asked = memory.notes(of: attempt).askedAt ?? (order.build.createdAt < beganAt ? beganAt : nil)
        guard let asked, now < asked + Self.listLag else { return }
        throw .refusedUntil(
            after: min(.seconds(5), asked + Self.listLag - now),
            reason: "GitHub does not list the run, which it may have started a moment ago")
    }
}

extension RemoteFault {
    /// Whether something may have happened nevertheless.
    fileprivate var isOpen: Bool {
        if case .unknown = self { true } else { false }
    }
}
