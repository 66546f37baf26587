import Curl
import Domain
import Foundation
import Logging

/// The calls of GitLab's API (version 4) that Kiln makes for one recipe.
struct GitLabCalls: Sendable {
    let forge: ForgeCalls
    let settings: GitLabSettings
    private let tools: RemoteTools

    private static let pageSize = 100
    private static let mostPages = 10

    /// - Throws: `refusedUntil` where the operator has given no token.
    init(_ settings: GitLabSettings, _ tools: RemoteTools) throws(RemoteFault) {
        let token = try tools.needed(settings.token)
        self.settings = settings
        self.tools = tools
        forge = ForgeCalls(
            api: RemoteAPI(tools: tools, name: "gitlab"), base: "\(settings.baseURL)/api/v4",
            credentials: [(name: "PRIVATE-TOKEN", value: token)])
    }

    /// The project's part of addresses.
    var project: String { "/projects/\(settings.project.percentEncoded)" }

    func start(_ parameters: JobParameters) async throws(RemoteFault) -> GitLabPipeline {
        let answer: HTTPAnswer
        if let trigger = settings.triggerToken {
            let token = try tools.needed(trigger)
            let fields =
                [(name: "token", value: token), (name: "ref", value: settings.ref)]
                + parameters.values.map { (name: "variables[\($0.name)]", value: $0.value) }
            let plain = ForgeCalls(api: forge.api, base: forge.base, credentials: [])
            answer = try await plain.send(
                .post, "\(project)/trigger/pipeline", body: .urlEncoded(fields), for: .acting, also: [400])
        } else {
            answer = try await forge.send(
                .post, "\(project)/pipeline", body: try .json(NewPipeline(ref: settings.ref, parameters)), for: .acting,
                also: [400])
        }
        guard answer.status != 400 else {
            let words = (try? JSONDecoder().decode(GitLabRefusal.self, from: Data(answer.body)))?.words ?? "no reason"
            tools.logger.error(
                "GitLab starts no pipeline",
                metadata: [
                    "project": "\(settings.project)", "ref": "\(settings.ref)",
                    "reason": "\(words.shownLine(limit: 300))",
                ]
            )
            throw .refused(FailureWords.notStartable)
        }
        return try forge.api.decode(GitLabPipeline.self, answer, for: .acting)
    }

    private struct NewPipeline: Encodable {
        struct Variable: Encodable {
            var key: String
            var value: String
        }

        var ref: String
        var variables: [Variable]

        init(ref: String, _ parameters: JobParameters) {
            self.ref = ref
            variables = parameters.values.map { Variable(key: $0.name, value: $0.value) }
        }
    }

    /// The newest pipelines of the ref that changed since a moment; `page` counts from 1.
    func pipelines(since moment: Timestamp, page: Int, size: Int) async throws(RemoteFault) -> [GitLabPipeline] {
        try await forge.json(
            [GitLabPipeline].self, "\(project)/pipelines",
            query: [
                ("ref", settings.ref), ("updated_after", moment.description), ("order_by", "id"), ("sort", "desc"),
                ("per_page", String(size)), ("page", String(page)),
            ])
    }

    func pipeline(_ id: String) async throws(RemoteFault) -> GitLabPipeline {
        try await forge.json(GitLabPipeline.self, "\(project)/pipelines/\(id.percentEncoded)")
    }

    func variables(of id: Int64) async throws(RemoteFault) -> [GitLabVariable] {
        try await forge.json([GitLabVariable].self, "\(project)/pipelines/\(id)/variables")
    }

    /// All jobs, retried ones included.
    func jobs(of id: String) async throws(RemoteFault) -> [GitLabJob] {
        var jobs: [GitLabJob] = []
        for page in 1...Self.mostPages {
            let found = try await forge.json(
                [GitLabJob].self, "\(project)/pipelines/\(id.percentEncoded)/jobs",
                query: [
                    ("include_retried", "true"), ("per_page", String(Self.pageSize)), ("page", String(page)),
                ])
            jobs += found
            if found.count < Self.pageSize { break }
        }
        return jobs
    }

    func cancel(_ id: String) async throws(RemoteFault) {
        _ = try await forge.send(.post, "\(project)/pipelines/\(id.percentEncoded)/cancel", for: .acting)
    }

    func traceURL(of job: GitLabJob) -> String { "\(forge.base)\(project)/jobs/\(job.id)/trace" }

    func archiveURL(of job: GitLabJob) -> String { "\(forge.base)\(project)/jobs/\(job.id)/artifacts" }

    func release(_ tag: String) async throws(RemoteFault) -> GitLabRelease {
        try await forge.json(GitLabRelease.self, "\(project)/releases/\(tag.percentEncoded)")
    }
}
