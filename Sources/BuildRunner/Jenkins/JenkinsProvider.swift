import Curl
package import Domain
import Logging

/// Builds in a job of a Jenkins server, which is started with parameters.
///
/// Jenkins merges queued items whose parameters are the same; `KILN_ATTEMPT` differs for each attempt, so that none of
/// Kiln's are. A build that a person starts again with the same parameters ("Rebuild", "Replay") is followed instead.
package struct JenkinsProvider: BuildProvider {
    package let name = "jenkins"
    package let pollInterval = Duration.seconds(5)
    package let settlingTime = RemoteAPI.settlingTime

    let tools: RemoteTools
    let logs: JenkinsLogs

    package init(tools: RemoteTools) {
        self.tools = tools
        logs = JenkinsLogs(folder: "\(tools.scratch)/jenkins")
    }

    var api: RemoteAPI { RemoteAPI(tools: tools, name: "Jenkins") }

    func settings(of recipe: Recipe) throws(RemoteFault) -> JenkinsSettings {
        guard case .jenkins(let settings) = recipe.build.settings(at: .jenkins) else {
            throw .refused(FailureWords.notStartable)
        }
        return settings
    }

    func client(for order: BuildOrder) throws(RemoteFault) -> JenkinsClient {
        try JenkinsClient(try settings(of: order.recipe), api: api)
    }

    func run(_ id: JenkinsRunID, _ attempt: Attempt, at client: JenkinsClient) -> Run {
        let url: String
        switch id {
        case .queued: url = "\(client.job)/"
        case .build(let number): url = "\(client.build(number))/"
        }
        return Run(attempt: attempt, provider: name, id: id.description, url: url)
    }

    // MARK: - Starting

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            if let known = try await find(attempt, at: client) { return run(known, attempt, at: client) }
            let fields = tools.parameters(of: order, as: attempt).values.map { (name: $0.name, value: $0.value) }
            let answer: HTTPAnswer
            do throws(RemoteFault) {
                answer = try await client.post(
                    "\(client.job)/buildWithParameters", fields, also: [302, 303, 409])
            } catch .missing(let reason) {
                tools.logger.error("a job is not there", metadata: ["provider": "\(name)", "answer": "\(reason)"])
                throw .refused(FailureWords.notStartable)
            }
            return run(try queued(by: answer), attempt, at: client)
        }
    }

    /// What a trigger's answer says.
    private func queued(by answer: HTTPAnswer) throws(RemoteFault) -> JenkinsRunID {
        let location = answer.headers["location"] ?? ""
        if (200..<400).contains(answer.status), let item = JenkinsRunID(location: location) { return item }
        if answer.status == 409 {
            throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: "the job is disabled at Jenkins")
        }
        if (300..<400).contains(answer.status), location.contains("/login") || location.contains("Login") {
            throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: "Jenkins asks for a log-in")
        }
        throw .unknown(reason: "Jenkins answered \(answer.status) and named no queue item")
    }

    // MARK: - Finding

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            return try await find(attempt, at: client).map { run($0, attempt, at: client) }
        }
    }

    /// The attempt's newest build, or its place in the queue.
    func find(_ attempt: Attempt, at client: JenkinsClient) async throws(RemoteFault) -> JenkinsRunID? {
        // An item that leaves the queue between the two looks is a build by the second one.
        let queued = try await queueItem(of: attempt, at: client)
        return try await newestBuild(of: attempt, at: client) ?? queued
    }

    private func queueItem(
        of attempt: Attempt, at client: JenkinsClient
    ) async throws(RemoteFault) -> JenkinsRunID? {
        let queue = try await client.json(
            JenkinsAnswers.Queue.self, of: "\(client.base)/queue",
            tree: "items[id,cancelled,actions[parameters[name,value]]]")
        return queue.items.first { $0.actions?.parameter(JobParameters.attempt) == attempt.publicKey }.map {
            .queued($0.id)
        }
    }

    /// - Returns: `nil` as well if the job is not there.
    func newestBuild(
        of attempt: Attempt, at client: JenkinsClient
    ) async throws(RemoteFault) -> JenkinsRunID? {
        do throws(RemoteFault) {
            let builds = try await client.json(
                JenkinsAnswers.Builds.self, of: client.job,
                tree: "allBuilds[number,actions[parameters[name,value]]]{0,\(Self.mostBuilds)}")
            return builds.allBuilds.filter { $0.actions?.parameter(JobParameters.attempt) == attempt.publicKey }
                .map(\.number).max().map { .build($0) }
        } catch .missing {
            return nil
        }
    }

    /// Builds of the job that are looked through, from the newest on.
    private static let mostBuilds = 200
}
