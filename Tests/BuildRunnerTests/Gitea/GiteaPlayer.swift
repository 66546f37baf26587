import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// A Gitea or Forgejo with one repository `kiln/image`, as their API descriptions say. Runs have the jobs `make` and
/// `upload`.
final class GiteaPlayer: PlayedCI {
    enum Server: Hashable, Sendable {
        /// Names the run in the answer to a dispatch, and can cancel.
        case gitea
        /// Neither of these.
        case olderGitea
        /// Answers in Forgejo's words; a dispatch is accepted without a name.
        case forgejo
    }

    struct PlayedRun: Sendable {
        var id: Int64
        var title: String
        var progress = PlayedProgress.queued
        var attempt: Int64 = 1
        var inputs: [String: String]
        var startedAt: Timestamp?
        var jobs: [Job]
        var files: [(name: String, bytes: [UInt8])] = []
    }

    struct Job: Sendable {
        var id: Int64
        var name: String
        var progress = PlayedProgress.queued
        var startedAt: Timestamp?
        var log: [UInt8] = []
    }

    enum PlayedProgress: Hashable, Sendable {
        case queued, running, success, failure, cancelled, skipped
    }

    struct State: Sendable {
        var runs: [PlayedRun] = []
        var nextID: Int64 = 100
        var complaints: [String] = []
        var assets: [String: [UInt8]] = [:]
        var releases: [String: [(name: String, size: Int64, url: String)]] = [:]
        var storage: String?
        var mayPush = true
        var workflow = "name: Image\nrun-name: Kiln ${{ inputs.KILN_ATTEMPT }}\n"
    }

    static let token = "gitea-s3cret"
    /// Inputs that the workflow declares; others do not reach it.
    static let declared: Set = ["KILN_ATTEMPT", "KILN_URL", "NAME"]

    let state = NIOLockedValueBox(State())
    let server: PlayerServer
    let clock = ManualClock()
    let provider: any BuildProvider
    let providerWithoutSecrets: (any BuildProvider)?
    let settings: GiteaSettings
    let directory: TemporaryDirectory
    let abilities: Set<PlayedAbility>

    init(
        _ kind: Server = .gitea, releaseTag: JobTemplate? = nil, ref: String = "main", workflow: String = "image.yml"
    ) async throws {
        let (state, clock) = (state, clock)
        let desk = GiteaDesk(
            state: state, clock: clock, kind: kind,
            validator: kind == .forgejo ? nil : try ContractValidator.find("gitea/swagger-actions-releases.json"))
        server = try await PlayerServer { desk.answer($0) }
        directory = try TemporaryDirectory()
        guard let slug = RepositorySlug("kiln/image") else { throw CocoaError(.formatting) }
        settings = GiteaSettings(
            baseURL: server.url, repository: slug, workflow: workflow, ref: ref, token: SecretName("TOKEN"),
            releaseTag: releaseTag)
        abilities = Set(PlayedAbility.allCases).subtracting(kind == .olderGitea ? [.cancel] : [])
        provider = GiteaProvider(
            tools: Played.tools(secrets: ["TOKEN": Self.token], clock: clock, scratch: directory.path("scratch")))
        providerWithoutSecrets = GiteaProvider(
            tools: Played.tools(secrets: [:], clock: clock, scratch: directory.path("other")))
    }

    var complaints: [String] { state.withLockedValue { $0.complaints } }

    func order(_ name: String) -> BuildOrder {
        let template = (try? JobTemplate("{{name}}")).map { [JobParameter(name: "NAME", value: $0)] } ?? []
        return Played.order(name, at: .gitea(settings), parameters: template, clock: clock)
    }

    func startsRun(_ request: PlayerServer.Request) -> Bool { request.path.hasSuffix("/dispatches") }

    func asksForState(_ request: PlayerServer.Request) -> Bool {
        request.method == "GET" && request.path.contains("/runs/") && request.path.last?.isNumber == true
    }

    func runCount(of attempt: Attempt) async -> Int {
        state.withLockedValue { $0.runs.count { $0.inputs["KILN_ATTEMPT"] == attempt.publicKey } }
    }

    func change(_ attempt: Attempt, _ change: (inout PlayedRun) -> Void) {
        state.withLockedValue { state in
            guard let place = state.runs.firstIndex(where: { $0.inputs["KILN_ATTEMPT"] == attempt.publicKey }) else {
                return
            }
            change(&state.runs[place])
        }
    }

    func move(_ attempt: Attempt, to played: PlayedState) async throws {
        clock.advance(by: .seconds(1))
        let now = clock.now()
        if played == .deleted {
            return state.withLockedValue { state in
                state.runs.removeAll { $0.inputs["KILN_ATTEMPT"] == attempt.publicKey }
            }
        }
        change(attempt) { run in
            switch played {
            case .queued: run.progress = .queued
            case .running:
                run.progress = .running
                run.startedAt = now
                run.jobs[0].progress = .running
                run.jobs[0].startedAt = now
            case .succeeded:
                run.progress = .success
                for place in run.jobs.indices {
                    run.jobs[place].progress = .success
                    run.jobs[place].startedAt = run.jobs[place].startedAt ?? now + .seconds(place)
                }
            case .failed:
                run.progress = .failure
                run.jobs[0].progress = .failure
                run.jobs[1].progress = .skipped
            case .cancelled: Self.cancel(&run)
            case .deleted: break
            case .restarted:
                // The same jobs once more.
                run.attempt += 1
                run.progress = .running
                run.jobs[0].progress = .running
                run.jobs[0].startedAt = now
                run.jobs[0].log = []
                run.jobs[1].progress = .queued
            }
        }
    }

    static func cancel(_ run: inout PlayedRun) {
        guard [.queued, .running].contains(run.progress) else { return }
        run.progress = .cancelled
        for place in run.jobs.indices where [.queued, .running].contains(run.jobs[place].progress) {
            run.jobs[place].progress = .cancelled
        }
    }

    /// Lines as the runner sends them, with the moment of each.
    func write(_ log: [UInt8], by attempt: Attempt) async throws {
        guard log.count < 1 << 20 else { return change(attempt) { $0.jobs[0].log = log } }
        let moment = Array("2026-11-18T10:13:20.1234567Z ".utf8)
        var lines: [UInt8] = []
        for line in log.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            lines += moment + line + [0x0A]
        }
        let shown = lines
        change(attempt) { $0.jobs[0].log = shown }
    }

    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws {
        change(attempt) { $0.files.append((name, bytes)) }
    }
}
