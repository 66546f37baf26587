import NIOConcurrencyHelpers
import TestSupport

/// A host of releases: what is published is there, everything else is not yet.
final class PlayedHost: Sendable {
    private let files: NIOLockedValueBox<[String: [UInt8]]>
    private let server: PlayerServer

    var port: Int { server.port }
    /// Paths that were asked for.
    var looks: [String] { server.requests.map(\.path) }

    init() async throws {
        let files = NIOLockedValueBox<[String: [UInt8]]>([:])
        self.files = files
        server = try await PlayerServer { request in
            guard let bytes = files.withLockedValue({ $0[request.path] }) else { return .init(404) }
            return .init(200, headers: ["Content-Type": "application/octet-stream"], body: bytes)
        }
    }

    /// Publishes a file under a path (percent-encoded).
    func publish(_ path: String, _ text: String) {
        files.withLockedValue { $0[path] = Array(text.utf8) }
    }
}
