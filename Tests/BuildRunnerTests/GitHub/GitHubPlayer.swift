import Archives
import BuildRunner
import Curl
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// GitHub as its REST description (2022-11-28) says, with one repository, one workflow, and another host where it keeps
/// files. Every request is held to the description, and so is every answer, where KILN_CONTRACTS names it.
final class GitHubPlayer: PlayedCI {
    struct Ways: Sendable {
        /// Knows `return_run_details`.
        var returnsRun = true
        /// Lists a run only after so many searches.
        var listLag = 0
        /// Running runs look new at every look, so that no answer is a 304.
        var changesAtEachLook = true
        /// Lower-case names of the workflow's inputs; `nil`: any are taken.
        var inputs: Set<String>?
        var trigger = GitHubSettings.Trigger.workflow("build.yml")
        var releaseTag: JobTemplate?
        var app: App?
        var hasLogs = true
    }

    /// A GitHub App that may use the repository, with its key as PEM.
    struct App: Sendable {
        var id: String
        var installation: Int64
        var privateKey: String
        var publicKey: String
    }

    struct PlayedRun: Sendable {
        var id: Int64
        var title: String
        var event: String
        var branch: String
        var inputs: [String: String]
        var createdAt: Timestamp
        var status = "queued"
        var conclusion: String?
        var attempt = 1
        var version = 0
        var log: [UInt8]?
        var files: [(name: String, bytes: [UInt8])] = []
        var searches = 0
    }

    struct State: Sendable {
        var runs: [PlayedRun] = []
        var problems: [String] = []
        var tokens: [String: Timestamp] = [:]
        var callsLeft = 5000
        var assets: [(name: String, bytes: [UInt8], state: String)] = []
    }

    static let repository = "/repos/ada/images"
    static let token = "s3cret-t0ken"
    static let firstRun: Int64 = 9_000_000_001

    let clock: ManualClock
    let server: PlayerServer
    /// Where logs and artifacts lie; knows no token and wants none.
    let store: PlayerServer
    let folder: TemporaryDirectory
    let state: NIOLockedValueBox<State>
    let ways: Ways
    let provider: any BuildProvider
    let providerWithoutSecrets: (any BuildProvider)?
    private let slug: RepositorySlug
    let abilities = Set(PlayedAbility.allCases)

    init(_ ways: Ways = Ways()) async throws {
        guard let slug = RepositorySlug("ada/images") else { throw Kiln.Unexpected.state("no name of a repository") }
        let clock = ManualClock()
        let folder = try TemporaryDirectory()
        let state = NIOLockedValueBox(State())
        let store = try await PlayerServer { await GitHubStore(state: state, folder: folder).answer($0) }
        let routes = GitHubRoutes(
            ways: ways, state: state, clock: clock, store: store.url, contract: try GitHubRoutes.contract())
        server = try await PlayerServer { routes.answer($0) }
        self.ways = ways
        self.slug = slug
        self.clock = clock
        self.folder = folder
        self.state = state
        self.store = store
        var secrets = ["TOKEN": Self.token]
        secrets["APP_KEY"] = ways.app?.privateKey
        provider = GitHubProvider(
            tools: Played.tools(secrets: secrets, clock: clock, scratch: folder.path("scratch")))
        providerWithoutSecrets = GitHubProvider(
            tools: Played.tools(secrets: [:], clock: clock, scratch: folder.path("none")))
    }

    var settings: GitHubSettings {
        GitHubSettings(
            baseURL: "\(server.url)/api/v3", repository: slug,
            trigger: ways.trigger, ref: "main",
            credential: ways.app.map {
                .app(id: $0.id, installation: $0.installation, privateKey: SecretName("APP_KEY"))
            }
                ?? .token(SecretName("TOKEN")),
            releaseTag: ways.releaseTag)
    }

    func order(_ name: String) -> BuildOrder {
        let parameters = (try? JobTemplate("{{name}}")).map { [JobParameter(name: "NAME", value: $0)] } ?? []
        return Played.order(name, at: .github(settings), parameters: parameters, clock: clock)
    }

    func startsRun(_ request: PlayerServer.Request) -> Bool {
        request.method == "POST" && request.path.hasSuffix("/dispatches")
    }

    func asksForState(_ request: PlayerServer.Request) -> Bool {
        request.method == "GET" && request.path.firstMatch(of: /\/actions\/runs\/\d+$/) != nil
    }

    /// What was asked or answered otherwise than GitHub describes it.
    var problems: [String] { state.withLockedValue { $0.problems } }

    func run(of attempt: Attempt) -> PlayedRun? {
        state.withLockedValue { state in state.runs.first { $0.title == "Image \(attempt.publicKey)" } }
    }

