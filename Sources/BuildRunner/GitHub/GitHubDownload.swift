import Curl
import Domain
import Foundation
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
        var answer = try await download(first(call, token), to: target, limit)
        if answer.status == 401, credentials.drop(token) {
            answer = try await download(first(call, try await credentials.token()), to: target, limit)
        }
        if (200..<300).contains(answer.status) { return }
        guard var place = Self.target(of: answer, from: api.settings.baseURL) else {
            throw api.fault(of: answer, for: .reading)
        }
        // Each step is looked at anew: the operator's own host, too, may lead only to where everybody may.
        for _ in 0..<Self.mostSteps {
            let isOurs = api.isOurs(place)
            var request = HTTPRequest(.get, place, redirects: .none, reach: isOurs ? .anywhere : .guarded)
            request.stallLimit = Self.stallLimit
            answer = try await download(request, to: target, limit)
            if (200..<300).contains(answer.status) { return }
            guard let next = Self.target(of: answer, from: place) else { break }
            place = next
        }
        // It expired, or the store is down: the next look is led anew.
        throw .refusedUntil(
            after: RemoteAPI.pauseForServer, reason: "where GitHub keeps the file, the answer is \(answer.status)")
    }

    private static let mostSteps = 5
    /// Of what may take its time; answers that lead on are small.
    private static let stallLimit = Duration.seconds(60)

    private static func target(of answer: HTTPAnswer, from place: String) -> String? {
        guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.headers["location"],
            let base = URL(string: place)
        else { return nil }
        return URL(string: location, relativeTo: base)?.absoluteString
    }

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
