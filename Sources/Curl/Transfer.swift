/// One exchange under way: what libcurl's callbacks write to. Used on the loop's thread alone.
final class Transfer {
    let order: TransferOrder
    let continuation: TransferContinuation
    let guarding: AddressGuard?
    /// Where it has been led to.
    private(set) var address: WebAddress
    private(set) var hops = 0
    /// It was led to another origin once: what says who asks stays behind, for good.
    private(set) var isElsewhere = false
    /// Something of the request went to where it is now.
    private(set) var wasSent = false
    private(set) var head = AnswerHead()
    /// Of this hop, also those that are not kept.
    private var bodyCount: Int64 = 0
    private var body: [UInt8] = []
    private var file: DownloadFile?
    private(set) var failure: HTTPFailure?
    /// An address that the guard refused, if nothing else was connected to since.
    private(set) var forbidden: IPAddress?
    /// The part of the body that is wanted is there: the rest is not read.
    private(set) var hasEnough = false

    init(_ order: TransferOrder, _ continuation: TransferContinuation, guarding: AddressGuard?) {
        self.order = order
        self.continuation = continuation
        self.guarding = guarding
        address = order.address
    }

    var isRedirected: Bool {
        guard order.request.redirectLimit != nil, head.hasLocation else { return false }
        return [301, 302, 303, 307, 308].contains(head.status)
    }

    /// Whether a socket may be opened to the address; `nil` is one of no internet address.
    func mayConnect(to address: IPAddress?) -> Bool {
        guard let guarding else { return true }
        if let address, guarding.permits(address) { return true }
        forbidden = address ?? .v4(0)
        return false
    }

    /// The last moment before the request is sent, on a new connection or one that is used again.
    func maySend(to peer: @autoclosure () -> IPAddress?) -> Bool {
        if guarding != nil {
            guard mayConnect(to: peer()) else { return false }
            forbidden = nil
        }
        wasSent = true
        return true
    }

    /// - Returns: whether to go on.
    func receive(headLine line: UnsafeRawBufferPointer) -> Bool {
        unsafe head.append(line, mayBeginAnswer: bodyCount == 0)
        guard head.total <= HTTPTransfers.headLimit else { return fail(.tooLarge) }
        guard !head.isAmbiguous else { return fail(.interrupted("two different lengths")) }
        // What says itself that it is too large is not waited for.
        if head.isComplete, let length = head.length, let limit = bodyLimit, length > limit { return fail(.tooLarge) }
        return true
    }

    /// Bytes of the body that may come; `nil` if only its beginning is wanted, or none is to come.
    private var bodyLimit: Int64? {
        guard order.request.method != .head, !isRedirected else { return nil }
        switch order.destination {
        case .memory(let limit): return Int64(limit)
        case .file(_, let limit): return head.status / 100 == 2 ? limit : nil
        case .beginning, .sink: return nil
        }
    }

    /// - Returns: whether to go on.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        bodyCount += Int64(bytes.count)
        if isRedirected { return bodyCount <= HTTPTransfers.sampleLimit || fail(.tooLarge) }
        switch order.destination {
        case .memory(let limit):
            guard bodyCount <= limit else { return fail(.tooLarge) }
            unsafe body.append(contentsOf: bytes)
        case .beginning(let most): return unsafe sample(bytes, most: most)
        case .file(_, let limit):
            guard head.status / 100 == 2 else { return unsafe sample(bytes, most: HTTPTransfers.sampleLimit) }
            guard bodyCount <= limit else { return fail(.tooLarge) }
            do throws(HTTPFailure) { unsafe try openFile()?.write(bytes) } catch { return fail(error) }
        case .sink(let sink):
            guard unsafe sink(head.status, Array(bytes)) else { return fail(.stopped) }
        }
        return true
    }

    /// Ends the exchange with this, whatever libcurl says.
    func fail(_ failure: HTTPFailure) -> Bool {
        self.failure = failure
        return false
    }

    /// Goes on elsewhere.
    func follow(to target: WebAddress) {
        if target.origin != address.origin { isElsewhere = true }
        address = target
        hops += 1
        wasSent = false
        forbidden = nil
        head.forget()
        bodyCount = 0
    }

    /// Nothing is left of a failed download.
    func discard() {
        file?.remove()
        file = nil
    }

    func outcome() -> Result<TransferOutcome, HTTPFailure> {
        if case .file = order.destination, head.status / 100 == 2, order.request.method != .head {
            do throws(HTTPFailure) { try openFile()?.close() } catch { return .failure(error) }
        }
        return .success(TransferOutcome(status: head.status, head: head.bytes, body: body, url: address.text))
    }

    private func openFile() throws(HTTPFailure) -> DownloadFile? {
        if file == nil, case .file(let path, _) = order.destination { file = try DownloadFile(path) }
        return file
    }

    private func sample(_ bytes: UnsafeRawBufferPointer, most: Int) -> Bool {
        unsafe body.append(contentsOf: bytes.prefix(max(0, most - body.count)))
        hasEnough = bodyCount > most
        return !hasEnough
    }
}
