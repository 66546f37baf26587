import BuildRunner
import Curl
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// A Jenkins in the test's process, below the prefix `/jenkins`, with the job `images/wallpaper`. It answers as
/// Jenkins' remote access does, and refuses what Jenkins would refuse.
final class JenkinsPlayer: PlayedCI {
    static let job = "/jenkins/job/images/job/wallpaper"

    let server: PlayerServer
    let clock = ManualClock()
    let provider: any BuildProvider
    let providerWithoutSecrets: (any BuildProvider)?
    let abilities: Set<PlayedAbility> = Set(PlayedAbility.allCases)
    let state: NIOLockedValueBox<JenkinsState>
    private let directory: TemporaryDirectory

    init() async throws {
        let state = NIOLockedValueBox(JenkinsState())
        self.state = state
        directory = try TemporaryDirectory()
        server = try await PlayerServer { request in state.withLockedValue { JenkinsDoor.answer(request, &$0) } }
        provider = JenkinsProvider(tools: Played.tools(clock: clock, scratch: directory.path("scratch")))
        providerWithoutSecrets = JenkinsProvider(
            tools: Played.tools(secrets: [:], clock: clock, scratch: directory.path("other")))
    }

    var settings: JenkinsSettings {
        JenkinsSettings(
            baseURL: server.url + "/jenkins", job: "images/wallpaper", user: "kiln", token: SecretName("TOKEN"))
    }

    func order(_ name: String) -> BuildOrder {
        // The template is right: it is a constant.
        let parameters = (try? JobTemplate("{{name}}")).map { [JobParameter(name: "GREETING", value: $0)] }
        return Played.order(name, at: .jenkins(settings), parameters: parameters ?? [], clock: clock)
    }

    func startsRun(_ request: PlayerServer.Request) -> Bool { request.path.hasSuffix("/buildWithParameters") }

    func asksForState(_ request: PlayerServer.Request) -> Bool {
        request.path.wholeMatch(of: /.*\/(queue\/item|wallpaper)\/\d+\/api\/json/) != nil
    }

    func runCount(of attempt: Attempt) async -> Int {
        state.withLockedValue { state in
            state.items.count { $0.parameters["KILN_ATTEMPT"] == attempt.publicKey }
        }
    }

    func move(_ attempt: Attempt, to played: PlayedState) async throws {
        state.withLockedValue { state in
            if [.running, .succeeded, .failed].contains(played) { state.begin(attempt.publicKey) }
            switch played {
            case .queued, .running: break
            case .succeeded: state.end(attempt.publicKey, "SUCCESS")
            case .failed: state.end(attempt.publicKey, "FAILURE")
            case .cancelled: state.end(attempt.publicKey, "ABORTED")
            case .restarted: state.restart(attempt.publicKey)
            case .deleted:
                state.builds.removeAll { $0.parameters["KILN_ATTEMPT"] == attempt.publicKey }
                state.items.removeAll { $0.parameters["KILN_ATTEMPT"] == attempt.publicKey }
            }
        }
    }

    func write(_ log: [UInt8], by attempt: Attempt) async throws {
        state.withLockedValue { $0.change(attempt.publicKey) { $0.log += log } }
    }

    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws {
        state.withLockedValue { $0.change(attempt.publicKey) { $0.artifacts.append(("out/\(name)", bytes)) } }
    }
}

/// What Jenkins answers.
enum JenkinsDoor {
    static func answer(_ request: PlayerServer.Request, _ state: inout JenkinsState) -> PlayerServer.Answer {
        var answer = routed(request, &state)
        answer.headers["X-Jenkins"] = "2.504.3"
        return answer
    }

    private static func routed(
        _ request: PlayerServer.Request, _ state: inout JenkinsState
    ) -> PlayerServer.Answer {
        guard request.path.hasPrefix("/jenkins/") else { return page(404, "Not Found") }
        let credentials = "Basic " + Data("kiln:s3cret-t0ken".utf8).base64EncodedString()
        guard request.headers["authorization"] == credentials else {
            var answer = page(401, "Unauthorized")
            answer.headers["WWW-Authenticate"] = "Basic realm=\"Jenkins\""
            return answer
        }
        if request.method == "POST", state.asksForCrumbs {
            let session = request.headers["cookie"] ?? ""
            guard let crumb = state.crumbs[session], crumb == request.headers["jenkins-crumb"] else {
                return page(403, "No valid crumb was included in the request")
            }
        }
        let path = request.path.dropFirst("/jenkins".count)
        switch (request.method, path) {
        case ("GET", "/crumbIssuer/api/json"): return crumb(&state)
        case ("GET", "/me/api/json"): return json(["_class": "hudson.model.User", "id": "kiln"], request)
        case ("GET", "/queue/api/json"):
            let waiting = state.items.filter { $0.build == nil && !$0.isCancelled }
            return json(["_class": "hudson.model.Queue", "items": waiting.map { state.json($0) }], request)
        case ("POST", "/queue/cancelItem"): return cancel(request, &state)
        default: break
        }
        if let item = path.wholeMatch(of: /\/queue\/item\/(\d+)\/api\/json/) {
            guard request.method == "GET", let found = state.items.first(where: { "\($0.id)" == item.1 }) else {
                return page(404, "Not Found")
            }
            return json(state.json(found), request)
        }
        guard state.hasJob, request.path.hasPrefix(JenkinsPlayer.job + "/") else { return page(404, "Not Found") }
        return job(request, String(request.path.dropFirst(JenkinsPlayer.job.count)), &state)
    }

