import Curl
import Domain
import Foundation

/// Calls to GitHub's REST interface for one recipe's settings.
struct GitHubAPI: Sendable {
    /// One call, without who asks.
    struct Call: Sendable {
        var method: HTTPRequest.Method = .get
        /// Below the base address, percent-encoded, with its query.
        var path: String
        var body: [UInt8]?
        var purpose: RemoteAPI.Purpose = .reading
        var accept = "application/vnd.github+json"
        /// Of an answer that is known.
        var tag: String?
        /// Statuses that are an answer beside 2xx.
        var accepted: Set<Int> = []
    }

    static let version = "2022-11-28"
    private static let mostRedirects = 3

    let settings: GitHubSettings
    let remote: RemoteAPI
    let memory: GitHubMemory

    var tools: RemoteTools { remote.tools }

    /// The repository's own part of a path.
    var repository: String { "/repos/\(settings.repository.owner)/\(settings.repository.name)" }

    /// The JSON at a path. What was answered for this attempt before is asked for by its `ETag`: unchanged, it costs
    /// nothing of the rate limit.
    func get<Value: Decodable & Sendable>(
        _ type: Value.Type, _ path: String, for attempt: Attempt? = nil
    ) async throws(RemoteFault) -> Value {
        let kept = attempt.flatMap { memory.notes(of: $0).kept[path] }
        let known = kept?.value as? Value
        let answer = try await send(
            Call(path: path, tag: known == nil ? nil : kept?.tag, accepted: known == nil ? [] : [304]))
        if answer.status == 304, let known { return known }
        let value = try remote.decode(type, answer, for: .reading)
        if let attempt, let tag = answer.headers["etag"] {
            memory.note(attempt) { $0.kept[path] = GitHubMemory.Kept(tag: tag, value: value) }
        }
        return value
    }

    /// The answer, if it is a 2xx or an accepted one. An installation's token that is no longer good is renewed once: a
    /// 401 says that nothing happened.
    func send(_ call: Call) async throws(RemoteFault) -> HTTPAnswer {
        let credentials = GitHubCredentials(api: self)
        let token = try await credentials.token()
        var answer = try await follow(call, request(call, token), left: Self.mostRedirects)
        if answer.status == 401, credentials.drop(token) {
            answer = try await follow(call, request(call, try await credentials.token()), left: Self.mostRedirects)
        }
        if (200..<300).contains(answer.status) || call.accepted.contains(answer.status) { return answer }
        throw fault(of: answer, for: call.purpose)
    }

    /// One exchange with a token of its own, for what needs no installation token.
    func send(_ call: Call, with token: String) async throws(RemoteFault) -> HTTPAnswer {
        let answer = try await follow(call, request(call, token), left: Self.mostRedirects)
        if (200..<300).contains(answer.status) { return answer }
        throw fault(of: answer, for: call.purpose)
    }

    func request(_ call: Call, _ token: String) -> HTTPRequest {
        var headers = [
            (name: "Accept", value: call.accept), (name: "X-GitHub-Api-Version", value: Self.version),
            (name: "Authorization", value: "Bearer \(token)"),
        ]
        if let tag = call.tag { headers.append((name: "If-None-Match", value: tag)) }
        return HTTPRequest(
            call.method, settings.baseURL + call.path, headers: headers,
            body: call.body.map { .bytes($0, contentType: "application/json") } ?? .none, redirects: .none)
    }

    /// GitHub leads callers of a renamed repository on (301, 307, 308). Our token goes to the configured host alone.
    private func follow(
        _ call: Call, _ request: HTTPRequest, left: Int
    ) async throws(RemoteFault) -> HTTPAnswer {
        let answer = try await remote.send(request, for: call.purpose, also: Set(300..<600))
        guard let target = answer.target(from: request.url), !call.accepted.contains(answer.status) else {
            return answer
        }
        guard left > 0, isOurs(target),
            request.method == .get || answer.status == 307 || answer.status == 308
        else {
            throw .refusedUntil(
                after: RemoteAPI.pauseForServer, reason: "\(remote.name) leads to another host: \(answer.status)")
        }
        var request = request
        request.url = target
        return try await follow(call, request, left: left - 1)
    }

    /// Whether an address is of the host that the operator named.
    func isOurs(_ address: String) -> Bool {
        guard let own = Origin(settings.baseURL) else { return false }
        return Origin(address) == own
    }

    /// How an answer that is no success ends. A secondary rate limit without a time is a 403 that says so in words;
    /// GitHub asks for a minute then.
    func fault(of answer: HTTPAnswer, for purpose: RemoteAPI.Purpose) -> RemoteFault {
        if (300..<400).contains(answer.status) {
            return .refusedUntil(
                after: RemoteAPI.pauseForServer, reason: "\(remote.name) answered \(answer.status)")
        }
        if answer.status == 403, answer.headers["retry-after"] == nil, answer.headers["x-ratelimit-remaining"] != "0",
            String(decoding: answer.body.prefix(4096), as: UTF8.self).lowercased().contains("rate limit")
        {
            return .refusedUntil(after: .seconds(60), reason: "\(remote.name) has a secondary rate limit reached")
        }
        return remote.fault(of: answer, for: purpose)
    }
}
