import Curl
import Domain
import Logging

/// Files and logs that a CI keeps, at its own address or wherever it leads. Its credentials go to the operator's host alone;
/// to every other one leads the guarded way, without them.
struct RemoteFiles: Sendable {
    /// What of an address has to be the operator's, for the way there not to be guarded.
    enum Own: Hashable, Sendable {
        case origin
        /// Every port of the host: a web server beside the CI often hands out its files.
        case host
    }

    let api: RemoteAPI
    /// The operator's own address.
    let base: String
    var credentials: [(name: String, value: String)] = []
    var own = Own.origin

    private static let mostRedirects = 5

    /// What is said of a file without fetching it: the answer that is no redirect, whatever it is.
    ///
    /// - Parameter method: `HEAD`, or a `GET` of a small range; what a server sends beyond it is not read.
    func ask(
        _ method: HTTPRequest.Method, _ url: String, headers: [(name: String, value: String)] = []
    ) async throws(RemoteFault) -> HTTPAnswer {
        let answer = try await follow(url) { address throws(HTTPFailure) in
            var request = request(method, address, headers)
            request.timeLimit = RemoteAPI.timeLimit
            return try await api.tools.transfers.peek(request, most: 64 << 10)
        }
        guard let answer else { throw api.nonsense("\(api.name) says too much of a file", for: .reading) }
        return answer
    }

    /// A 2xx answer's body goes to the file at `path`, where nothing is yet.
    ///
    /// - Returns: the answer that is no redirect, whatever it is; `nil` if there are more than `limit` bytes.
    func download(
        _ url: String, headers: [(name: String, value: String)] = [], to path: String, limit: Int64
    ) async throws(RemoteFault) -> HTTPAnswer? {
        try await follow(url) { address throws(HTTPFailure) in
            try await api.tools.transfers.download(request(.get, address, headers), to: path, limit: limit)
        }
    }

    /// Whether an address is on the operator's host, and may be told the credentials.
    func isOwn(_ url: String) -> Bool {
        guard let own = Origin(base) else { return false }
        return Origin(url) == own
    }

    /// - Returns: `nil` if what comes is too large.
    private func follow(
        _ url: String, _ exchange: (String) async throws(HTTPFailure) -> HTTPAnswer
    ) async throws(RemoteFault) -> HTTPAnswer? {
        var url = url
        for _ in 0...Self.mostRedirects {
            let answer: HTTPAnswer
            do throws(HTTPFailure) {
                answer = try await exchange(url)
            } catch .tooLarge {
                return nil
            } catch .forbiddenAddress(let words) {
                api.tools.logger.error(
                    "a CI's file lies where Kiln does not go; list its network if it should",
                    metadata: ["provider": "\(api.name)", "reason": "\(words)"])
                throw .refused(FailureWords.forbiddenPlace)
            } catch {
                throw api.fault(of: error, for: .reading)
            }
            guard let next = answer.target(from: url) else { return answer }
            url = next
        }
        throw api.nonsense("\(api.name) redirects in a circle", for: .reading)
    }

    private func request(
        _ method: HTTPRequest.Method, _ url: String, _ headers: [(name: String, value: String)]
    ) -> HTTPRequest {
        HTTPRequest(
            method, url, headers: (isOwn(url) ? credentials : []) + headers, redirects: .none,
            reach: isNear(url) ? .anywhere : .guarded)
    }

    private func isNear(_ url: String) -> Bool {
        switch own {
        case .origin: isOwn(url)
        case .host: Origin(base).map { $0.host == Origin(url)?.host } ?? false
        }
    }
}
