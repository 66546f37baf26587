import Curl
package import Domain
import Foundation
import Logging

/// Builds at a Buildbot master (4 or newer), through its REST interface: a force scheduler starts them.
///
/// A run is named `request/<n>` while it waits and `build/<n>` once a worker took it. The attempt's key is a property of
/// the request, by which it is found again.
package struct BuildbotProvider: BuildProvider {
    package let name = ProviderSettings.Name.buildbot.rawValue
    package let pollInterval = Duration.seconds(5)
    package let settlingTime = RemoteAPI.settlingTime

    let tools: RemoteTools
    let api: RemoteAPI
    let sessions = BuildbotSessions()
    let logs: BuildbotLogs

    package init(tools: RemoteTools) {
        self.tools = tools
        api = RemoteAPI(tools: tools, name: ProviderSettings.Name.buildbot.rawValue)
        logs = BuildbotLogs(spool: LogSpool(folder: "\(tools.scratch)/buildbot"))
    }

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        await remoteAnswer { () async throws(RemoteFault) -> Run in
            let master = try master(order)
            _ = try master.credentials()
            let target = try await target(at: master, order)
            // There is no idempotency key: what was started already has to be looked for.
            if let request = try await request(of: attempt, order, at: master, target) {
                return waiting(request.id, of: attempt, at: master)
            }
            let id = try await force(order, attempt, at: master, target)
            return waiting(id, of: attempt, at: master)
        }
    }

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await remoteAnswer { () async throws(RemoteFault) -> Run? in
            let master = try master(order)
            let target = try await target(at: master, order)
            return try await request(of: attempt, order, at: master, target).map {
                waiting($0.id, of: attempt, at: master)
            }
        }
    }

    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        await remoteAnswer { () async throws(RemoteFault) -> Observation in
            do throws(RemoteFault) {
                return try await BuildbotLook(provider: self, master: master(order), order: order).look(at: run)
            } catch {
                guard case .missing(let reason) = error else { throw error }
                return Observation(status: .lost(reason: reason))
            }
        }
    }

    package func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await remoteAnswer { () async throws(RemoteFault) in
            guard let order else {
                // Without its recipe nobody knows the master and its log-in.
                guard run == nil else { throw .refused(FailureWords.recipeGone) }
                return
            }
            let master = try master(order)
            do throws(RemoteFault) {
                if let request = try await request(of: run, attempt, order, at: master) {
                    try await end(request, at: master)
                }
            } catch {
                guard case .missing = error else { throw error }
            }
        }
    }

    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await logs.remove(attempt)
    }

    /// None: a master's own notices need a reporter in its configuration; callbacks do that better.
    package func changes(of run: Run) -> AsyncStream<Void>? { nil }

    // MARK: - Parts

    func master(_ order: BuildOrder) throws(RemoteFault) -> BuildbotMaster {
        guard case .buildbot(let settings)? = order.recipe.build.settings(at: .buildbot) else {
            throw .refused(FailureWords.notStartable)
        }
        return BuildbotMaster(api: api, settings: settings, sessions: sessions)
    }

    func waiting(_ request: Int, of attempt: Attempt, at master: BuildbotMaster) -> Run {
        Run(
            attempt: attempt, provider: name, id: BuildbotRunID.request(request).description,
            url: "\(master.settings.baseURL)/#/buildrequests/\(request)")
    }

    private func target(at master: BuildbotMaster, _ order: BuildOrder) async throws(RemoteFault) -> BuildbotTarget {
        do throws(RemoteFault) {
            return try await BuildbotTarget.find(at: master)
        } catch {
            if case .missing(let reason) = error {
                tools.logger.error(
                    "Buildbot has no such force scheduler or builder",
                    metadata: [
                        "recipe": "\(order.recipe.id)", "scheduler": "\(master.settings.scheduler)",
                        "answer": "\(reason)",
                    ])
            }
            throw error
        }
    }

    /// The request that a run, or the attempt alone, has; `nil` if there is none.
    private func request(
        of run: Run?, _ attempt: Attempt, _ order: BuildOrder, at master: BuildbotMaster
    ) async throws(RemoteFault) -> Int? {
        switch run.flatMap({ BuildbotRunID($0.id) }) {
        case .request(let id): return id
        case .build(let id):
            let found = try await master.read(BuildbotAnswers.Builds.self, "builds/\(id)")
            return found.builds.first?.request
        case nil:
            let target = try await target(at: master, order)
            return try await request(of: attempt, order, at: master, target)?.id
        }
    }

    /// Ends what a request started, or takes it out of the queue.
    private func end(_ id: Int, at master: BuildbotMaster) async throws(RemoteFault) {
        let found = try await master.read(BuildbotAnswers.Requests.self, "buildrequests/\(id)")
        guard let request = found.buildrequests.first, !request.isComplete else { return }
        let reason = ["reason": BuildbotValue.text("The build was cancelled in Kiln.")]
        if let build = try await builds(of: id, at: master).last, !build.isComplete {
            _ = try await master.control("builds/\(build.id)", "stop", reason, for: .acting)
        } else {
            _ = try await master.control("buildrequests/\(id)", "cancel", reason, for: .acting)
        }
    }

    /// A request's builds, oldest first.
    func builds(of request: Int, at master: BuildbotMaster) async throws(RemoteFault) -> [BuildbotAnswers.Build] {
        let found = try await master.read(BuildbotAnswers.Builds.self, "buildrequests/\(request)/builds")
        return found.builds.sorted { $0.number < $1.number }
    }
}
