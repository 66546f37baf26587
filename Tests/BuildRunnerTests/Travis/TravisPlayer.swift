import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// Travis' API version 3 in the test's process, with the repository `fossasia/meilix`; it refuses what Travis would
/// refuse, in its words.
final class TravisPlayer: PlayedCI {
    let server: PlayerServer
    let clock = ManualClock()
    let provider: any BuildProvider
    let providerWithoutSecrets: (any BuildProvider)?
    let abilities: Set<PlayedAbility> = [.logs, .cancel, .restart, .deletion]
    let state: NIOLockedValueBox<TravisState>
    private let directory: TemporaryDirectory

    init() async throws {
        let state = NIOLockedValueBox(TravisState())
        self.state = state
        directory = try TemporaryDirectory()
        server = try await PlayerServer { request in state.withLockedValue { TravisDoor.answer(request, &$0) } }
        provider = TravisProvider(tools: Played.tools(clock: clock, scratch: directory.path("scratch")))
        providerWithoutSecrets = TravisProvider(
            tools: Played.tools(secrets: [:], clock: clock, scratch: directory.path("other")))
    }

    func settings(branch: String = "main") throws -> TravisSettings {
        guard let slug = RepositorySlug("fossasia/meilix") else { throw CancellationError() }
        return TravisSettings(baseURL: server.url, repository: slug, branch: branch, token: SecretName("TOKEN"))
    }

    func order(_ name: String) -> BuildOrder {
        // The template and the slug are right: they are constants.
        guard let greeting = try? JobTemplate("{{name}}"), let settings = try? settings() else { preconditionFailure() }
        return Played.order(
            name, at: .travis(settings), parameters: [JobParameter(name: "GREETING", value: greeting)], clock: clock)
    }

    func startsRun(_ request: PlayerServer.Request) -> Bool {
        request.method == "POST" && request.path.hasSuffix("/requests")
    }

    func asksForState(_ request: PlayerServer.Request) -> Bool {
        request.method == "GET" && request.path.wholeMatch(of: /.*\/(request|build)\/\d+/) != nil
    }

    func runCount(of attempt: Attempt) async -> Int {
        state.withLockedValue { state in state.requests.count { $0.message.hasSuffix(attempt.publicKey) } }
    }

    func move(_ attempt: Attempt, to played: PlayedState) async throws {
        // Long enough that a running job's log may be asked for again.
        clock.advance(by: .seconds(60))
        state.withLockedValue { state in
            switch played {
            case .queued: state.makeBuild(attempt.publicKey)
            case .running: state.set(attempt.publicKey, "started")
            case .succeeded: state.set(attempt.publicKey, "passed")
            case .failed: state.set(attempt.publicKey, "failed")
            case .cancelled: state.set(attempt.publicKey, "canceled")
            case .restarted:
                state.change(attempt.publicKey) { build in
                    build.state = "created"
                    build.jobs = build.jobs.map { TravisState.Job(id: $0.id) }
                }
            case .deleted:
                state.builds.removeAll { $0.message.hasSuffix(attempt.publicKey) }
                state.requests.removeAll { $0.message.hasSuffix(attempt.publicKey) }
            }
        }
    }

    func write(_ log: [UInt8], by attempt: Attempt) async throws {
        state.withLockedValue { state in
            state.change(attempt.publicKey) { build in
                if let last = build.jobs.indices.last { build.jobs[last].log = (build.jobs[last].log ?? []) + log }
            }
        }
    }

    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws {}
}

/// What Travis answers.
enum TravisDoor {
    private static let repository = "/repo/fossasia%2Fmeilix"

    static func answer(_ request: PlayerServer.Request, _ state: inout TravisState) -> PlayerServer.Answer {
        guard request.headers["travis-api-version"] == "3" else {
            return PlayerServer.Answer(404, headers: ["Content-Type": "text/html"], body: Array("not found".utf8))
        }
        guard request.headers["authorization"] == "token s3cret-t0ken" else {
            return refusal(403, "login_required", "login required")
        }
        switch (request.method, request.path) {
        case ("GET", "/user"): return json(["@type": "user", "id": 1, "login": "kiln"])
        case ("GET", repository): return json(state.repository)
        case ("POST", repository + "/requests"): return take(request, &state)
        case ("GET", repository + "/requests"):
            return json([
                "@type": "requests", "@pagination": ["limit": 100, "is_last": true],
                "requests": state.requests.reversed().map { state.json($0) },
            ])
        case ("GET", repository + "/builds"):
            return json(["@type": "builds", "builds": state.builds.reversed().map { state.json($0, withJobs: false) }])
        default: return one(request, &state)
        }
    }

