/// What is asked of a server.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package enum Redirects: Hashable, Sendable {
        /// A 3xx is the answer.
        case none
        /// Followed as often as this by GET and HEAD, to `http` and `https` only. To another scheme, host or port go no
        /// headers of the request but harmless ones (`Accept`, `Range`, conditions), and none come back on the way back.
        case follow(most: Int)
    }

    /// Where the request may go: every resolved address, every redirect, every connection that is used again.
    package enum Reach: Hashable, Sendable {
        /// Anywhere: the operator wrote the address.
        case anywhere
        /// Public addresses and the networks that the operator lists: a requester or an answer chose the address.
        case guarded
    }

    package enum Body: Sendable {
        case none
        case bytes([UInt8], contentType: String)
        /// Streamed from disk; the file must not change meanwhile.
        case file(path: String, contentType: String)
        /// `multipart/form-data` (RFC 7578); files are streamed from disk.
        case form([FormPart])
    }

    package struct FormPart: Sendable {
        package enum Content: Sendable {
            case text(String)
            case file(path: String, name: String)
        }

        package var name: String
        package var content: Content

        package init(name: String, content: Content) {
            self.name = name
            self.content = content
        }
    }

    package var method: Method
    /// `http` or `https`; redirects stay with these.
    package var url: String
    /// Names and values; what is no name, a control character and what frames a message (`Content-Length`,
    /// `Transfer-Encoding`) are refused.
    package var headers: [(name: String, value: String)]
    package var body: Body
    /// Of the whole exchange, waiting for its turn and redirects included.
    package var timeLimit: Duration
    /// Of resolving a name and connecting, TLS included; at each redirect anew.
    package var connectLimit: Duration
    /// In whole seconds, 1 at least. The exchange ends if less than a byte a second came or went for so long.
    package var stallLimit: Duration
    package var redirects: Redirects
    package var reach: Reach
    /// Asks for gzip or deflate and unpacks it; limits are of the unpacked bytes.
    package var acceptsCompressed: Bool

    package init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: Body = .none,
        timeLimit: Duration = .seconds(3600), connectLimit: Duration = .seconds(15),
        stallLimit: Duration = .seconds(60), redirects: Redirects = .follow(most: 5), reach: Reach = .anywhere,
        acceptsCompressed: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeLimit = timeLimit
        self.connectLimit = connectLimit
        self.stallLimit = stallLimit
        self.redirects = redirects
        self.reach = reach
        self.acceptsCompressed = acceptsCompressed
    }
}

/// Why there is no answer.
package enum HTTPFailure: Error, Hashable, Sendable {
    /// A URL or header that cannot be sent.
    case badRequest(String)
    /// Nothing was sent: name not found, connection or TLS refused, no connection or no turn in time.
    case unreachable(String)
    /// The connection broke or what came was no HTTP; the server may have acted.
    case interrupted(String)
    /// The request was sent, and its whole answer did not come in time; the server may have acted.
    case timedOut
    /// The sink did not want more, the task was cancelled, or the transfers were shut down.
    case stopped
    /// The answer is larger than was allowed: its body, or its heads (`HTTPTransfers.headLimit`).
    case tooLarge
    /// Where the request was led to: an address that `HTTPRequest.Reach` keeps out, or a redirect to what is not the web.
    case forbiddenAddress(String)
    /// The file that the answer was to go to cannot be written, or that was to be sent cannot be read.
    case file(String)
}
