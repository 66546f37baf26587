import NIOCore

/// Where a connection is between its requests and answers, and which of its limits has run out. Knows no sockets: the
/// handlers tell it what happened and when, and do what it says.
struct ConnectionState {
    private enum Reading {
        /// No byte of the next request is here. `isFirst`: no request came yet.
        case idle(since: NIODeadline, isFirst: Bool)
        case head(since: NIODeadline)
        case body(Body)
        /// The request is here as a whole.
        case whole
        /// The connection ends; what comes in is swallowed.
        case lingering(since: NIODeadline)
    }

    private struct Body {
        var since: NIODeadline
        var spanSince: NIODeadline
        var bytesInSpan = 0
        /// The client waits to be told to send the body.
        var awaitsContinue: Bool
        /// `nil`: chunked.
        var bytesLeft: Int?
    }

    private struct Unread {
        var since: NIODeadline
        /// Bytes waiting then, and bytes written since.
        var waiting: Int
        var written = 0
    }

    /// Why a connection is cut.
    enum Cut: Hashable {
        case silent
        case slowHead
        case slowBody
        case slowReader
        case lingered
    }

    enum TickAction: Hashable {
        /// Nothing to look at until something happens.
        case rest
        case lookAgain
        case cut(Cut, canAnswer: Bool)
    }

    private let limits: ConnectionLimits
    private var reading: Reading
    private var requests = 0
    private var answers = 0
    /// Whether the head of the answer under way is written.
    private var isHeadWritten = false
    /// The connection ends after this many answers.
    private var lastAnswer: Int?
    private var isQuiescing = false
    private var unread: Unread?

    init(limits: ConnectionLimits, now: NIODeadline) {
        self.limits = limits
        self.reading = .idle(since: now, isFirst: true)
    }

    // MARK: What comes in

    mutating func bytesCame(_ count: Int, at now: NIODeadline) {
        switch reading {
        case .idle: reading = .head(since: now)
        case .body(var body):
            body.bytesInSpan += count
            reading = .body(body)
        case .head, .whole, .lingering: break
        }
    }

    /// - Returns: whether the head is passed on; after the connection's last answer nothing is.
    mutating func headCame(length: Int?, awaitsContinue: Bool, wantsClose: Bool, at now: NIODeadline) -> Bool {
        if case .lingering = reading { return false }
        requests += 1
        if wantsClose { endAfterAnswer(requests) }
        reading = .body(Body(since: now, spanSince: now, awaitsContinue: awaitsContinue, bytesLeft: length))
        return true
    }

    /// - Returns: whether the part is passed on.
    mutating func bodyCame(_ count: Int) -> Bool {
        guard case .body(var body) = reading else { return false }
        body.awaitsContinue = false
        body.bytesLeft = body.bytesLeft.map { $0 - count }
        reading = .body(body)
        return true
    }

    mutating func endCame(at now: NIODeadline) -> Bool {
        guard case .body = reading else { return false }
        reading = answers == requests ? .idle(since: now, isFirst: false) : .whole
        return true
    }

    // MARK: What goes out

    /// The body is wanted. - Returns: whether `100 Continue` is to be written.
    mutating func continueWanted() -> Bool {
        guard case .body(var body) = reading, body.awaitsContinue, !isHeadWritten else { return false }
        body.awaitsContinue = false
        reading = .body(body)
        return true
    }

    /// An answer's head goes out.
    /// - Returns: whether it has to say `Connection: close`: asked for by anybody, or because more of the request is
    ///   still to come than is worth reading.
    mutating func answerHead(saysClose: Bool) -> Bool {
        isHeadWritten = true
        if case .body(let body) = reading, answers + 1 == requests {
            let rest = body.bytesLeft ?? .max
            if body.awaitsContinue || rest > 64 * 1024 { endAfterAnswer(answers + 1) }
        }
        if saysClose || (isQuiescing && answers + 1 == requests) { endAfterAnswer(answers + 1) }
        return lastAnswer == answers + 1
    }

    /// An answer went out whole. - Returns: whether the connection ends.
    mutating func answerEnd(at now: NIODeadline) -> Bool {
        answers += 1
        isHeadWritten = false
        if let lastAnswer, answers >= lastAnswer {
            reading = .lingering(since: now)
            return true
        }
        if case .whole = reading, answers == requests { reading = .idle(since: now, isFirst: false) }
        return false
    }

    /// The connection's last answer went out without the application.
    mutating func refused(at now: NIODeadline) {
        reading = .lingering(since: now)
    }

    private mutating func endAfterAnswer(_ number: Int) {
        lastAnswer = min(lastAnswer ?? number, number)
    }

    /// The server is stopping. - Returns: whether the connection can end at once.
    mutating func quiesce() -> Bool {
        isQuiescing = true
        if answers == requests { return true }
        endAfterAnswer(requests)
        return false
    }

    mutating func bytesWritten(_ count: Int) {
        unread?.written += count
    }

    // MARK: Limits

    /// Whether a tick is of use now; `waiting`: bytes of answers that the client has not taken.
    func needsTick(waiting: Int) -> Bool {
        if waiting > 0 { return true }
        if case .whole = reading { return false }
        return true
    }

    /// - Parameters:
    ///   - waiting: bytes of answers that the client has not taken.
    ///   - isReading: whether we would take more from the client; if not, a slow body is not its fault.
    mutating func tick(waiting: Int, isReading: Bool, at now: NIODeadline) -> TickAction {
        if readerIsSlow(waiting: waiting, at: now) { return .cut(.slowReader, canAnswer: false) }
        switch reading {
        case .idle(let since, let isFirst):
            let limit = isFirst ? limits.headTime : limits.idleTime
            return now - since >= limit ? .cut(.silent, canAnswer: false) : .lookAgain
        case .head(let since):
            return now - since >= limits.headTime ? .cut(.slowHead, canAnswer: answers == requests) : .lookAgain
        case .body(let body):
            return tick(body, isReading: isReading, at: now)
        case .whole:
            return waiting > 0 ? .lookAgain : .rest
        case .lingering(let since):
            return now - since >= limits.lingerTime ? .cut(.lingered, canAnswer: false) : .lookAgain
        }
    }

    private mutating func tick(_ body: Body, isReading: Bool, at now: NIODeadline) -> TickAction {
        var body = body
        let canAnswer = !isHeadWritten && answers + 1 == requests
        if now - body.since >= limits.bodyTime { return .cut(.slowBody, canAnswer: canAnswer) }
        if !isReading || body.awaitsContinue {
            body.spanSince = now
            body.bytesInSpan = 0
        } else if now - body.spanSince >= limits.rateSpan {
            guard body.bytesInSpan >= limits.bytes(in: now - body.spanSince) else {
                return .cut(.slowBody, canAnswer: canAnswer)
            }
            body.spanSince = now
            body.bytesInSpan = 0
        }
        reading = .body(body)
        return .lookAgain
    }

    private mutating func readerIsSlow(waiting: Int, at now: NIODeadline) -> Bool {
        guard waiting > 0 else {
            unread = nil
            return false
        }
        guard let before = unread else {
            unread = Unread(since: now, waiting: waiting)
            return false
        }
        guard now - before.since >= limits.writeTime else { return false }
        let taken = before.waiting + before.written - waiting
        unread = Unread(since: now, waiting: waiting)
        return taken < limits.bytes(in: now - before.since)
    }
}

extension ConnectionLimits {
    /// What has to come or go in this time.
    fileprivate func bytes(in span: TimeAmount) -> Int {
        Int(Double(span.nanoseconds) / 1e9 * Double(minBytesPerSecond))
    }
}
