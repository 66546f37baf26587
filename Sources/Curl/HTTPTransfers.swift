import Foundation
import NIOConcurrencyHelpers

/// What a server answered, with its body (the first part of it, where the body went to a file).
package struct HTTPAnswer: Hashable, Sendable {
    package var status: Int
    /// Of the last answer, after redirects. Names in lower case; of repeated ones the last.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

package struct TransferSettings: Hashable, Sendable {
    package var userAgent: String
    /// `nil`: none, whatever the environment says.
    package var proxy: String?
    /// Certificates that servers' are checked against; `nil`: the system's.
    package var caFile: String?
    /// Networks (CIDR) that guarded requests may go to beside public addresses.
    package var allowedNetworks: [String]
    /// Transfers in flight, in all and to one host.
    package var mostInFlight: Int
    package var mostPerHost: Int

    package init(
        userAgent: String, proxy: String? = nil, caFile: String? = nil, allowedNetworks: [String] = [],
        mostInFlight: Int = 128, mostPerHost: Int = 32
    ) {
        self.userAgent = userAgent
        self.proxy = proxy
        self.caFile = caFile
        self.allowedNetworks = allowedNetworks
        self.mostInFlight = mostInFlight
        self.mostPerHost = mostPerHost
    }
}

/// All outgoing HTTP of the server. Safe to call from any task; a cancelled task's call returns at once with `.stopped`.
package final class HTTPTransfers: Sendable {
    private let settings: TransferSettings

    package init(_ settings: TransferSettings) {
        self.settings = settings
    }

    /// The whole answer; a body over `bodyLimit` bytes ends it with `.tooLarge`.
    package func send(_ request: HTTPRequest, bodyLimit: Int = 4 << 20) async throws(HTTPFailure) -> HTTPAnswer {
        let (response, body) = try await HTTPClient(userAgent: settings.userAgent).exchange(request, limit: bodyLimit)
        return HTTPAnswer(status: response.status, headers: response.headers, body: body)
    }

    /// A 2xx answer's body goes to the file at `path`, which must not exist yet and is removed if the transfer fails;
    /// another answer's body (its first 64 KiB) is in the answer, and no file is made.
    package func download(
        _ request: HTTPRequest, to path: String, limit: Int64
    ) async throws(HTTPFailure) -> HTTPAnswer {
        let answer = try await send(request, bodyLimit: Int(clamping: limit))
        guard (200..<300).contains(answer.status) else { return answer }
        do { try Data(answer.body).write(to: URL(filePath: path), options: .withoutOverwriting) } catch {
            throw .file("\(error)")
        }
        return HTTPAnswer(status: answer.status, headers: answer.headers, body: [])
    }
}
