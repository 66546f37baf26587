import NIOCore

/// One event of a `text/event-stream` (HTML standard, 9.2).
struct ServerSentEvent {
    var name: String
    var id: String
    /// One line.
    var data: [UInt8]

    func write(to buffer: inout ByteBuffer) {
        buffer.writeString("event: \(name)\nid: \(id)\ndata: ")
        buffer.writeBytes(data)
        buffer.writeString("\n\n")
    }

    /// Keeps the connection alive, and shows who has gone.
    static let heartbeat = ByteBuffer(string: ":\n\n")
}
