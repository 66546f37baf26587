import Curl
import Domain
import Logging

/// The calls of Gitea's API (version 1, which Forgejo has too) that Kiln makes for one recipe.
struct GiteaCalls: Sendable {
    /// What became of a dispatch.
    enum Started: Sendable {
        case run(GiteaRunDetails)
        /// Accepted by a server that does not say as which run.
        case unnamed
    }

    let forge: ForgeCalls
    let settings: GiteaSettings

    private static let pageSize = 50
    private static let mostPages = 10

    /// - Throws: `refusedUntil` where the operator has given no token.
    init(_ settings: GiteaSettings, _ tools: RemoteTools) throws(RemoteFault) {
        let token = try tools.needed(settings.token)
        self.settings = settings
        forge = ForgeCalls(
            api: RemoteAPI(tools: tools, name: "gitea"), base: "\(settings.baseURL)/api/v1",
            credentials: [(name: "Authorization", value: "token \(token)")])
    }

    var repository: String { "/repos/\(settings.repository)" }

    func start(_ parameters: JobParameters) async throws(RemoteFault) -> Started {
        let dispatch = Dispatch(
            ref: settings.ref, inputs: Dictionary(parameters.values.map { ($0.name, $0.value) }) { $1 })
        let answer = try await forge.send(
            .post, "\(repository)/actions/workflows/\(settings.workflow.percentEncoded)/dispatches",
            query: [("return_run_details", "true")], body: try .json(dispatch), for: .acting)
        guard answer.status != 204 else { return .unnamed }
        return .run(try forge.api.decode(GiteaRunDetails.self, answer, for: .acting))
    }

    private struct Dispatch: Encodable {
        var ref: String
        var inputs: [String: String]
    }

    /// Dispatched runs, newest first; `page` counts from 1.
    func runs(page: Int, size: Int) async throws(RemoteFault) -> [GiteaRun] {
        let runs = try await forge.json(
            GiteaRuns.self, "\(repository)/actions/runs",
            query: [("event", "workflow_dispatch"), ("limit", String(size)), ("page", String(page))])
        return runs.workflow_runs ?? []
    }

    func run(_ id: String) async throws(RemoteFault) -> GiteaRun {
        try await forge.json(GiteaRun.self, "\(repository)/actions/runs/\(id.percentEncoded)")
    }

    func jobs(of id: String) async throws(RemoteFault) -> [GiteaJob] {
        var jobs: [GiteaJob] = []
        var seen: Set<Int64> = []
        for page in 1...Self.mostPages {
            let found = try await forge.json(
                GiteaJobs.self, "\(repository)/actions/runs/\(id.percentEncoded)/jobs",
                query: [("limit", String(Self.pageSize)), ("page", String(page))]
            ).jobs
            // Forgejo has no pages here: it sends all jobs each time.
            let new = found.filter { seen.insert($0.id).inserted }
            jobs += new
            if found.count < Self.pageSize || new.isEmpty { break }
        }
        return jobs
    }

    func logURL(of job: GiteaJob) -> String { "\(forge.base)\(repository)/actions/jobs/\(job.id)/logs" }

    func artifacts(of id: String) async throws(RemoteFault) -> [GiteaArtifact] {
        try await forge.json(GiteaArtifacts.self, "\(repository)/actions/runs/\(id.percentEncoded)/artifacts")
            .artifacts
    }

    func archiveURL(of artifact: GiteaArtifact) -> String {
        "\(forge.base)\(repository)/actions/artifacts/\(artifact.id)/zip"
    }

    /// - Returns: `false` if the server knows no such call.
    func cancel(_ id: String) async throws(RemoteFault) -> Bool {
        // 409: it has ended already.
        let answer = try await forge.send(
            .post, "\(repository)/actions/runs/\(id.percentEncoded)/cancel", for: .acting, also: [404, 405, 409])
        return answer.status != 404 && answer.status != 405
    }

    func release(_ tag: String) async throws(RemoteFault) -> GiteaRelease {
        try await forge.json(GiteaRelease.self, "\(repository)/releases/tags/\(tag.percentEncoded)")
    }
}
