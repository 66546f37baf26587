import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// A GitLab with one project `group/sub/image`, as its API documentation describes version 4.
///
/// Pipelines have two jobs: `build / make` and `publish / upload`. What Kiln asks wrongly is refused as GitLab does, or
/// is a complaint.
final class GitLabPlayer: PlayedCI {
    struct Pipeline: Sendable {
        var id: Int64
        var source: String
        var status = "pending"
        var variables: [String: String]
        var createdAt: Timestamp
        var jobs: [Job]
        var yamlErrors: String?
    }

    struct Job: Sendable {
        var id: Int64
        var stage: String
        var name: String
        var status: String
        var startedAt: Timestamp?
        var failureReason: String?
        var trace: [UInt8] = []
        var files: [(name: String, bytes: [UInt8])] = []
    }

    struct State: Sendable {
        var pipelines: [Pipeline] = []
        var nextID: Int64 = 100
        var complaints: [String] = []
        var minimumRole = "developer"
        var scopes = ["api"]
        var releases: [String: [(name: String, url: String)]] = [:]
        var assets: [String: [UInt8]] = [:]
        /// Where archives are, if not here.
        var storage: String?
    }

    static let token = "glpat-s3cret"
    static let triggerToken = "glptt-tr1gger"
    static let project = "group/sub/image"

    let state = NIOLockedValueBox(State())
    let server: PlayerServer
    let clock = ManualClock()
    let provider: any BuildProvider
    let providerWithoutSecrets: (any BuildProvider)?
    let settings: GitLabSettings
    let directory: TemporaryDirectory
    let abilities = Set(PlayedAbility.allCases)

    /// - Parameter hasRanges: whether a part of a trace can be asked for; GitLab's own application sends it whole.
    init(
        byTriggerToken: Bool = false, hasRanges: Bool = true, releaseTag: JobTemplate? = nil, ref: String = "main",
        project: String = GitLabPlayer.project
    ) async throws {
        let (state, clock) = (state, clock)
        let desk = GitLabDesk(
            state: state, clock: clock, hasRanges: hasRanges,
            jobs: try ContractValidator.find("gitlab/schemas/job.json"),
            pipelines: try ContractValidator.find("gitlab/schemas/pipeline/basic.json"))
        server = try await PlayerServer { desk.answer($0) }
        directory = try TemporaryDirectory()
        settings = GitLabSettings(
            baseURL: server.url, project: project, ref: ref, token: SecretName("TOKEN"),
            triggerToken: byTriggerToken ? SecretName("TRIGGER") : nil, releaseTag: releaseTag)
        let secrets = ["TOKEN": Self.token, "TRIGGER": Self.triggerToken]
        provider = GitLabProvider(
            tools: Played.tools(secrets: secrets, clock: clock, scratch: directory.path("scratch")))
        providerWithoutSecrets = GitLabProvider(
            tools: Played.tools(secrets: [:], clock: clock, scratch: directory.path("other")))
    }

    /// The same provider after a restart: nothing in memory, nothing on disk.
    func restarted() -> GitLabProvider {
        let secrets = ["TOKEN": Self.token, "TRIGGER": Self.triggerToken]
        return GitLabProvider(
            tools: Played.tools(secrets: secrets, clock: clock, scratch: directory.path("scratch-\(UUID().uuidString)"))
        )
    }

    func order(_ name: String) -> BuildOrder {
        let template = (try? JobTemplate("{{name}}")).map { [JobParameter(name: "NAME", value: $0)] } ?? []
        return Played.order(name, at: .gitlab(settings), parameters: template, clock: clock)
    }

    func startsRun(_ request: PlayerServer.Request) -> Bool {
        request.method == "POST" && request.path.hasSuffix("/pipeline")
    }

    func asksForState(_ request: PlayerServer.Request) -> Bool {
        request.method == "GET" && request.path.contains("/pipelines/") && request.path.last?.isNumber == true
    }

    func runCount(of attempt: Attempt) async -> Int {
        state.withLockedValue { $0.pipelines.count { $0.variables["KILN_ATTEMPT"] == attempt.publicKey } }
    }

    func change(_ attempt: Attempt, _ change: (inout Pipeline, inout State) -> Void) {
        state.withLockedValue { state in
            guard let place = state.pipelines.firstIndex(where: { $0.variables["KILN_ATTEMPT"] == attempt.publicKey })
            else {
                return
            }
            var pipeline = state.pipelines[place]
            change(&pipeline, &state)
            state.pipelines[place] = pipeline
        }
    }

    func move(_ attempt: Attempt, to played: PlayedState) async throws {
        clock.advance(by: .seconds(1))
        let now = clock.now()
        if played == .deleted {
            return state.withLockedValue { state in
                state.pipelines.removeAll { $0.variables["KILN_ATTEMPT"] == attempt.publicKey }
            }
        }
        change(attempt) { pipeline, state in
            switch played {
            case .queued:
                pipeline.status = "pending"
            case .running:
                pipeline.status = "running"
                pipeline.jobs[0].status = "running"
                pipeline.jobs[0].startedAt = now
            case .succeeded:
                pipeline.status = "success"
                for place in pipeline.jobs.indices where pipeline.jobs[place].status != "failed" {
                    pipeline.jobs[place].status = "success"
                    pipeline.jobs[place].startedAt = pipeline.jobs[place].startedAt ?? now + .seconds(place)
                }
            case .failed:
                pipeline.status = "failed"
                pipeline.jobs[0].status = "failed"
                pipeline.jobs[0].failureReason = "script_failure"
                pipeline.jobs[1].status = "skipped"
            case .cancelled:
                Self.cancel(&pipeline)
                pipeline.status = "canceled"
            case .deleted:
                break
            case .restarted:
                var again = pipeline.jobs[0]
                again.id = state.nextID
                again.status = "running"
                again.startedAt = now
                again.failureReason = nil
                again.trace = []
                state.nextID += 1
                pipeline.status = "running"
                pipeline.jobs.append(again)
                pipeline.jobs[1].status = "created"
            }
        }
    }

    /// What a job sees of a variable: the runner's expansion, with `leaked` for every variable that exists.
    static func inJob(_ value: String) -> String {
        value.replacing(/\$(?<name>[A-Za-z_][A-Za-z0-9_]*|\$|\W)/) { $0.output.name == "$" ? "$" : "leaked" }
    }

    static func cancel(_ pipeline: inout Pipeline) {
        guard !["success", "failed", "canceled", "skipped"].contains(pipeline.status) else { return }
        pipeline.status = "canceling"
        for place in pipeline.jobs.indices where pipeline.jobs[place].status != "success" {
            pipeline.jobs[place].status = "canceled"
        }
    }

    func write(_ log: [UInt8], by attempt: Attempt) async throws {
        change(attempt) { pipeline, _ in pipeline.jobs[0].trace = log }
    }

    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws {
        change(attempt) { pipeline, _ in pipeline.jobs[1].files.append(("out/\(name)", bytes)) }
    }
}
