import Curl
import Domain
import Foundation
import Logging

/// Calls to one forge (GitLab, Gitea, Forgejo) at the operator's address. Its credential goes to that host only; where an
/// answer leads to another one, the way goes through the address guard, without it.
struct ForgeCalls: Sendable {
    let api: RemoteAPI
    /// Of the interface, without a slash at its end: `https://gitlab.com/api/v4`.
    let base: String
    /// A header; `nil` for calls that carry their own proof.
    let credential: HTTPHeader?

    struct HTTPHeader: Sendable {
        var name: String
        var value: String
    }

    private static let redirects: Set<Int> = [301, 302, 303, 307, 308]
    private static let mostRedirects = 5
    /// Bounds the transfer of one file or of a piece of a log (P6).
    private static let transferLimit = Duration.seconds(1800)

    /// The answer to a call of the interface. Reading follows redirects within the host; nothing else is followed.
    ///
    /// - Parameters:
    ///   - path: below the base, its parts already percent-encoded.
    ///   - accepted: answers beside the 2xx that the caller understands.
    func send(
        _ method: HTTPRequest.Method, _ path: String, query: [(name: String, value: String)] = [],
        body: HTTPRequest.Body = .none,
        for purpose: RemoteAPI.Purpose, also accepted: Set<Int> = []
    ) async throws(RemoteFault) -> HTTPAnswer {
        var url = base + path + (query.isEmpty ? "" : "?\(formText(query))")
        for _ in 0...Self.mostRedirects {
            let request = HTTPRequest(method, url, headers: headers(for: url), body: body, redirects: .none)
            let answer = try await api.send(request, for: purpose, also: accepted.union(Self.redirects))
            guard Self.redirects.contains(answer.status) else { return answer }
            guard purpose == .reading, let next = Self.target(of: answer, from: url), isOwn(next) else {
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
        var url = url
        for _ in 0...Self.mostRedirects {
            let request = HTTPRequest(
                .get, url, headers: self.headers(for: url) + headers, timeLimit: Self.transferLimit, redirects: .none,
                reach: isOwn(url) ? .anywhere : .guarded)
            let answer: HTTPAnswer
            do throws(HTTPFailure) {
                answer = try await api.tools.transfers.download(request, to: path, limit: limit)
            } catch .tooLarge {
                return nil
            } catch .forbiddenAddress(let words) {
                api.tools.logger.error(
                    "a CI's file lies where Kiln does not go; list its network if it should",
                    metadata: ["provider": "\(api.name)", "reason": "\(words)"])
                throw .refused(ForgeWords.forbiddenPlace)
            } catch {
                throw api.fault(of: error, for: .reading)
            }
            if (200..<300).contains(answer.status) || accepted.contains(answer.status) { return answer }
            guard Self.redirects.contains(answer.status) else { throw api.fault(of: answer, for: .reading) }
            guard let next = Self.target(of: answer, from: url) else { throw ledAway(answer) }
            url = next
        }
        throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: "\(api.name) redirects in a circle")
    }

    /// Whether an address is on the operator's host.
    func isOwn(_ url: String) -> Bool {
        guard let own = Self.origin(of: base) else { return false }
        return Self.origin(of: url) == own
    }

    private func headers(for url: String) -> [(name: String, value: String)] {
        guard let credential, isOwn(url) else { return [] }
        return [(credential.name, credential.value)]
    }

    /// Nothing was done there: the address in the settings is old, or a sign-in page stands before it.
    private func ledAway(_ answer: HTTPAnswer) -> RemoteFault {
        let host = answer.headers["location"].flatMap { URLComponents(string: $0)?.host } ?? "elsewhere"
        return .refusedUntil(
            after: RemoteAPI.pauseForOperator,
            reason: "\(api.name) answered \(answer.status) and leads to \(host): is its address right?")
    }

    private static func target(of answer: HTTPAnswer, from url: String) -> String? {
        guard let location = answer.headers["location"], let from = URL(string: url) else { return nil }
        return URL(string: location, relativeTo: from)?.absoluteString
    }

    private static func origin(of url: String) -> String? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), ["http", "https"].contains(scheme)
        else { return nil }
        return "\(scheme)://\(host):\(parts.port ?? (scheme == "https" ? 443 : 80))"
    }
}
