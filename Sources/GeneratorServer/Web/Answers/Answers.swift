import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Responses of the kinds that routes give.
extension Response {
    static func html(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        answer(ByteBuffer(string: text), type: "text/html; charset=utf-8", status: status, headers: headers)
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        answer(ByteBuffer(string: text), type: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    static func json(_ json: JSON, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        self.json(bytes: json.bytes, status: status, headers: headers)
    }

    static func json(bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        answer(ByteBuffer(bytes: bytes), type: "application/json", status: status, headers: headers)
    }

    static func answer(
        _ body: ByteBuffer, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-cache" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// The same with an `ETag`, or 304 if the client has it.
    func tagged(_ tag: ETag, for request: Request) -> Response {
        var answer = self
        if tag.isIn(request.headers[.ifNoneMatch]) {
            answer = Response(status: .notModified, headers: [:])
            answer.headers[.contentLength] = nil
            answer.headers[.cacheControl] = headers[.cacheControl]
        }
        answer.headers[.eTag] = tag.text
        answer.headers[.vary] = headers[.vary]
        return answer
    }
}

/// A strong entity tag.
struct ETag: Hashable, Sendable {
    /// With its quotes.
    let text: String

    /// `value` must be free of quotes and control characters.
    init(_ value: String) {
        text = "\"\(value)\""
    }

    /// Of a short text: 64 bits of FNV-1a, which tells apart what one address says at different times.
    init(hashing bytes: some Sequence<UInt8>) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        self.init(String(hash, radix: 36))
    }

    /// Whether an `If-None-Match` names it (weak comparison).
    func isIn(_ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { candidate in
            let tag = candidate.trimmingASCIISpace()
            return tag == "*" || tag == text || (tag.hasPrefix("W/") && tag.dropFirst(2) == text)
        }
    }
}

extension ErrorWords {
    /// RFC 9457, with our code, the mend and the request's id; `faults` name the fields.
    func problem(requestID: String, faults: [FaultMessage] = []) -> JSON {
        var members: [JSON.Member] = [
            .init(name: "type", value: "about:blank"), .init(name: "title", value: .string(title)),
            .init(name: "status", value: .integer(Int64(status))), .init(name: "detail", value: .string(what)),
            .init(name: "code", value: .string(code)), .init(name: "mend", value: .optional(mend)),
            .init(name: "id", value: .string(requestID)),
        ]
        if !faults.isEmpty {
            let errors = faults.map { fault -> JSON in
                ["field": .string(fault.field), "code": .string(fault.code), "message": .string(fault.message)]
            }
            members.append(.init(name: "errors", value: .array(errors)))
        }
        return .object(members)
    }

    /// `Retry-After`, where it is worth trying again.
    var headers: HTTPFields {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let retryAfter {
            headers[.retryAfter] = String(max(1, (retryAfter.wholeMilliseconds + 999) / 1000))
        }
        return headers
    }
}

extension Web {
    private static let mostFaultsOnAPage = 5

    /// An error as this client wants to read it.
    ///
    /// - Parameter faults: what a problem lists; a page names the first of them.
    func answer(
        _ words: ErrorWords, faults: [FaultMessage] = [], _ request: Request, _ context: WebContext
    ) -> Response {
        if request.uri.path.hasPrefix(GeneratorRefusal.prefix) { return GeneratorRefusal(words, faults).answer }
        let status = HTTPResponse.Status(code: words.status)
        let preference = Preference(request)
        if preference.wantsErrorPage {
            let page = ErrorPage(
                frame: frame(request, context), status: words.status, title: words.title,
                what: ([words.what] + faults.prefix(Self.mostFaultsOnAPage).map(\.message)).joined(separator: " "),
                mend: words.mend)
            do {
                return .html(try dependencies.pages.error(page), status: status, headers: words.headers)
            } catch {
                context.logger.error("error page could not be made", metadata: ["error": "\(error)"])
            }
        }
        let problem = words.problem(requestID: context.requestID, faults: faults)
        return .answer(
            ByteBuffer(bytes: problem.bytes), type: "application/problem+json", status: status,
            headers: words.headers)
    }
}
