import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server in the test's own process that plays a vendor's: the handler answers as the vendor's description says,
/// and troubles are put between it and the client.
package final class PlayerServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        /// Without the query, as it came (percent-encoded).
        package var path: String
        /// Decoded; `+` is a space.
        package var query: [String: String]
        /// Names in lower case; of repeated ones the last.
        package var headers: [String: String]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    package struct Answer: Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: [UInt8]

        package init(_ status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        package static func json(_ text: String, status: Int = 200, headers: [String: String] = [:]) -> Answer {
            Answer(
                status, headers: headers.merging(["Content-Type": "application/json"]) { own, _ in own },
                body: Array(text.utf8))
        }
    }

    package enum Trouble: Sendable {
        /// The vendor's own code is not reached.
        case answer(Answer)
        /// The vendor acts, and the connection breaks before a byte of its answer.
        case answerLost
        /// The vendor acts; the head and the first half of its body come, then the connection breaks.
        case cut
        /// The vendor acts; its answer is whole by its length, and its JSON ends in the middle.
        case truncatedJSON
        /// Nothing comes until the client goes.
        case silence
        /// A body without an announced length that goes on until the client goes.
        case endless
        /// The connection breaks before the vendor hears of it.
        case refused
    }

    private struct Planned: Sendable {
        var trouble: Trouble
        var fits: @Sendable (Request) -> Bool
        var times: Int
    }

    private struct State {
        var planned: [Planned] = []
        var requests: [Request] = []
    }

    private let state = NIOLockedValueBox(State())
    private let channel: any Channel
    package let port: Int
    package var url: String { "http://127.0.0.1:\(port)" }

    package init(_ handler: @escaping @Sendable (Request) async -> Answer) async throws {
        let state = state
        let server = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(
                        PlayerHandler { request in
                            let trouble = state.withLockedValue { state -> Trouble? in
                                state.requests.append(request)
                                guard let place = state.planned.firstIndex(where: { $0.fits(request) }) else {
                                    return nil
                                }
                                state.planned[place].times -= 1
                                let trouble = state.planned[place].trouble
                                if state.planned[place].times == 0 { state.planned.remove(at: place) }
                                return trouble
                            }
                            switch trouble {
                            case .answer(let answer): return (answer, nil)
                            case .silence, .refused, .endless: return (Answer(500), trouble)
                            case .answerLost, .cut, .truncatedJSON, nil: return (await handler(request), trouble)
                            }
                        })
                }
            }
        channel = try await server.bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        channel.close(promise: nil)
    }

    /// The next requests that fit meet this trouble.
    package func plan(
        _ trouble: Trouble, times: Int = 1, where fits: @escaping @Sendable (Request) -> Bool = { _ in true }
    ) {
        state.withLockedValue { $0.planned.append(Planned(trouble: trouble, fits: fits, times: times)) }
    }

    /// Everything that was asked, in its order.
    package var requests: [Request] { state.withLockedValue { $0.requests } }

    /// Troubles that nothing has met yet.
    package var plannedCount: Int { state.withLockedValue { $0.planned.count } }
}

private final class PlayerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    typealias Play = @Sendable (PlayerServer.Request) async -> (PlayerServer.Answer, PlayerServer.Trouble?)

    private let play: Play
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ play: @escaping Play) {
        self.play = play
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let bytes):
            body += bytes.readableBytesView
        case .end:
            guard let head else { return }
            let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let request = PlayerServer.Request(
                method: head.method.rawValue, path: String(parts[0]),
                query: Self.query(parts.count > 1 ? parts[1] : ""),
                headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }, body: body)
            Self.serve(
                request, play, isHead: head.method == .HEAD, keepsAlive: head.isKeepAlive, to: context.channel)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// A test server's own request task; it ends with its answer.
    private static func serve(
        _ request: PlayerServer.Request, _ play: @escaping Play, isHead: Bool, keepsAlive: Bool, to channel: any Channel
    ) {
        Task {
            let played = await play(request)
            write(played.0, played.1, isHead: isHead, keepsAlive: keepsAlive, to: channel)
        }
    }

    private static func write(
        _ answer: PlayerServer.Answer, _ trouble: PlayerServer.Trouble?, isHead: Bool, keepsAlive: Bool,
        to channel: any Channel
    ) {
        var body = answer.body
        switch trouble {
        case .silence: return
        case .endless:
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Transfer-Encoding": "chunked"])
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            writeOn(to: channel)
            return
        case .answerLost, .refused:
            channel.close(promise: nil)
            return
        case .truncatedJSON: body = Array(body.prefix(body.count / 2))
        case .cut, .answer, nil: break
        }
        var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
        if headers["Content-Length"].isEmpty, answer.status != 204, answer.status != 304 {
            headers.add(name: "Content-Length", value: String(body.count))
        }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if case .cut = trouble {
            let half = ByteBuffer(bytes: body.prefix(body.count / 2))
            channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(half))).whenComplete { _ in
                channel.close(promise: nil)
            }
            return
        }
        if !isHead, !body.isEmpty {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
            if !keepsAlive { channel.close(promise: nil) }
        }
    }

    /// A piece each time that the last one has gone.
    private static func writeOn(to channel: any Channel) {
        let piece = ByteBuffer(repeating: UInt8(ascii: "["), count: 64 << 10)
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))).whenSuccess { writeOn(to: channel) }
    }

    private static func query(_ text: Substring) -> [String: String] {
        var query: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
        }
        return query
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(0x20)
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
