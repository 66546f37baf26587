import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// What a request carries along besides itself.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Shown on error pages and in problems, and found in the log.
    let requestID: String

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        requestID = String(UInt64.random(in: .min ... .max), radix: 36)
        logger[metadataKey: "hb.request.id"] = nil
        logger[metadataKey: "request"] = .string(requestID)
    }

    /// Tells a client that waits for `100 Continue` to go on. To be called before a body is read.
    func wantBody() {
        channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
    }
}
