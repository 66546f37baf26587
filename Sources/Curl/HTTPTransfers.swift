/// What a server answered, with its body (the first part of it, where the body went to a file).
package struct HTTPAnswer: Hashable, Sendable {
    package var status: Int
    /// Of the last answer, after redirects. Names in lower case; of repeated ones the last.
    package var headers: [String: String]
    package var body: [UInt8]
    /// Where the answer came from, after redirects.
    package var url: String

    package init(status: Int, headers: [String: String], body: [UInt8], url: String = "") {
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
    }
}

package struct TransferSettings: Hashable, Sendable {
    package var userAgent: String
    /// `nil`: none, whatever the environment says. Guarded requests never use it: behind a proxy the address is not seen.
    package var proxy: String?
    /// Certificates that servers' are checked against; `nil`: the system's.
    package var caFile: String?
    /// Networks (CIDR) that guarded requests may go to beside public addresses; what is no network allows nothing.
    package var allowedNetworks: [String]
    /// Transfers in flight, in all and to one host (scheme, host and port of the request's own URL).
    package var mostInFlight: Int
    package var mostPerHost: Int

    package init(
        userAgent: String, proxy: String? = nil, caFile: String? = nil, allowedNetworks: [String] = [],
        mostInFlight: Int = 128, mostPerHost: Int = 32
    ) {
        self.userAgent = userAgent
        self.proxy = proxy
        self.caFile = caFile
        self.allowedNetworks = allowedNetworks
        self.mostInFlight = mostInFlight
        self.mostPerHost = mostPerHost
    }
}

/// All outgoing HTTP of the server. Safe to call from any task; a cancelled task's call returns at once with `.stopped`.
///
/// One thread with one libcurl multi handle moves all transfers (docs/adr/0012-one-multi-loop.md). It begins with the first
/// transfer and ends with the last reference, or with `shutdown`.
package final class HTTPTransfers: Sendable {
    /// Of all heads of an exchange together: interim answers, redirects, the answer, trailers.
    package static let headLimit = 256 << 10

    /// Of an answer that is not the one a download is for.
    static let sampleLimit = 64 << 10

    private let mailbox: TransferMailbox

    package init(_ settings: TransferSettings) {
        mailbox = TransferMailbox(settings)
    }

    deinit {
        mailbox.end()
    }

    /// The whole answer; a body over `bodyLimit` bytes ends it with `.tooLarge`.
    ///
    /// - Parameter progress: called now and then with the bytes of the body sent so far, on the transfers' own thread.
    package func send(
        _ request: HTTPRequest, bodyLimit: Int = 4 << 20,
        progress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)? = nil
    ) async throws(HTTPFailure) -> HTTPAnswer {
        try await transfer(request, .memory(limit: bodyLimit), progress)
    }

    /// The answer with the beginning of its body; what comes after `most` bytes is not read, and the connection closed.
    package func peek(_ request: HTTPRequest, most: Int) async throws(HTTPFailure) -> HTTPAnswer {
        try await transfer(request, .beginning(most: most), nil)
    }

    /// A 2xx answer's body goes to the file at `path`, which must not exist yet and is removed if the transfer fails;
    /// another answer's body (its first 64 KiB) is in the answer, and no file is made. The file is not yet safe from a loss
    /// of power.
    package func download(
        _ request: HTTPRequest, to path: String, limit: Int64
    ) async throws(HTTPFailure) -> HTTPAnswer {
        try await transfer(request, .file(path: path, limit: limit), nil)
    }

    /// Hands the body to `sink` as it comes, with the last answer's status, never a redirect's; the answer has none.
    ///
    /// - Parameter sink: `false` ends the exchange with `.stopped`. Called on the thread of all transfers, which it holds up.
    package func stream(
        _ request: HTTPRequest, progress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)? = nil,
        sink: @escaping @Sendable (_ status: Int, _ bytes: [UInt8]) -> Bool
    ) async throws(HTTPFailure) -> HTTPAnswer {
        try await transfer(request, .sink(sink), progress)
    }

    /// Ends what is under way and everything after it with `.stopped`; returns when the thread has ended.
    package func shutdown() async {
        mailbox.end()
        await mailbox.ended()
    }

    private func transfer(
        _ request: HTTPRequest, _ destination: TransferDestination,
        _ progress: (@Sendable (Int64, Int64) -> Void)?
    ) async throws(HTTPFailure) -> HTTPAnswer {
        let ticket = TransferTicket(mailbox)
        let order = try TransferOrder(request, to: destination, progress: progress, ticket: ticket)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { ticket.submit(order, $0) }
        } onCancel: {
            ticket.cancel()
        }
        return try result.get().answer
    }
}
