extension HTTPRequest {
    /// libcurl sends a line break in a header as what it is: a second header (P5).
    func checkHeaders() throws(HTTPFailure) {
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isOfToken) else {
                throw .badRequest("a header's name that is none")
            }
            guard Self.isClean(value) else { throw .badRequest("a header with a control character") }
            let framing = ["content-length", "transfer-encoding"]
            guard name.utf8.count < 14 || !framing.contains(name.lowercased()) else {
                throw .badRequest("a header that frames the message")
            }
        }
    }

    func checkBody() throws(HTTPFailure) {
        switch body {
        case .none: return
        case .bytes(_, let contentType):
            guard Self.isClean(contentType) else { throw .badRequest("a header with a control character") }
        case .file(let path, let contentType):
            guard Self.isClean(contentType) else { throw .badRequest("a header with a control character") }
            guard !path.utf8.contains(0) else { throw .badRequest("a file's path with a NUL") }
        case .form(let parts):
            for case .file(let path, let name) in parts.map(\.content) {
                guard !path.utf8.contains(0), !name.utf8.contains(0) else {
                    throw .badRequest("a file's path with a NUL")
                }
            }
            guard parts.allSatisfy({ !$0.name.utf8.contains(0) }) else {
                throw .badRequest("a field's name with a NUL")
            }
        }
        guard method != .get, method != .head else { throw .badRequest("a body with \(method.rawValue)") }
    }

    /// Whether it goes on where a 3xx leads to. What may have acted once is not sent to a second place.
    var redirectLimit: Int? {
        guard case .follow(let most) = redirects, method == .get || method == .head else { return nil }
        return max(0, most)
    }

    /// What may go to another origin than the one it was meant for: nothing that says who asks.
    static func isHarmless(_ name: String) -> Bool {
        ["accept", "accept-encoding", "accept-language", "range", "if-none-match", "if-modified-since"]
            .contains(name.lowercased())
    }

    private static func isClean(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// RFC 9110, 5.6.2.
    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
