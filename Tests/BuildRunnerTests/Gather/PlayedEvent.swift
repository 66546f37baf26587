import NIOConcurrencyHelpers
import TestSupport

/// A requester's server: an event, its types of sessions, pictures; and whatever a test puts there.
final class PlayedEvent: Sendable {
    let server: PlayerServer
    private let answers: NIOLockedValueBox<[String: PlayerServer.Answer]>

    static let png: [UInt8] = [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1,
        8,
        6, 0, 0, 0, 0x1F, 0x15, 0xC4, 0x89,
    ]

    var url: String { server.url }
    /// Paths that were asked for, in order.
    var asked: [String] { server.requests.map(\.path) }

    /// - Parameter pictures: addresses that the event names; `/x` is one of this server.
    init(pictures: [String] = []) async throws {
        let answers = NIOLockedValueBox<[String: PlayerServer.Answer]>([:])
        self.answers = answers
        server = try await PlayerServer { request in answers.withLockedValue { $0[request.path] } ?? .init(404) }
        let named = pictures.map { $0.hasPrefix("/") ? server.url + $0 : $0 }
        let list = named.map { "\"\($0)\"" }.joined(separator: ",")
        self["/api/event"] = .json("{\"title\":\"Ünconf\",\"pictures\":[\(list)]}")
        self["/api/sessions/types"] = .json("[]")
        self["/logo.png"] = .init(200, headers: ["Content-Type": "text/plain"], body: Self.png)
    }

    subscript(path: String) -> PlayerServer.Answer? {
        get { answers.withLockedValue { $0[path] } }
        set { answers.withLockedValue { $0[path] = newValue } }
    }
}
