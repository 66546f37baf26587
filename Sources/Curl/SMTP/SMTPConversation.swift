/// What happens to one message over one connection, as libcurl tells it while it does it.
///
/// Knows where the conversation is, whether it may go on, and in the end what came of it. Used on the lane's thread alone.
struct SMTPConversation {
    let settings: SMTPSettings
    let goal: SMTPGoal
    let needsUnicode: Bool
    let size: Int64
    /// As libcurl counts it: with a second dot before each that begins a line.
    let wireSize: Int64
    /// When the message's turn came; a second connection for it does not begin anew.
    let startedAt: ContinuousClock.Instant

    private(set) var stage = SMTPStage.connect
    private(set) var replies: [SMTPReply] = []
    /// Of the connection as it is now: after STARTTLS, what was said before it does not count.
    private(set) var extensions: SMTPExtensions?
    /// Whether TLS is in place, or its handshake under way.
    private(set) var isSecured: Bool
    /// Found here, whatever libcurl makes of it.
    private(set) var failure: SMTPFailure?
    /// The goal is reached, and nothing more is to be sent.
    private(set) var isDone = false
    /// Nothing but CRAM-MD5 is offered to a login that leaves the choice to us.
    private(set) var needsCRAM = false
    private(set) var lines: [SMTPLine] = []

    private var isReplyOpen = false
    private var lineCount = 0
    private var sentBytes: Int64 = 0
    private var isQuitting = false
    private var movedAt: ContinuousClock.Instant
    private let secrets: SMTPSecrets
    private let keepsLines: Bool

    /// How many lines of replies one message may bring (P6).
    private static let lineLimit = 1000

    init(
        _ settings: SMTPSettings, goal: SMTPGoal, message: SMTPMessage, dots: Int64, known: SMTPConnection?,
        startedAt: ContinuousClock.Instant, now: ContinuousClock.Instant, keepsLines: Bool = false
    ) {
        self.settings = settings
        self.goal = goal
        needsUnicode = message.needsUnicode
        size = message.size
        wireSize = message.size + dots
        self.startedAt = startedAt
        extensions = known?.extensions
        isSecured = known?.isSecured ?? (settings.security == .implicit)
        movedAt = now
        secrets = SMTPSecrets(settings.login)
        self.keepsLines = keepsLines
    }

    /// The last reply's last line has come.
    var isWhole: Bool { !isReplyOpen }

    /// The message's last byte has been sent: the server may take it from now on.
    var hasSentAll: Bool { stage == .end }

    // MARK: - What libcurl tells

    mutating func sent(command bytes: some Collection<UInt8>, at now: ContinuousClock.Instant) {
        let text = String(decoding: bytes.prefix(1024), as: UTF8.self)
        movedAt = now
        let next = Self.stage(of: text, after: stage)
        if next == .quit { isQuitting = true } else if let next { stage = next }
        isReplyOpen = false
        if keepsLines, lines.count < Self.lineLimit { lines.append(.sent(shown(text, begins: next == .login))) }
    }

    mutating func sent(body count: Int, at now: ContinuousClock.Instant) {
        movedAt = now
        sentBytes += Int64(count)
        if sentBytes >= wireSize { stage = .end }
    }

    /// The connection was broken before the message's end could be sent.
    mutating func stopBeforeEnd() {
        stage = .body
        _ = fail(.stopped, "not wanted any more")
    }

    /// - Returns: whether to go on.
    mutating func received(line bytes: some Collection<UInt8>, at now: ContinuousClock.Instant) -> Bool {
        movedAt = now
        if stage == .connect || stage == .tls || stage == .greeting {
            // A new connection, whatever was known of the one before it.
            stage = .greeting
            isSecured = settings.security == .implicit
            extensions = nil
        }
        guard let (code, isLast, status, text) = SMTPReply.parse(secrets.hidden(bytes)) else {
            return isQuitting || fail(.interrupted, "what the server says is no SMTP")
        }
        lineCount += 1
        guard lineCount <= Self.lineLimit else { return fail(.interrupted, "the server's reply has no end") }
        let shown = secrets.hidden(stage == .login && code == 334 ? "<hidden>" : text)
        if keepsLines { lines.append(.received("\(code)\(status.map { " \($0)" } ?? "") \(shown)")) }
        let place = isQuitting ? SMTPStage.quit : stage
        if isReplyOpen, let last = replies.indices.last, replies[last].code == code {
            replies[last].lines.append(shown)
            replies[last].status = replies[last].status ?? status
        } else {
            replies.append(SMTPReply(stage: place, code: code, status: status, lines: [shown]))
        }
        isReplyOpen = !isLast
        return isQuitting || !isLast || replyEnded()
    }

    /// Called about once a second, and oftener.
    mutating func mayGoOn(
        at now: ContinuousClock.Instant, isConnected: @autoclosure () -> Bool, isWanted: Bool
    ) -> Bool {
        guard failure == nil else { return false }
        // What the message became is known then.
        if isQuitting { return movedAt.duration(to: now) < settings.limits.quit }
        guard isWanted || hasSentAll else { return fail(.stopped, "not wanted any more") }
        if stage == .connect, isConnected() {
            stage = isSecured ? .tls : .greeting
            movedAt = now
        }
        guard movedAt.duration(to: now) < patience else { return fail(.timedOut, Self.silence(at: stage)) }
        let age = startedAt.duration(to: now)
        guard !hasSentAll, age >= settings.limits.total else { return true }
        guard stage == .body, age < settings.limits.longest else { return fail(.timedOut, "the server is too slow") }
        return true
    }