    private static func job(
        _ request: PlayerServer.Request, _ path: String, _ state: inout JenkinsState
    ) -> PlayerServer.Answer {
        switch (request.method, path) {
        case ("GET", "/api/json"): return json(state.job, request)
        case ("POST", "/buildWithParameters"): return build(request, &state)
        case (_, "/buildWithParameters"): return page(405, "Method Not Allowed")
        default: break
        }
        guard let parts = path.wholeMatch(of: /\/(\d+)\/(.*)/),
            let place = state.builds.firstIndex(where: { "\($0.number)" == parts.1 })
        else { return page(404, "Not Found") }
        let build = state.builds[place]
        switch (request.method, parts.2) {
        case ("GET", "api/json"): return json(state.json(build), request)
        case ("GET", "wfapi/describe"):
            guard state.isPipeline, state.canShowStages else { return page(404, "Not Found") }
            return json(["stages": build.stages.map { ["name": $0.name, "status": $0.status] }], request)
        case ("GET", "logText/progressiveText"): return log(of: build, request)
        case ("POST", "stop"):
            if build.isBuilding { state.builds[place].isStopping = true }
            return PlayerServer.Answer(302, headers: ["Location": "."])
        case ("GET", _), ("HEAD", _):
            let file = build.artifacts.first { "artifact/\($0.path)" == parts.2.removingPercentEncoding }
            return file.map { PlayerServer.Answer(200, body: $0.bytes) } ?? page(404, "Not Found")
        default: return page(405, "Method Not Allowed")
        }
    }

    private static func build(
        _ request: PlayerServer.Request, _ state: inout JenkinsState
    ) -> PlayerServer.Answer {
        guard state.isBuildable else { return page(409, "wallpaper is not buildable!") }
        guard request.headers["content-type"] == "application/x-www-form-urlencoded" else {
            return page(400, "Nothing is submitted")
        }
        let item = state.schedule(fields(request.text))
        return PlayerServer.Answer(
            201, headers: ["Location": "http://elsewhere.example.org/jenkins/queue/item/\(item)/"])
    }

    private static func cancel(
        _ request: PlayerServer.Request, _ state: inout JenkinsState
    ) -> PlayerServer.Answer {
        guard let place = state.items.firstIndex(where: { "\($0.id)" == request.query["id"] }) else {
            return page(404, "Not Found")
        }
        if state.items[place].build == nil { state.items[place].isCancelled = true }
        return state.cancelAnswer == 204 ? PlayerServer.Answer(204) : page(state.cancelAnswer, "")
    }

    private static func crumb(_ state: inout JenkinsState) -> PlayerServer.Answer {
        guard state.asksForCrumbs else { return page(404, "Not Found") }
        let session = "JSESSIONID.1=node\(state.crumbs.count)"
        let crumb = "crumb-\(state.crumbs.count)"
        state.crumbs[session] = crumb
        let json =
            #"{"_class":"hudson.security.csrf.DefaultCrumbIssuer","crumb":"\#(crumb)","crumbRequestField":"Jenkins-Crumb"}"#
        return .json(json, headers: ["Set-Cookie": "\(session); Path=/jenkins; HttpOnly"])
    }

    /// Bytes of annotations that Jenkins counts and does not send.
    private static let hidden = 37

    private static func log(of build: JenkinsState.Build, _ request: PlayerServer.Request) -> PlayerServer.Answer {
        guard let start = request.query["start"].flatMap({ Int($0) }), start >= 0 else {
            return page(400, "start is no number")
        }
        // While it builds, only whole lines.
        let length = build.isBuilding ? (build.log.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) : build.log.count
        let from = min(max(0, start - hidden), length)
        var headers = ["Content-Type": "text/plain;charset=UTF-8", "X-Text-Size": "\(hidden + length)"]
        if build.isBuilding { headers["X-More-Data"] = "true" }
        return PlayerServer.Answer(200, headers: headers, body: Array(build.log[from..<length]))
    }

    static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? ""
            }
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        return fields
    }

    private static func json(_ object: [String: Any], _ request: PlayerServer.Request) -> PlayerServer.Answer {
        var shown: Any = object
        if let text = request.query["tree"] {
            guard let tree = JenkinsTree(text) else { return page(400, "the tree cannot be read") }
            shown = tree.shown(object)
        }
        guard let data = try? JSONSerialization.data(withJSONObject: shown) else { return page(500, "Oops!") }
        return PlayerServer.Answer(
            200, headers: ["Content-Type": "application/json;charset=utf-8"], body: Array(data))
    }

    /// What Jenkins shows people, also where programs ask.
    static func page(_ status: Int, _ words: String) -> PlayerServer.Answer {
        PlayerServer.Answer(
            status, headers: ["Content-Type": "text/html;charset=iso-8859-1"],
            body: Array("<html><head><title>Error \(status) \(words)</title></head><body>\(words)</body></html>".utf8))
    }
}
