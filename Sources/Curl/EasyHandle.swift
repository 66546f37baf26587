import CCurl
import NIOConcurrencyHelpers

/// One easy handle of libcurl with what it points to; used again and again, on the loop's thread alone.
@safe final class EasyHandle {
    let handle: UnsafeMutableRawPointer
    private(set) var transfer: Transfer?
    var upload: UploadFile?
    private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var form: OpaquePointer?

    /// - Parameter connections: where its connections come from and go to, if not from and to the multi handle.
    init?(sharing connections: OpaquePointer?) {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = unsafe handle
        unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        if let connections = unsafe connections {
            unsafe _ = kiln_curl_set_share(handle, UnsafeMutableRawPointer(connections))
        }
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(headers)
        unsafe curl_mime_free(form)
        unsafe words.deallocate()
    }

    /// The one whose callback is called: libcurl keeps no reference of its own, the loop's does.
    static func of(_ context: UnsafeMutableRawPointer) -> EasyHandle {
        unsafe Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    }

    /// Ready to be added to the multi handle.
    func begin(_ transfer: Transfer, _ settings: TransferSettings) throws(HTTPFailure) {
        self.transfer = transfer
        let request = transfer.order.request
        set(general: settings, isGuarded: transfer.guarding != nil)
        set(callbacks: transfer)
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, max(1, Int(request.stallLimit.limitedMilliseconds + 999) / 1000))
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectLimit.limitedMilliseconds)
        if request.acceptsCompressed { set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
        try set(method: request)
        try aim(transfer)
    }

    /// The same exchange at the place that it was led to.
    func goOn() throws(HTTPFailure) {
        guard let transfer else { return }
        try aim(transfer)
    }

    /// What libcurl had to say about the failure.
    func failureWords(_ code: CURLcode) -> String {
        let detail = unsafe String(cString: words)
        return detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
    }

    /// Where the answer leads to; `nil` if libcurl cannot read it.
    var redirectTarget: String? {
        guard let text = unsafe kiln_curl_get_text(handle, CURLINFO_REDIRECT_URL) else { return nil }
        return unsafe String(cString: text)
    }

    /// For the next exchange; not while it is added to the multi handle.
    func clear() {
        unsafe curl_easy_reset(handle)
        unsafe curl_slist_free_all(headers)
        unsafe headers = nil
        unsafe curl_mime_free(form)
        unsafe form = nil
        upload = nil
        transfer = nil
    }

    private func set(general settings: TransferSettings, isGuarded: Bool) {
        unsafe words[0] = 0
        unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, words)
        set(CURLOPT_USERAGENT, settings.userAgent)
        set(CURLOPT_PROXY, isGuarded ? "" : settings.proxy ?? "")
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_NOSIGNAL, 1)
        // Without it the loop waits for a name that is still looked up when its transfer ends.
        set(CURLOPT_QUICK_EXIT, 1)
        // A folder of certificates keeps libcurl from keeping them in memory for the next connection.
        if let file = settings.caFile {
            set(CURLOPT_CAINFO, file)
            unsafe _ = kiln_curl_set_text(handle, CURLOPT_CAPATH, nil)
        } else if unsafe kiln_curl_get_text(handle, CURLINFO_CAINFO) != nil {
            unsafe _ = kiln_curl_set_text(handle, CURLOPT_CAPATH, nil)
        }
    }

    private func set(method request: HTTPRequest) throws(HTTPFailure) {
        switch request.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .head: set(CURLOPT_NOBODY, 1)
        case .post, .patch:
            set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            // libcurl sends a request again, unasked, if a used connection breaks before an answer: the server may have
            // acted on the first (P3). PUT and DELETE may be repeated.
            set(CURLOPT_FRESH_CONNECT, 1)
        case .put, .delete: set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        switch request.body {
        case .none:
            if request.method != .get, request.method != .head, request.method != .delete { set(bytes: []) }
        case .bytes(let bytes, _): set(bytes: bytes)
        case .file(let path, _):
            let file = try UploadFile(path)
            upload = file
            set(CURLOPT_UPLOAD, 1)
            unsafe _ = kiln_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(file.size))
            setUploadCallbacks()
        case .form(let parts): try set(form: parts)
        }
    }

    private func set(bytes: [UInt8]) {
        set(CURLOPT_POST, 1)
        unsafe _ = kiln_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        unsafe bytes.withUnsafeBytes { bytes in
            if unsafe bytes.isEmpty {
                set(CURLOPT_COPYPOSTFIELDS, "")
            } else {
                _ = unsafe kiln_curl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
        }
    }

    private func set(form parts: [HTTPRequest.FormPart]) throws(HTTPFailure) {
        let form = unsafe curl_mime_init(handle)
        unsafe self.form = unsafe form
        for part in parts {
            let piece = unsafe curl_mime_addpart(form)
            unsafe curl_mime_name(piece, part.name)
            switch part.content {
            case .text(let text):
                let bytes = Array(text.utf8)
                unsafe bytes.withUnsafeBytes { raw in
                    let start = unsafe raw.baseAddress?.assumingMemoryBound(to: CChar.self)
                    _ = unsafe curl_mime_data(piece, start, raw.count)
                }
            case .file(let path, let name):
                guard unsafe curl_mime_filedata(piece, path) == CURLE_OK else {
                    throw .badRequest("the file \(path) cannot be read")
                }
                unsafe curl_mime_filename(piece, name)
                unsafe curl_mime_type(piece, "application/octet-stream")
            }
        }
        unsafe _ = kiln_curl_set_mime(handle, form)
    }

    /// What is another at each place of an exchange.
    private func aim(_ transfer: Transfer) throws(HTTPFailure) {
        let left = ContinuousClock.now.duration(to: transfer.order.deadline)
        guard left > .zero else { throw transfer.hops > 0 ? .timedOut : .unreachable("no turn in time") }
        set(CURLOPT_URL, transfer.address.text)
        set(CURLOPT_TIMEOUT_MS, left.limitedMilliseconds)
        unsafe curl_slist_free_all(headers)
        unsafe headers = nil
        let request = transfer.order.request
        var hasType = false
        for (name, value) in request.headers {
            if transfer.isElsewhere, !HTTPRequest.isHarmless(name) { continue }
            if name.utf8.count == 12, name.lowercased() == "content-type" { hasType = true }
            // This is how libcurl is told of a header without a value.
            try add(header: value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        switch request.body {
        case .bytes(_, let type), .file(_, let type): try add(header: "Content-Type: \(type)")
        case .none where !hasType && (request.method == .post || request.method == .put || request.method == .patch):
            try add(header: "Content-Type:")
        case .none, .form: break
        }
        unsafe _ = kiln_curl_set_list(handle, CURLOPT_HTTPHEADER, headers)
    }

    private func add(header line: String) throws(HTTPFailure) {
        guard let longer = unsafe curl_slist_append(headers, line) else { throw .unreachable("out of memory") }
        unsafe headers = unsafe longer
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
    fileprivate var limitedMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1000 else { return Int(Int32.max) }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