    // MARK: - What it means

    private var patience: Duration {
        let limits = settings.limits
        return switch stage {
        case .connect, .tls: limits.connect
        case .end: limits.end
        case .greeting, .hello, .startTLS, .login, .sender, .recipient, .data, .body, .nothing, .quit: limits.reply
        }
    }

    private mutating func replyEnded() -> Bool {
        guard let reply = replies.last, !reply.isRefusal else { return true }
        switch stage {
        case .hello:
            extensions = SMTPExtensions(lines: Array(reply.lines.dropFirst()))
            return becomesSecure || suits()
        case .startTLS:
            stage = .tls
            isSecured = true
            return true
        // The server may have refused STARTTLS where that is allowed: what it said before counts after all.
        case .sender: return suits()
        case .recipient where goal == .askForRecipient:
            isDone = true
            return false
        case .data:
            if reply.code == 354 { stage = .body }
            return true
        case .nothing:
            isDone = true
            return true
        case .connect, .tls, .greeting, .login, .recipient, .body, .end, .quit: return true
        }
    }

    /// Whether STARTTLS comes next.
    private var becomesSecure: Bool {
        switch settings.security {
        case .optional, .required: !isSecured && extensions?.hasStartTLS == true
        case .none, .implicit: false
        }
    }

    /// Whether the server can do what the message and the settings need; said before anything of it is sent.
    private mutating func suits() -> Bool {
        let extensions = extensions ?? SMTPExtensions()
        if !isSecured, settings.security == .required || settings.security == .optional && settings.login != nil {
            let loss = settings.login == nil ? "" : " The password is not sent in clear."
            return fail(.noTLS, "the server does not offer STARTTLS.\(loss)")
        }
        if stage == .hello, let login = settings.login, !canLogIn(login, extensions.mechanisms) { return false }
        if goal == .deliver, let most = extensions.largestMessage, size > most {
            return fail(.tooLarge, "the message has \(size) bytes, and the server takes \(most)")
        }
        if needsUnicode, !extensions.takesUnicode {
            return fail(.noUnicode, "the server takes no addresses in other letters than ASCII (no SMTPUTF8)")
        }
        return true
    }

    private mutating func canLogIn(_ login: SMTPSettings.Login, _ offered: [String]) -> Bool {
        let wanted = login.mechanism.map { [$0.rawValue] } ?? ["PLAIN", "LOGIN"]
        if offered.contains(where: wanted.contains) { return true }
        if login.mechanism == nil, offered.contains("CRAM-MD5") {
            needsCRAM = true
            return fail(.noLogin, "the server offers AUTH CRAM-MD5 alone")
        }
        let list = offered.isEmpty ? "no AUTH at all" : "AUTH \(offered.joined(separator: " "))"
        return fail(.noLogin, "the server offers \(list), and \(wanted.joined(separator: " or ")) is wanted")
    }

    mutating func fail(_ reason: SMTPFailure.Reason, _ words: String) -> Bool {
        failure = failure ?? SMTPFailure(reason, at: stage, words)
        return false
    }

    private func shown(_ text: String, begins isLogin: Bool) -> String {
        let line = String(text.prefix { !$0.isNewline })
        guard stage == .login, !isQuitting else { return line }
        guard isLogin else { return "<hidden>" }
        let words = line.split(separator: " ")
        return words.prefix(2).joined(separator: " ") + (words.count > 2 ? " <hidden>" : "")
    }

    private static func stage(of command: String, after stage: SMTPStage) -> SMTPStage? {
        let starts: [(String, SMTPStage)] = [
            ("EHLO ", .hello), ("HELO ", .hello), ("STARTTLS", .startTLS), ("AUTH ", .login), ("MAIL FROM:", .sender),
            ("RCPT TO:", .recipient), ("NOOP", .nothing),
        ]
        // In a login, other lines are in base64, which may begin with anything that is one word.
        switch command.prefix(while: { !$0.isNewline }) {
        case "DATA" where stage != .login: return .data
        case "QUIT": return .quit
        default: return starts.first { command.hasPrefix($0.0) }?.1
        }
    }

    private static func silence(at stage: SMTPStage) -> String {
        switch stage {
        case .connect: "no connection in time"
        case .tls: "the server did not answer in time to the beginning of TLS"
        case .greeting: "the server did not greet in time"
        case .body: "the server stopped taking the message"
        case .end: "the server did not say in time whether it took the message"
        case .hello, .startTLS, .login, .sender, .recipient, .data, .nothing, .quit: "the server did not reply in time"
        }
    }
}

/// How far a conversation goes.
package enum SMTPGoal: Hashable, Sendable {
    case deliver
    /// Up to the reply to RCPT; nothing is sent.
    case askForRecipient
    /// Up to a login that worked, where there is one.
    case logIn
}

/// A line of either side, without what would let others log in (P7).
package enum SMTPLine: Hashable, Sendable {
    case sent(String)
    case received(String)
}

/// What is known of a connection that is kept.
struct SMTPConnection {
    var extensions: SMTPExtensions
    var isSecured: Bool
}
