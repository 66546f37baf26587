/// Where an answer's body goes.
enum TransferDestination: Sendable {
    case memory(limit: Int)
    /// So much of it; the rest is not read.
    case beginning(most: Int)
    /// A 2xx answer's; the file is made for it.
    case file(path: String, limit: Int64)
    case sink(@Sendable (_ status: Int, _ bytes: [UInt8]) -> Bool)
}

/// One exchange as the loop gets it: nothing in it is refused any more but by the network.
struct TransferOrder: Sendable {
    var request: HTTPRequest
    var address: WebAddress
    var destination: TransferDestination
    var progress: (@Sendable (Int64, Int64) -> Void)?
    var deadline: ContinuousClock.Instant
    var ticket: TransferTicket

    /// Beyond this a limit is none.
    private static let longest = Duration.seconds(30 * 24 * 3600)

    init(
        _ request: HTTPRequest, to destination: TransferDestination, progress: (@Sendable (Int64, Int64) -> Void)?,
        ticket: TransferTicket
    ) throws(HTTPFailure) {
        guard let address = WebAddress(request.url) else { throw .badRequest("not a web address") }
        try request.checkHeaders()
        try request.checkBody()
        self.request = request
        self.address = address
        self.destination = destination
        self.progress = progress
        self.ticket = ticket
        deadline = .now.advanced(by: min(max(request.timeLimit, .zero), Self.longest))
    }
}

/// How an exchange went; the head is taken apart by the caller's task, not on the loop's thread.
struct TransferOutcome: Sendable {
    var status: Int
    var head: [UInt8]
    var body: [UInt8]
    var url: String

    var answer: HTTPAnswer {
        HTTPAnswer(status: status, headers: AnswerHead.headers(head), body: body, url: url)
    }
}

typealias TransferContinuation = CheckedContinuation<Result<TransferOutcome, HTTPFailure>, Never>
