/// What is asked of a server.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package enum Body: Sendable {
        case none
        case bytes([UInt8], contentType: String)
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
    /// Names and values; a line break in either is refused.
    package var headers: [(name: String, value: String)]
    package var body: Body
    /// Of the whole exchange.
    package var timeLimit: Duration
    /// The exchange ends if less than a byte a second came or went for so long.
    package var stallLimit: Duration

    package init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: Body = .none,
        timeLimit: Duration = .seconds(3600), stallLimit: Duration = .seconds(60)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeLimit = timeLimit
        self.stallLimit = stallLimit
    }
}

/// What a server answered; the body went to the sink.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// Of the last answer, after redirects. Names in lower case; of repeated ones the last.
    package var headers: [String: String]

    package init(status: Int, headers: [String: String]) {
        self.status = status
        self.headers = headers
    }
}

/// Why there is no answer.
package enum HTTPFailure: Error, Hashable, Sendable {
    /// A URL or header that cannot be sent.
    case badRequest(String)
    /// Name not found, connection refused, TLS refused: nothing was sent.
    case unreachable(String)
    /// The connection broke or fell silent; the server may have acted.
    case interrupted(String)
    case timedOut
    /// The sink did not want more.
    case stopped
}
