import Curl
import Domain
import Logging

/// A file that GitHub hands out by leading to another host. Our token stays with GitHub: the address that it names is
/// its own key, and goes only where what a CI says may lead (`HTTPRequest.Reach`).
struct GitHubDownload {
    let api: GitHubAPI

    /// - Throws: `.refused` if it is larger than `limit`.
    func take(
        _ path: String, accept: String = "application/vnd.github+json", to target: String, limit: Int64
    ) async throws(RemoteFault) {
        let credentials = GitHubCredentials(api: api)
        let token = try await credentials.token()
        let call = GitHubAPI.Call(path: path, accept: accept)
        var answer = try await download(api.request(call, token), to: target, limit)
        if answer.status == 401, credentials.drop(token) {
            answer = try await download(api.request(call, try await credentials.token()), to: target, limit)
        }
        if (200..<300).contains(answer.status) { return }
        guard [301, 302, 303, 307, 308].contains(answer.status), let place = answer.headers["location"] else {
            throw api.fault(of: answer, for: .reading)
        }
        let led = try await download(
            HTTPRequest(.get, place, reach: api.isOurs(place) ? .anywhere : .guarded), to: target, limit)
        guard (200..<300).contains(led.status) else {
            // It expired, or the store is down: the next look is led anew.
            throw .refusedUntil(
                after: RemoteAPI.pauseForServer, reason: "where GitHub keeps the file, the answer is \(led.status)")
        }
    }

    private func download(
        _ request: HTTPRequest, to target: String, _ limit: Int64
    ) async throws(RemoteFault) -> HTTPAnswer {
        var request = request
        // Answers that lead on are small; only what is led to may take its time.
        if case .none = request.redirects { request.stallLimit = RemoteAPI.timeLimit }
        do throws(HTTPFailure) {
            return try await api.tools.transfers.download(request, to: target, limit: limit)
        } catch .tooLarge {
            throw .refused(FailureWords.unusableFile)
        } catch .forbiddenAddress(let words) {
            api.tools.logger.error(
                "GitHub led to an address that is not allowed; list its network if it is yours",
                metadata: ["reason": "\(words)"])
            throw .refused(FailureWords.unusableFile)
        } catch {
            throw api.remote.fault(of: error, for: .reading)
        }
    }
}
