import NIOCore

/// Nearest to the socket: tells the connection's watch how much comes and goes.
final class ConnectionGauge: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let watch: ConnectionWatch

    init(watch: ConnectionWatch) {
        self.watch = watch
    }

    func handlerAdded(context: ChannelHandlerContext) {
        watch.attach(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch.detach()
    }

    func read(context: ChannelHandlerContext) {
        watch.readAsked()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        watch.bytesCame(unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        watch.state.bytesWritten(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        watch.flushed()
    }
}
