import Curl
import Domain

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
        var answer = try await download(first(call, token), to: target, limit)
        if answer.status == 401, credentials.drop(token) {
            answer = try await download(first(call, try await credentials.token()), to: target, limit)
        }
        if (200..<300).contains(answer.status) { return }
        guard let place = answer.target(from: api.settings.baseURL) else { throw api.fault(of: answer, for: .reading) }
        let files = RemoteFiles(api: api.remote, base: api.settings.baseURL)
        guard let led = try await files.download(place, to: target, limit: limit) else {
            throw .refused(FailureWords.unusableFile)
        }
        guard (200..<300).contains(led.status) else {
            // It expired, or the store is down: the next look is led anew.
            throw .refusedUntil(
                after: RemoteAPI.pauseForServer, reason: "where GitHub keeps the file, the answer is \(led.status)")
        }
    }

    /// An answer that leads on is small: only what it leads to may take its time.
    private func first(_ call: GitHubAPI.Call, _ token: String) -> HTTPRequest {
        var request = api.request(call, token)
        request.stallLimit = RemoteAPI.timeLimit
        return request
    }

    private func download(
        _ request: HTTPRequest, to target: String, _ limit: Int64
    ) async throws(RemoteFault) -> HTTPAnswer {
        do throws(HTTPFailure) {
            return try await api.tools.transfers.download(request, to: target, limit: limit)
        } catch .tooLarge {
            throw .refused(FailureWords.unusableFile)
        } catch {
            throw api.remote.fault(of: error, for: .reading)
        }
    }
}
