import HTTPTypes
import NIOHTTP1

extension HTTPRequest {
    /// A request as NIO read it; `nil` if it is none that can be answered: no host (RFC 9112, 3.2) or several, a target
    /// that is neither a path nor a URL, a method that is no token.
    init?(received head: HTTPRequestHead) {
        let hosts = head.headers["host"]
        guard hosts.count <= 1, hosts.count == 1 || head.version != .http1_1,
            let method = HTTPRequest.Method(head.method.rawValue)
        else { return nil }
        let fields = HTTPFields(received: head.headers)
        if head.uri.hasPrefix("/") || head.uri == "*" {
            self.init(
                method: method, scheme: "http", authority: hosts.first, path: head.uri, headerFields: fields)
            return
        }
        guard let scheme = head.uri.firstRange(of: "://"),
            ["http", "https"].contains(head.uri[..<scheme.lowerBound].lowercased())
        else { return nil }
        let rest = head.uri[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...]
        self.init(
            method: method, scheme: "http", authority: String(authority),
            path: path.hasPrefix("/") ? String(path) : "/" + path, headerFields: fields)
    }
}

extension HTTPFields {
    /// Every field but `Host`, which is the request's authority.
    init(received headers: HTTPHeaders) {
        self.init()
        reserveCapacity(headers.count)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name), name.canonicalName != "host" else { continue }
            append(HTTPField(name: name, value: value))
        }
    }
}

extension HTTPHeaders {
    init(_ fields: HTTPFields) {
        self.init(fields.map { ($0.name.rawName, $0.value) })
    }
}

extension HTTPResponseHead {
    init(_ response: HTTPResponse) {
        self.init(
            version: .http1_1,
            status: HTTPResponseStatus(
                statusCode: response.status.code, reasonPhrase: response.status.reasonPhrase),
            headers: HTTPHeaders(response.headerFields))
    }
}
