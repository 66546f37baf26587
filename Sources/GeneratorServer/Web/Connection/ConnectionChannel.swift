import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Hummingbird's HTTP/1 channel with our own handlers around the decoder: its own leaves slow clients, early answers and
/// `Expect` to the application, which cannot see them (Hummingbird 2.28.1, 2026-11).
struct ConnectionChannel: ServerChildChannel, HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: HTTPChannelHandler.Responder
    let limits: ConnectionLimits
    let ledger: ConnectionLedger

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard ledger.admit(channel) else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(TooManyConnections())
        }
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            // Up to 64 KiB at a time, so that many uploads at once stay small (P6).
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            let watch = ConnectionWatch(limits: limits)
            var decoding = NIOHTTPDecoderLimitConfiguration()
            decoding.maxHeaderFieldSize = limits.maxHeadBytes
            decoding.maxHeaderListSize = limits.maxHeadBytes
            decoding.maxHeaderFieldCount = 200
            try pipeline.addHandler(ConnectionGauge(watch: watch))
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: true,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoding)
            try pipeline.addHandler(ConnectionHandler(watch: watch))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                // Each part of a body is up to 64 KiB: more waiting ones would be memory and no speed.
                configuration: .init(
                    backPressureStrategy: .init(lowWatermark: 1, highWatermark: 3), isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: value, logger: logger)
    }
}
