import NIOCore

/// What one connection may cost (P6). Every wait on a client has an end.
struct ConnectionLimits: Sendable, Hashable {
    /// From a request's first byte, or from the connection's start, until its whole head is here.
    var headTime: TimeAmount = .seconds(10)
    /// Between an answer and the first byte of the next request.
    var idleTime: TimeAmount = .seconds(60)
    /// From a request's head until its whole body is here.
    var bodyTime: TimeAmount = .minutes(30)
    /// Length of the spans over which the rate of a body is looked at; the first one is the grace.
    var rateSpan: TimeAmount = .seconds(10)
    /// Least rate of a body, and of an answer that is being read.
    var minBytesPerSecond: Int = 1024
    /// Longest time without the least rate while an answer waits to be read.
    var writeTime: TimeAmount = .seconds(30)
    /// How long what still comes in is swallowed after an answer that ends the connection, so that it is seen.
    var lingerTime: TimeAmount = .seconds(1)
    /// All header fields of a request together.
    var maxHeadBytes: Int = 64 * 1024
    /// How often the limits are looked at.
    var tick: TimeAmount = .seconds(1)
}
