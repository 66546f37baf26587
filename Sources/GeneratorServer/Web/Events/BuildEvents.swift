import Domain
import HummingbirdCore
import NIOCore
import Storage

/// Follows one build for one client: what it missed first, then what happens, then the end. Holds one piece of log at
/// a time, so that a client that reads slowly costs no memory (P6).
struct BuildEvents {
    let web: Web
    let build: BuildID
    /// Whether the log's colours are told too.
    let keepsColors: Bool
    /// The build as this client reads it.
    let json: @Sendable (BuildSnapshot) -> JSON
    private(set) var cursor: EventCursor
    /// Of the last `state` event, to tell whether the next would say anything new.
    private var lastState: [UInt8]?
    /// When an ended build was first seen; its deliveries are waited for a little.
    private var endedAt: Timestamp?

    /// How long an ended build's mail is waited for before the stream ends.
    private static let patience = Duration.seconds(10)

    init(
        web: Web, build: BuildID, after cursor: EventCursor, keepsColors: Bool,
        json: @escaping @Sendable (BuildSnapshot) -> JSON
    ) {
        self.web = web
        self.build = build
        self.keepsColors = keepsColors
        self.cursor = cursor
        self.json = json
    }

    /// Writes all that is new. - Returns: whether the build's story is told.
    mutating func writeNews(to writer: inout any ResponseBodyWriter) async throws -> Bool {
        // Read before the log: if it says that the build has ended, the log that is read then is whole.
        guard let snapshot = try await web.buildView.snapshot(of: build) else { return true }
        let isEnded = snapshot.hasEnded
        if snapshot.build.filesRemovedAt == nil {
            let reader = LogReader(logs: web.dependencies.logs, build: build, keepsColors: keepsColors)
            let isComplete = snapshot.build.state.isTerminal
            while let piece = try await reader.next(from: cursor.logOffset, isComplete: isComplete) {
                cursor.logOffset = piece.end
                let data: JSON = ["offset": .integer(piece.offset), "text": .string(piece.text)]
                try await write("log", data.bytes, to: &writer)
            }
        }
        let state = json(snapshot).bytes
        if state != lastState, lastState != nil || snapshot.sequence != cursor.sequence || !isEnded {
            cursor.sequence = snapshot.sequence
            try await write("state", state, to: &writer)
        }
        lastState = state
        guard isEnded, !isWaitingForMail(snapshot) else { return false }
        try await write("end", JSON.object([]).bytes, to: &writer)
        return true
    }

    /// The page of an ended build says whether the mail went out, so a moment is given to it.
    private mutating func isWaitingForMail(_ snapshot: BuildSnapshot) -> Bool {
        let since = endedAt ?? snapshot.finishedAt ?? web.now
        endedAt = since
        guard web.now - since < Self.patience else { return false }
        return snapshot.deliveries.contains { $0.status == .waiting }
    }

    private func write(_ name: String, _ data: [UInt8], to writer: inout any ResponseBodyWriter) async throws {
        var buffer = ByteBuffer()
        ServerSentEvent(name: name, id: cursor.description, data: data).write(to: &buffer)
        try await writer.write(buffer)
    }
}
