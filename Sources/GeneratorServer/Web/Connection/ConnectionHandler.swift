import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Between the HTTP/1 decoder and the application: translates, refuses what no request may be, answers
/// `Expect: 100-continue`, and ends connections that are to end: after an answer that says so, after an answer that came
/// before the whole request, at shutdown.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let watch: ConnectionWatch
    /// A request was refused here; nothing more is passed on.
    private var isRefused = false

    init(watch: ConnectionWatch) {
        self.watch = watch
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            headCame(head, context)
        case .body(let bytes):
            if watch.state.bodyCame(bytes.readableBytes) { context.fireChannelRead(wrapInboundOut(.body(bytes))) }
        case .end(let trailers):
            if watch.state.endCame(at: .now()) {
                context.fireChannelRead(wrapInboundOut(.end(trailers.map { HTTPFields(received: $0) })))
            }
        }
    }

    private func headCame(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let expectations = head.headers["expect"]
        let isPassedOn = watch.state.headCame(
            length: head.headers.first(name: "content-length").flatMap { Int($0) }
                ?? (head.headers.contains(name: "transfer-encoding") ? nil : 0),
            awaitsContinue: head.version == .http1_1 && expectations.contains { $0.lowercased() == "100-continue" },
            wantsClose: head.version != .http1_1 || head.headers[canonicalForm: "connection"].contains("close"),
            at: .now())
        guard isPassedOn else { return }
        guard let request = HTTPRequest(received: head) else {
            // As a fault of the decoder: it is answered with 400 when its turn comes, after the answers of the requests
            // before it, which would otherwise take the wrong one.
            isRefused = true
            context.fireErrorCaught(HTTPParserError.unknown)
            return
        }
        context.fireChannelRead(wrapInboundOut(.head(request)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var response):
            if watch.state.answerHead(saysClose: response.headerFields[.connection]?.lowercased() == "close") {
                response.headerFields[.connection] = "close"
            }
            context.write(wrapOutboundOut(.head(HTTPResponseHead(response))), promise: promise)
        case .body(let bytes):
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        case .end(let trailers):
            let last = HTTPServerResponsePart.end(trailers.map { HTTPHeaders($0) })
            guard watch.state.answerEnd(at: .now()) else {
                context.write(wrapOutboundOut(last), promise: promise)
                watch.lookSoon()
                return
            }
            // The client sees the answer and its end; what it still sends is swallowed for a moment, because a reset
            // would take the answer from it.
            let written = promise ?? context.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolated().whenComplete { _ in
                context.close(mode: .output, promise: nil)
                self.watch.lookSoon()
            }
            context.write(wrapOutboundOut(last), promise: written)
            context.read()
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if watch.state.continueWanted() { watch.write(raw: "HTTP/1.1 100 Continue\r\n\r\n") }
        promise?.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        if watch.state.quiesce() { context.close(promise: nil) }
    }
}
