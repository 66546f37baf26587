import CCurl
import Dispatch

/// Talks HTTP to one server after another, one exchange at a time, on a thread of its own, each over a new connection.
///
/// Proxies come from nowhere (the environment's `http_proxy` is not read), redirects lead only to `http` and `https`.
package actor HTTPClient {
    private let executor = CurlExecutor()
    private let userAgent: String

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    package init(userAgent: String) {
        self.userAgent = userAgent
    }

    /// Sends a request and hands the body to `sink` as it comes.
    ///
    /// - Parameters:
    ///   - progress: called now and then with the bytes sent so far.
    ///   - sink: `false` ends the exchange with `.stopped`. Called with the final answer's status, never a redirect's.
    package func exchange(
        _ request: HTTPRequest, progress: @escaping @Sendable (_ sent: Int64, _ total: Int64) -> Void = { _, _ in },
        sink: @escaping @Sendable (_ status: Int, _ bytes: [UInt8]) -> Bool
    ) throws(HTTPFailure) -> HTTPResponse {
        guard !request.url.unicodeScalars.contains(where: { $0.value < 0x21 || $0.value == 0x7F }),
            request.url.hasPrefix("http://") || request.url.hasPrefix("https://")
        else { throw .badRequest("not a web address: \(request.url)") }
        let easy = try EasyHandle()
        let state = ExchangeState(progress: progress, sink: sink)
        try easy.configure(request, userAgent: userAgent)
        return try easy.perform(state)
    }

    /// The same with the whole body, at most `limit` bytes of it.
    package func exchange(
        _ request: HTTPRequest, limit: Int = 1 << 20,
        progress: @escaping @Sendable (_ sent: Int64, _ total: Int64) -> Void = { _, _ in }
    ) throws(HTTPFailure) -> (HTTPResponse, [UInt8]) {
        let body = CollectedBody(limit: limit)
        let response = try exchange(request, progress: progress) { _, bytes in body.append(bytes) }
        return (response, body.bytes)
    }
}

/// Runs the client's work on a dispatch queue, since libcurl's easy interface blocks.
private final class CurlExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "kiln.curl")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
