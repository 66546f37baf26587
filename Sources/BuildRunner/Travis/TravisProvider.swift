import Curl
package import Domain
import Logging

/// Builds at Travis CI, through version 3 of its API: a request becomes a build, which has jobs, which have logs.
///
/// Travis keeps no files: what a run makes is found by the recipe's release link, or sent by the run itself.
package struct TravisProvider: BuildProvider {
    package let name = "travis"
    package let pollInterval = Duration.seconds(10)
    package let settlingTime = RemoteAPI.settlingTime

    let tools: RemoteTools
    let logs: TravisLogs

    package init(tools: RemoteTools) {
        self.tools = tools
        logs = TravisLogs(folder: "\(tools.scratch)/travis", clock: tools.clock)
    }

    var api: RemoteAPI { RemoteAPI(tools: tools, name: "Travis") }

    func settings(of recipe: Recipe) throws(RemoteFault) -> TravisSettings {
        guard case .travis(let settings) = recipe.build.settings(at: .travis) else {
            throw .refused(FailureWords.notStartable)
        }
        return settings
    }

    func client(for order: BuildOrder) throws(RemoteFault) -> TravisClient {
        try TravisClient(try settings(of: order.recipe), api: api)
    }

    func run(_ id: TravisRunID, _ attempt: Attempt, at client: TravisClient) -> Run {
        var url: String?
        if case .build(let number) = id { url = client.page(ofBuild: number) }
        return Run(attempt: attempt, provider: name, id: id.description, url: url)
    }

    // MARK: - Starting

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            if let known = try await search(attempt, at: client).run { return run(known, attempt, at: client) }
            let body = try body(of: order, as: attempt)
            let answer: HTTPAnswer
            do throws(RemoteFault) {
                answer = try await client.post("\(client.repository)/requests", body)
            } catch .missing(let reason) {
                tools.logger.error("a job is not there", metadata: ["provider": "\(name)", "answer": "\(reason)"])
                throw .refused(FailureWords.notStartable)
            }
            let taken = try api.decode(TravisAnswers.Pending.self, answer, for: .acting)
            guard let number = taken.request.id else {
                throw .unknown(reason: "Travis took the request and did not say as which one")
            }
            return run(.request(number), attempt, at: client)
        }
    }

    private func body(of order: BuildOrder, as attempt: Attempt) throws(RemoteFault) -> TravisRequestBody {
        var lines: [String] = []
        for parameter in tools.parameters(of: order, as: attempt).values {
            guard let line = TravisVariable.line(parameter.name, parameter.value) else {
                tools.logger.error(
                    "a parameter cannot be an environment variable",
                    metadata: ["provider": "\(name)", "parameter": "\(parameter.name)"])
                throw .refused(FailureWords.notStartable)
            }
            lines.append(line)
        }
        return TravisRequestBody(
            request: .init(
                message: Self.message(attempt), branch: try settings(of: order.recipe).branch,
                config: .init(env: .init(global: lines))))
    }

    /// Stands for the commit's message in everything that Travis shows of the request.
    private static func message(_ attempt: Attempt) -> String { "Kiln \(attempt.publicKey)" }

    // MARK: - Finding

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            let found = try await search(attempt, at: client)
            if let known = found.run { return run(known, attempt, at: client) }
            // A request shows its message only when Travis has read it: this may be ours (P3).
            if found.hasUnread { throw .unknown(reason: "Travis has a request that it has not read yet") }
            return nil
        }
    }

    /// The newest requests and builds that are looked through.
    private static let most = 100
    /// A request that Travis has not read for so long is stuck, and nobody's.
    private static let longestUnread = Duration.seconds(900)

    func search(
        _ attempt: Attempt, at client: TravisClient
    ) async throws(RemoteFault) -> (run: TravisRunID?, hasUnread: Bool) {
        let message = Self.message(attempt)
        let requests: [TravisAnswers.Request]
        do throws(RemoteFault) {
            requests = try await client.json(
                TravisAnswers.Requests.self, of: "\(client.repository)/requests?limit=\(Self.most)&sort_by=id:desc"
            ).requests
        } catch .missing {
            return (nil, false)
        }
        if let ours = requests.filter({ $0.commit?.message == message || $0.message == message })
            .max(by: { $0.id < $1.id })
        {
            let build = ours.builds?.map(\.id).max()
            return (build.map { .build($0) } ?? .request(ours.id), false)
        }
        let builds = try await client.json(
            TravisAnswers.Builds.self,
            of: "\(client.repository)/builds?event_type=api&limit=\(Self.most)&sort_by=id:desc"
        ).builds
        if let ours = builds.filter({ $0.commit?.message == message }).map(\.id).max() { return (.build(ours), false) }
        return (nil, requests.contains { isUnread($0) })
    }

    private func isUnread(_ request: TravisAnswers.Request) -> Bool {
        guard request.commit == nil, request.result == nil, request.eventType.map({ $0 == "api" }) ?? true else {
            return false
        }
        guard let created = request.createdAt.flatMap({ Timestamp(rfc3339: $0) }) else { return true }
        return tools.clock.now() - created < Self.longestUnread
    }
}
