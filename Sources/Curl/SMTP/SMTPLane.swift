import CCurl
import Foundation

/// One connection at a time to a mail server, and the handle that speaks over it. Used on one thread alone, which it may
/// hold for `SMTPLimits.longestTry` for each message.
@safe final class SMTPLane {
    let handle: UnsafeMutableRawPointer
    let socket = SMTPSocket()
    let settings: SMTPSettings
    /// What libcurl's callbacks read and write, while `curl_easy_perform` runs.
    var conversation: SMTPConversation?
    var order: SMTPOrder?
    /// How much of the message libcurl has read.
    var offset: Int64 = 0
    private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var recipients: UnsafeMutablePointer<curl_slist>?
    /// What the server of the connection that is kept said; `nil`: none is kept.
    private var known: SMTPExtensions?
    private var usesCRAM = false
    private var isClosed = false

    /// `nil` if libcurl cannot be started.
    init?(_ settings: SMTPSettings) {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = unsafe handle
        self.settings = settings
        unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        close()
        unsafe curl_slist_free_all(recipients)
        unsafe words.deallocate()
    }

    /// Says QUIT and closes. libcurl would wait two minutes for a server that does not answer to that.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        let cut = DispatchWorkItem { [socket] in socket.cut() }
        DispatchQueue.global().asyncAfter(deadline: .now() + settings.limits.quit.timeInterval, execute: cut)
        unsafe curl_easy_cleanup(handle)
        cut.cancel()
    }

    func send(_ order: SMTPOrder) -> SMTPReport {
        let dots: Int64
        do throws(SMTPFailure) {
            try order.message.checkAddresses()
            dots = order.goal == .deliver ? try order.message.countDots() : 0
            try checkKnown(order)
        } catch {
            return SMTPReport(answer: SMTPAnswer(.failed(error)), extensions: known)
        }
        let startedAt = ContinuousClock.now
        var isFresh = order.keepsLines
        while true {
            let (conversation, code) = perform(order, dots: dots, startedAt: startedAt, isFresh: isFresh)
            let isFirst = !isFresh
            isFresh = true
            if order.isCancelled == false {
                if conversation.metClosedConnection, isFirst { continue }
                if conversation.needsCRAM, !usesCRAM {
                    usesCRAM = true
                    continue
                }
            }
            return report(conversation, code, order)
        }
    }

    /// What the kept connection's server is known not to take costs no connection.
    private func checkKnown(_ order: SMTPOrder) throws(SMTPFailure) {
        guard let known, order.goal == .deliver else { return }
        if let most = known.largestMessage, order.message.size > most {
            throw SMTPFailure(
                .tooLarge, at: .hello, "the message has \(order.message.size) bytes, and the server takes \(most)")
        }
    }

    private func perform(
        _ order: SMTPOrder, dots: Int64, startedAt: ContinuousClock.Instant, isFresh: Bool
    ) -> (SMTPConversation, CURLcode) {
        unsafe curl_easy_reset(handle)
        unsafe words[0] = 0
        let start = SMTPConversation(
            settings, goal: order.goal, message: order.message, dots: dots, known: known, startedAt: startedAt,
            keepsLines: order.keepsLines)
        conversation = start
        self.order = order
        offset = 0
        setGeneral(isFresh: isFresh)
        setTLS()
        setLogin()
        set(message: order.message, dots: dots, goal: order.goal)
        setCallbacks()
        let code = unsafe curl_easy_perform(handle)
        let end = conversation ?? start
        conversation = nil
        self.order = nil
        known = code == CURLE_OK ? end.extensions : nil
        return (end, code)
    }

    private func report(_ conversation: SMTPConversation, _ code: CURLcode, _ order: SMTPOrder) -> SMTPReport {
        let detail = unsafe String(cString: words)
        let said = detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
        let answer: SMTPAnswer
        if order.isCancelled, !conversation.hasSentAll {
            answer = SMTPAnswer(
                .failed(SMTPFailure(.stopped, at: conversation.stage, "not wanted any more")),
                replies: conversation.replies)
        } else {
            answer = conversation.answer(code, said)
        }
        var report = SMTPReport(answer: answer, extensions: conversation.extensions)
        guard order.keepsLines else { return report }
        report.lines = conversation.lines
        report.isSecured = conversation.isSecured
        report.certificate = certificate
        report.peer = unsafe kiln_curl_get_text(handle, CURLINFO_PRIMARY_IP).map { unsafe String(cString: $0) }
        return report
    }

    private var certificate: [String: String] {
        var values: [String: String] = [:]
        var item = unsafe kiln_curl_get_certificate(handle)
        while let entry = unsafe item {
            if let data = unsafe entry.pointee.data {
                let parts = unsafe String(cString: data).split(separator: ":", maxSplits: 1)
                if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
            }
            unsafe item = unsafe UnsafePointer(entry.pointee.next)
        }
        return values
    }

    // MARK: - Options

    private func setGeneral(isFresh: Bool) {
        unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, words)
        set(CURLOPT_URL, settings.url)
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_MAXCONNECTS, 1)
        set(CURLOPT_FRESH_CONNECT, isFresh ? 1 : 0)
        // `SMTPConversation` keeps the time. These come later, should libcurl not ask it.
        let limits = settings.limits
        set(CURLOPT_CONNECTTIMEOUT_MS, (limits.connect + limits.total).milliseconds)
        set(CURLOPT_TIMEOUT_MS, limits.longestTry.milliseconds)
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(limits.reply, limits.end).milliseconds / 1000 + 2)
    }

    private func setTLS() {
        // A password goes nowhere in clear: with one, TLS is not optional.
        let isOptional = settings.security == .optional && settings.login == nil
        switch settings.security {
        case .none: set(CURLOPT_USE_SSL, Int(CURLUSESSL_NONE.rawValue))
        case .optional, .required, .implicit:
            set(CURLOPT_USE_SSL, Int((isOptional ? CURLUSESSL_TRY : CURLUSESSL_ALL).rawValue))
        }
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_CERTINFO, 1)
        if let file = settings.caFile {
            set(CURLOPT_CAINFO, file)
            unsafe _ = kiln_curl_set_text(handle, CURLOPT_CAPATH, nil)
        }
    }

    private func setLogin() {
        guard let login = settings.login else { return }
        set(CURLOPT_USERNAME, login.name)
        set(CURLOPT_SASL_IR, 1)
        switch login.mechanism ?? (usesCRAM ? .cramMD5 : nil) {
        case .xoauth2?:
            set(CURLOPT_XOAUTH2_BEARER, login.secret)
            set(CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2")
        case let mechanism?:
            set(CURLOPT_PASSWORD, login.secret)
            set(CURLOPT_LOGIN_OPTIONS, "AUTH=\(mechanism.rawValue)")
        case nil:
            set(CURLOPT_PASSWORD, login.secret)
            set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
        }
    }

    private func set(message: SMTPMessage, dots: Int64, goal: SMTPConversation.Goal) {
        guard goal != .logIn else {
            set(CURLOPT_CUSTOMREQUEST, "NOOP")
            return
        }
        unsafe curl_slist_free_all(recipients)
        unsafe recipients = curl_slist_append(nil, message.recipient)
        unsafe _ = kiln_curl_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
        set(CURLOPT_MAIL_FROM, message.sender)
        set(CURLOPT_UPLOAD, 1)
        // With the dots that libcurl adds: it stops where it has sent this many bytes, its own among them. Up to 7.88 a
        // message whose size without them ended on a buffer's border would lose its last lines.
        unsafe _ = kiln_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(message.size + dots))
    }

    func set(_ option: CURLoption, _ value: Int) {
        unsafe _ = kiln_curl_set_long(handle, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        unsafe _ = kiln_curl_set_text(handle, option, value)
    }
}

extension Duration {
    /// Between 1 and what libcurl takes.
    fileprivate var milliseconds: Int { Int(max(1, min(timeInterval * 1000, Double(Int32.max)))) }
}
