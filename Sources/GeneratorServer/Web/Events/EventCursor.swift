/// What a client has seen of a build: its newest timeline entry and how much of the log. Written as the `id:` of every
/// event, `<sequence>:<logOffset>`, and given back as `Last-Event-ID`.
struct EventCursor: Hashable, Sendable, CustomStringConvertible {
    /// `BuildSnapshot.sequence`
    var sequence: Int64
    /// Of the log as it is stored, whichever way it is told.
    var logOffset: Int64

    /// Nothing was seen.
    static let start = EventCursor(sequence: 0, logOffset: 0)

    init(sequence: Int64, logOffset: Int64) {
        self.sequence = sequence
        self.logOffset = logOffset
    }

    /// `nil` if it is not one of ours.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let sequence = Int64(parts[0]), let offset = Int64(parts[1]), sequence >= 0, offset >= 0
        else { return nil }
        self.init(sequence: sequence, logOffset: offset)
    }

    var description: String { "\(sequence):\(logOffset)" }
}