    func change(_ attempt: Attempt, _ change: (inout PlayedRun) -> Void) throws {
        try state.withLockedValue { state in
            guard let place = state.runs.firstIndex(where: { $0.title == "Image \(attempt.publicKey)" }) else {
                throw Kiln.Unexpected.state("GitHub has no run for \(attempt.publicKey)")
            }
            change(&state.runs[place])
            state.runs[place].version += 1
        }
    }

    func runCount(of attempt: Attempt) async -> Int {
        state.withLockedValue { state in state.runs.count { $0.title == "Image \(attempt.publicKey)" } }
    }

    func move(_ attempt: Attempt, to played: PlayedState) async throws {
        if played == .deleted {
            state.withLockedValue { state in state.runs.removeAll { $0.title == "Image \(attempt.publicKey)" } }
            return
        }
        try change(attempt) { run in
            switch played {
            case .queued: run.status = "queued"
            case .running: run.status = "in_progress"
            case .restarted:
                run.status = "in_progress"
                run.conclusion = nil
                run.attempt += 1
            case .succeeded, .failed, .cancelled, .deleted:
                run.status = "completed"
                run.conclusion = played == .succeeded ? "success" : played == .failed ? "failure" : "cancelled"
            }
        }
    }

    func write(_ log: [UInt8], by attempt: Attempt) async throws {
        try change(attempt) { $0.log = log }
    }

    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws {
        try change(attempt) { $0.files.append((name, bytes)) }
    }
}

/// The host where GitHub keeps logs and artifacts: an address is its own key.
struct GitHubStore: Sendable {
    let state: NIOLockedValueBox<GitHubPlayer.State>
    let folder: TemporaryDirectory

    func answer(_ request: PlayerServer.Request) async -> PlayerServer.Answer {
        // A token that came here is a token that leaked (P7).
        guard request.headers["authorization"] == nil else {
            state.withLockedValue { $0.problems.append("a token was sent to another host") }
            return PlayerServer.Answer(403)
        }
        guard request.query["signature"] == "good" else { return PlayerServer.Answer(403) }
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count == 2, let id = Int64(parts[1]) else { return PlayerServer.Answer(404) }
        if parts[0] == "assets" {
            let asset = state.withLockedValue { $0.assets[Int(id)] }
            return PlayerServer.Answer(200, body: asset.bytes)
        }
        guard let run = state.withLockedValue({ state in state.runs.first { $0.id == id } }) else {
            return PlayerServer.Answer(404)
        }
        let items = parts[0] == "logs" ? Self.log(of: run) : run.files.map { ArchiveItem.bytes($0.name, $0.bytes) }
        let path = folder.path("\(parts[0])-\(id)-\(UUID().uuidString).zip")
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            _ = try await ArchiveWriter().write(items, as: .zip, to: path)
            let bytes = Array(FileManager.default.contents(atPath: path) ?? Data())
            return PlayerServer.Answer(200, headers: ["Content-Type": "application/zip"], body: bytes)
        } catch {
            state.withLockedValue { $0.problems.append("\(error)") }
            return PlayerServer.Answer(500)
        }
    }

    /// As GitHub packs it: a file a job, and a folder with a file a step.
    private static func log(of run: GitHubPlayer.PlayedRun) -> [ArchiveItem] {
        let begin = dated(Array("##[group]Operating System\nUbuntu\n##[endgroup]\n".utf8))
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let build = dated(run.log ?? Array("nothing to say\n".utf8))
        // The whole job, with all of its steps, is there as well; of long logs it is left away here to save time.
        let whole = build.count < 1 << 20 ? [ArchiveItem.bytes("0_build.txt", mark + begin + build)] : []
        return whole + [
            .bytes("build/system.txt", Array("GitHub's own\n".utf8)),
            .bytes("build/2_Build.txt", mark + build),
            .bytes("build/1_Set up job.txt", mark + begin),
            .bytes("build/10_Complete job.txt", mark + dated(Array("Cleaning up orphan processes\n".utf8))),
        ]
    }

    private static func dated(_ log: [UInt8]) -> [UInt8] {
        let moment = Array("2026-11-21T15:04:05.1234567Z ".utf8)
        var made: [UInt8] = []
        made.reserveCapacity(log.count * 3 / 2)
        unsafe log.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress {
                let found = unsafe memchr(base + start, 0x0A, bytes.count - start)
                let end = unsafe found.map { unsafe UnsafeRawPointer($0) - base + 1 } ?? bytes.count
                made += moment
                unsafe made.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
        }
        return made
    }
}
