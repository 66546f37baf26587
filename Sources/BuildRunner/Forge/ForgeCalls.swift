import Curl
import Domain
import Foundation
import Logging

/// Calls to one forge (GitLab, Gitea, Forgejo) at the operator's address. Its credentials go to that host only.
struct ForgeCalls: Sendable {
    let api: RemoteAPI
    /// Of the interface, without a slash at its end: `https://gitlab.com/api/v4`.
    let base: String
    /// Headers; none for calls that carry their own proof.
    let credentials: [(name: String, value: String)]

    private static let mostRedirects = 5

    private var files: RemoteFiles { RemoteFiles(api: api, base: base, credentials: credentials) }

    /// The answer to a call of the interface. Reading follows redirects within the host; nothing else is followed.
    ///
    /// - Parameters:
    ///   - path: below the base, its parts already percent-encoded.
    ///   - accepted: answers beside the 2xx that the caller understands.
    func send(
        _ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [],
        body: HTTPRequest.Body = .none, for purpose: RemoteAPI.Purpose, also accepted: Set<Int> = []
    ) async throws(RemoteFault) -> HTTPAnswer {
        var url = base + path + (query.isEmpty ? "" : "?\(formText(query))")
        for _ in 0...Self.mostRedirects {
            let request = HTTPRequest(method, url, headers: credentials, body: body, redirects: .none)
            let answer = try await api.send(request, for: purpose, also: accepted.union(300..<400))
            guard (300..<400).contains(answer.status), !accepted.contains(answer.status) else { return answer }
            guard purpose == .reading, let next = answer.target(from: url), files.isOwn(next) else {
                throw ledAway(answer)
            }
            url = next
        }
        throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: "\(api.name) redirects in a circle")
    }

    /// The answer's body as JSON.
    func json<Value: Decodable>(
        _ type: Value.Type, _ path: String, query: [(name: String, value: String)] = []
    ) async throws(RemoteFault) -> Value {
        let answer = try await send(.get, path, query: query, for: .reading)
        return try api.decode(type, answer, for: .reading)
    }

    /// A 2xx answer's body goes to the file at `path`, where nothing is yet. Redirects are followed.
    ///
    /// - Returns: `nil` if there are more than `limit` bytes.
    func download(
        _ url: String, headers: [(name: String, value: String)] = [], to path: String, limit: Int64,
        also accepted: Set<Int> = []
    ) async throws(RemoteFault) -> HTTPAnswer? {
        guard let answer = try await files.download(url, headers: headers, to: path, limit: limit) else { return nil }
        if (200..<300).contains(answer.status) || accepted.contains(answer.status) { return answer }
        throw (300..<400).contains(answer.status) ? ledAway(answer) : api.fault(of: answer, for: .reading)
    }

    /// The size of a file as its host tells it, if it does: what is fetched is measured.
    func size(of url: String) async -> Int64? {
        guard let answer = try? await files.ask(.head, url), answer.status == 200 else { return nil }
        return answer.headers["content-length"].flatMap { Int64($0) }
    }

    /// Nothing was done there: the address in the settings is old, or a sign-in page stands before it.
    private func ledAway(_ answer: HTTPAnswer) -> RemoteFault {
        let host = answer.headers["location"].flatMap { URLComponents(string: $0)?.host } ?? "elsewhere"
        return .refusedUntil(
            after: RemoteAPI.pauseForOperator,
            reason: "\(api.name) answered \(answer.status) and leads to \(host): is its address right?")
    }
}
