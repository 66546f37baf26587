import CCurl

/// One easy handle of libcurl, its header list and its form; freed with it.
@safe final class EasyHandle {
    private let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var form: OpaquePointer?
    private var body: [UInt8] = []

    init() throws(HTTPFailure) {
        guard let handle = unsafe curl_easy_init() else { throw .unreachable("libcurl could not be started") }
        unsafe self.handle = unsafe handle
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(headers)
        unsafe curl_mime_free(form)
    }

    func configure(_ request: HTTPRequest, userAgent: String) throws(HTTPFailure) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_USERAGENT, userAgent)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_NOPROGRESS, 0)
        set(CURLOPT_CONNECTTIMEOUT, 15)
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, Int(request.stallLimit.components.seconds))
        set(CURLOPT_TIMEOUT, Int(request.timeLimit.components.seconds))
        switch request.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .head: set(CURLOPT_NOBODY, 1)
        case .post, .put, .patch, .delete: set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
        if case .follow(let most) = request.redirects, request.method == .get || request.method == .head {
            set(CURLOPT_FOLLOWLOCATION, 1)
            set(CURLOPT_MAXREDIRS, most)
        }
        for (name, value) in request.headers { try add(header: "\(name): \(value)") }
        switch request.body {
        case .none: break
        case .bytes(let bytes, let contentType):
            body = bytes
            set(CURLOPT_POST, 1)
            unsafe body.withUnsafeBytes { bytes in
                _ = unsafe kiln_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
                _ = unsafe kiln_curl_set_pointer(
                    handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
            try add(header: "Content-Type: \(contentType)")
        case .form(let parts): try set(form: parts)
        }
        unsafe _ = kiln_curl_set_list(handle, CURLOPT_HTTPHEADER, headers)
    }

    /// Blocks until the exchange is over.
    func perform(_ state: ExchangeState) throws(HTTPFailure) -> HTTPResponse {
        let code = withExtendedLifetime(state) {
            let context = unsafe Unmanaged.passUnretained(state).toOpaque()
            unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
            unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
            unsafe _ = kiln_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
            unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
                guard let data = unsafe data, let context = unsafe context else { return 0 }
                let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
                unsafe exchange(context).header(String(decoding: bytes, as: UTF8.self))
                return size * count
            }
            unsafe _ = kiln_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
                guard let data = unsafe data, let context = unsafe context else { return 0 }
                let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
                return unsafe exchange(context).body(Array(bytes)) ? size * count : 0
            }
            unsafe _ = kiln_curl_set_progress_callback(handle) { context, _, _, total, sent in
                guard let context = unsafe context else { return 1 }
                unsafe exchange(context).sent(Int64(sent), of: Int64(total))
                return 0
            }
            return unsafe curl_easy_perform(handle)
        }
        if state.wasStopped { throw .stopped }
        guard code == CURLE_OK else { throw Self.failure(code) }
        var status = 0
        unsafe _ = kiln_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return HTTPResponse(status: status, headers: state.headers)
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

    /// Takes a line break for what it is: a second header (P5).
    private func add(header line: String) throws(HTTPFailure) {
        guard !line.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw .badRequest("a header with a control character")
        }
        guard let longer = unsafe curl_slist_append(headers, line) else { throw .badRequest("out of memory") }
        unsafe headers = unsafe longer
    }

    private func set(_ option: CURLoption, _ value: Int) {
        unsafe _ = kiln_curl_set_long(handle, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        unsafe _ = kiln_curl_set_text(handle, option, value)
    }

    private static func failure(_ code: CURLcode) -> HTTPFailure {
        let words = unsafe String(cString: curl_easy_strerror(code))
        return switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_READ_ERROR: .badRequest(words)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION:
            .unreachable(words)
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        default: .interrupted(words)
        }
    }
}

/// The state behind a callback's context pointer, which outlives the exchange (`withExtendedLifetime`).
private func exchange(_ context: UnsafeMutableRawPointer) -> ExchangeState {
    unsafe Unmanaged<ExchangeState>.fromOpaque(context).takeUnretainedValue()
}
