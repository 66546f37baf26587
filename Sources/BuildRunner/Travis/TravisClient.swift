import Curl
import Domain
import Foundation

/// Calls to Travis' API about one repository.
struct TravisClient: Sendable {
    let api: RemoteAPI
    let base: String
    /// Of the repository; the slug is one segment.
    let repository: String
    private let settings: TravisSettings
    private let token: String

    init(_ settings: TravisSettings, api: RemoteAPI) throws(RemoteFault) {
        let token = try api.tools.needed(settings.token)
        self.api = api
        self.settings = settings
        self.token = token
        base = settings.baseURL
        repository = "\(settings.baseURL)/repo/\(settings.repository.owner)%2F\(settings.repository.name)"
    }

    func request(_ method: HTTPRequest.Method, _ url: String) -> HTTPRequest {
        HTTPRequest(
            method, url,
            headers: [
                (name: "Travis-API-Version", value: "3"), (name: "Authorization", value: "token \(token)"),
                (name: "Accept", value: "application/json"),
            ], redirects: .none)
    }

    func json<Value: Decodable>(_ type: Value.Type, of url: String) async throws(RemoteFault) -> Value {
        try await api.looking { () throws(RemoteFault) in
            try api.decode(type, try await send(request(.get, url), for: .reading), for: .reading)
        }
    }

    func post(
        _ url: String, _ body: some Encodable, also accepted: Set<Int> = []
    ) async throws(RemoteFault) -> HTTPAnswer {
        var request = request(.post, url)
        request.body = try .json(body)
        return try await send(request, for: .acting, also: accepted)
    }

    private static let told: Set<Int> = [403, 404, 406, 409, 429]

    private func send(
        _ request: HTTPRequest, for purpose: RemoteAPI.Purpose, also accepted: Set<Int> = []
    ) async throws(RemoteFault) -> HTTPAnswer {
        let answer = try await api.send(request, for: purpose, also: Self.told)
        if (200..<300).contains(answer.status) || accepted.contains(answer.status) { return answer }
        throw fault(of: answer, for: purpose)
    }

    /// A no with Travis' own words for it.
    private func fault(of answer: HTTPAnswer, for purpose: RemoteAPI.Purpose) -> RemoteFault {
        let general = api.fault(of: answer, for: purpose)
        guard let said = try? JSONDecoder().decode(TravisAnswers.Refusal.self, from: Data(answer.body)),
            let kind = said.kind
        else { return general }
        let reason = "Travis answered \(answer.status): \((said.message ?? kind).shownLine(limit: 200))"
        switch (answer.status, kind) {
        case (429, "request_limit_reached"):
            // No `Retry-After` is promised; requests of an hour may come one after the other.
            let each = (said.perSeconds ?? 3600) / max(1, said.mostRequests ?? 10)
            let pause = ServerWait.duration(answer.headers, now: api.tools.clock.now()) ?? .seconds(max(60, each))
            return .refusedUntil(after: min(pause, RemoteAPI.longestPause), reason: reason)
        case (406, "repository_inactive"):
            return .refusedUntil(after: RemoteAPI.pauseForOperator, reason: reason)
        default: break
        }
        switch general {
        case .refusedUntil(let pause, _): return .refusedUntil(after: pause, reason: reason)
        case .missing: return .missing(reason: reason)
        case .unknown: return .unknown(reason: reason)
        case .refused: return general
        }
    }

    /// Where people look at a build; `nil` where that is not known.
    func page(ofBuild number: Int64) -> String? {
        let slug = "\(settings.repository)"
        if base == "https://api.travis-ci.com" { return "https://app.travis-ci.com/github/\(slug)/builds/\(number)" }
        // Travis CI Enterprise has its API below its pages.
        return base.hasSuffix("/api") ? "\(base.dropLast(4))/\(slug)/builds/\(number)" : nil
    }
}
