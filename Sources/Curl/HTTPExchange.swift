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
        /// Followed as often as this, to `http` and `https` only; `Authorization` goes to no other host.
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
    package var redirects: Redirects
    package var reach: Reach

    package init(
        _ method: Method, _ url: String, headers: [(name: String, value: String)] = [], body: Body = .none,
        timeLimit: Duration = .seconds(3600), stallLimit: Duration = .seconds(60),
        redirects: Redirects = .follow(most: 5), reach: Reach = .anywhere
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeLimit = timeLimit
        self.stallLimit = stallLimit
        self.redirects = redirects
        self.reach = reach
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
    /// The answer is larger than was allowed.
    case tooLarge
    /// The address guard: where the request was led to (`HTTPRequest.Reach`).
    case forbiddenAddress(String)
    /// The file that the answer was to go to cannot be written.
    case file(String)
}
