import Curl
import Domain

extension ReleaseLinks {
    /// Writes what was found to `path`, where nothing is yet; at most `limit` bytes, and as many as were announced (P9).
    /// What has changed since is looked for again: the answer is *refused until* then.
    package func fetch(_ file: ReleasedFile, to path: String, limit: Int64) async -> ProviderAnswer<Void> {
        let request = HTTPRequest(
            .get, file.link, redirects: .follow(most: Self.mostRedirects), reach: .guarded)
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await transfers.download(request, to: path, limit: limit)
        } catch {
            return Self.answer(to: error, file, limit: limit)
        }
        guard answer.status / 100 == 2 else {
            let pause = ServerWait.duration(answer.headers, now: clock.now()) ?? RemoteAPI.pauseForServer
            return .refusedUntil(after: pause, reason: "the release's host answered \(answer.status)")
        }
        let isSuccess = answer.status == 200 || answer.status == 203
        return await check(path, isSuccess ? file.bytes : -1)
    }

    private static func answer(
        to failure: HTTPFailure, _ file: ReleasedFile, limit: Int64
    ) -> ProviderAnswer<Void> {
        switch failure {
        case .tooLarge: .refused(FailureWords.tooLarge(file.name, max(file.bytes ?? 0, limit + 1), limit: limit))
        case .badRequest, .forbiddenAddress: .refused(FailureWords.forbiddenRelease)
        case .stopped: .unknown(reason: "the transfer was stopped")
        case .unreachable, .interrupted, .timedOut, .file:
            .refusedUntil(after: RemoteAPI.pauseForServer, reason: "the release could not be fetched: \(failure)")
        }
    }

    /// What is not as it should be is removed.
    private func check(_ path: String, _ announced: Int64?) async -> ProviderAnswer<Void> {
        do throws(FileFault) {
            return try await Blocking.run { () throws(FileFault) in
                let bytes = try FileWork.size(of: path)
                if bytes > 0, bytes == announced ?? bytes { return .done(()) }
                try FolderWork.remove(path)
                return .refusedUntil(
                    after: RemoteAPI.pauseForServer, reason: "the release changed while it was fetched")
            }
        } catch {
            return .refusedUntil(after: RemoteAPI.pauseForServer, reason: "\(error)")
        }
    }
}