    private static func one(
        _ request: PlayerServer.Request, _ state: inout TravisState
    ) -> PlayerServer.Answer {
        if let parts = request.path.wholeMatch(of: /\/repo\/fossasia%2Fmeilix\/request\/(\d+)/) {
            guard let found = state.requests.first(where: { "\($0.id)" == parts.1 }) else { return missing("request") }
            return json(state.json(found))
        }
        if let parts = request.path.wholeMatch(of: /\/repo\/fossasia%2Fmeilix\/branch\/(.+)/) {
            let name = parts.1.removingPercentEncoding ?? ""
            guard state.branches.contains(name) else { return missing("branch") }
            return json(["@type": "branch", "name": name, "exists_on_github": true])
        }
        if let parts = request.path.wholeMatch(of: /\/build\/(\d+)(\/cancel)?/) {
            guard let place = state.builds.firstIndex(where: { "\($0.id)" == parts.1 }) else { return missing("build") }
            if parts.2 != nil { return cancel(request, place, &state) }
            return json(
                state.json(state.builds[place], withJobs: request.query["include"]?.contains("build.jobs") ?? false))
        }
        if let parts = request.path.wholeMatch(of: /\/job\/(\d+)\/log\.txt/) {
            let job = state.builds.flatMap(\.jobs).first { "\($0.id)" == parts.1 }
            guard request.headers["accept"] == "text/plain", let log = job?.log else { return missing("log") }
            return PlayerServer.Answer(200, headers: ["Content-Type": "text/plain"], body: log)
        }
        return missing("repository")
    }

    private static func cancel(
        _ request: PlayerServer.Request, _ place: Int, _ state: inout TravisState
    ) -> PlayerServer.Answer {
        guard request.method == "POST" else { return refusal(405, "method_not_allowed", "method not allowed") }
        guard ["created", "queued", "received", "started"].contains(state.builds[place].state) else {
            return refusal(409, "build_not_cancelable", "build is not running, cannot cancel")
        }
        state.builds[place].state = "canceled"
        return json(["@type": "pending", "build": ["id": state.builds[place].id], "state_change": "cancel"], 202)
    }

    private static func take(
        _ request: PlayerServer.Request, _ state: inout TravisState
    ) -> PlayerServer.Answer {
        guard state.mayStart else {
            return refusal(
                403, "insufficient_access", "operation requires create_request access to repository")
        }
        guard state.isActive else {
            return refusal(406, "repository_inactive", "cannot create requests on an inactive repository")
        }
        guard state.requestsLeft > 0 else {
            return refusal(
                429, "request_limit_reached", "request limit reached for resource",
                ["max_requests": 10, "per_seconds": 3600])
        }
        guard request.headers["content-type"] == "application/json",
            let body = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any],
            let asked = body["request"] as? [String: Any], body.count == 1,
            Set(asked.keys).isSubset(of: ["message", "branch", "sha", "tag_name", "merge_mode", "config"]),
            let message = asked["message"] as? String, let branch = asked["branch"] as? String,
            ["deep_merge_append", "deep_merge_prepend", "deep_merge", "merge", "replace"].contains(
                asked["merge_mode"] as? String ?? "deep_merge_append"),
            let config = asked["config"] as? [String: Any], let environment = config["env"] as? [String: Any],
            Set(environment.keys).isSubset(of: ["global", "jobs"]), let lines = environment["global"] as? [String]
        else { return refusal(400, "wrong_params", "wrong parameters") }
        state.requestsLeft -= 1
        let id = state.take(message: message, branch: branch, environment: lines)
        return json(
            [
                "@type": "pending", "resource_type": "request", "remaining_requests": state.requestsLeft,
                "repository": ["@type": "repository", "id": 1, "slug": "fossasia/meilix"],
                "request": ["id": id, "branch": branch, "message": message, "user": ["id": 1]] as [String: Any],
            ], 202)
    }

    private static func missing(_ what: String) -> PlayerServer.Answer {
        refusal(404, "not_found", "\(what) not found (or insufficient access)", ["resource_type": what])
    }

    private static func refusal(
        _ status: Int, _ kind: String, _ words: String, _ more: [String: Any] = [:]
    ) -> PlayerServer.Answer {
        json(["@type": "error", "error_type": kind, "error_message": words].merging(more) { $1 }, status)
    }

    private static func json(_ object: [String: Any], _ status: Int = 200) -> PlayerServer.Answer {
        let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
        return PlayerServer.Answer(status, headers: ["Content-Type": "application/json"], body: Array(data))
    }
}
