import Glibc
import NIOCore

/// The client is to send the body that it announced with `Expect: 100-continue`: triggered as an outbound user event.
struct BodyWanted: Sendable {}

/// One connection's state and its clock; shared by the connection's two handlers, on its event loop.
final class ConnectionWatch {
    var state: ConnectionState
    private let limits: ConnectionLimits
    private var tick: Scheduled<Void>?
    /// We asked for bytes and got none yet.
    private var isReadPending = false
    /// Of the handler nearest to the socket.
    private var context: ChannelHandlerContext?

    init(limits: ConnectionLimits) {
        self.limits = limits
        self.state = ConnectionState(limits: limits, now: .now())
    }

    func attach(_ context: ChannelHandlerContext) {
        self.context = context
        lookSoon()
    }

    func detach() {
        tick?.cancel()
        tick = nil
        context = nil
    }

    func readAsked() { isReadPending = true }

    func bytesCame(_ count: Int) {
        isReadPending = false
        state.bytesCame(count, at: .now())
        lookSoon()
    }

    func flushed() {
        if waiting > 0 { lookSoon() }
    }

    /// Looks at the limits at the next tick, unless that is planned already.
    func lookSoon() {
        guard tick == nil, let context, state.needsTick(waiting: 0) || waiting > 0 else { return }
        tick = context.eventLoop.assumeIsolated().scheduleTask(in: limits.tick) { self.look() }
    }

    /// Writes bytes past the HTTP encoder.
    func write(raw text: StaticString) {
        guard let context else { return }
        context.writeAndFlush(NIOAny(context.channel.allocator.buffer(staticString: text)), promise: nil)
    }

    /// Bytes of answers that the client has not taken.
    private var waiting: Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        // An option that a channel does not have (a test's) reads as nothing waiting.
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func look() {
        tick = nil
        guard let context else { return }
        switch state.tick(waiting: waiting, isReading: isReadPending, at: .now()) {
        case .rest:
            break
        case .lookAgain:
            tick = context.eventLoop.assumeIsolated().scheduleTask(in: limits.tick) { self.look() }
        case .cut(.slowReader, _):
            // With a reset: else the system goes on feeding what it holds to the slow client.
            if let socket = context.channel as? any SocketOptionProvider {
                socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
                    context.close(promise: nil)
                }
            } else {
                context.close(promise: nil)
            }
        case .cut(_, let canAnswer):
            guard canAnswer else { return context.close(promise: nil) }
            write(raw: "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            // Ends by lingering, because closing on unread bytes would take the answer from the client.
            state.refused(at: .now())
            context.close(mode: .output, promise: nil)
            context.read()
            lookSoon()
        }
    }
}
