import Domain
import Storage

/// Reads a log in pieces that end where a line ends, so that a reader can go on from any piece's end.
struct LogReader: Sendable {
    struct Piece: Hashable, Sendable {
        /// Where it begins in the raw log, and where the next one does.
        var offset: Int64
        var end: Int64
        /// Cleaned; with colours where the reader keeps them.
        var text: String
    }

    struct Tail: Hashable, Sendable {
        var text: String
        /// Lines stand before it.
        var isCut: Bool
        /// Where it ends in the raw log: after its last whole line.
        var end: Int64
        /// Of the raw log.
        var size: Int64
    }

    let logs: any LogStore
    let build: BuildID
    /// Whether the codes of colours stay in the text.
    var keepsColors = false
    /// Most raw bytes in a piece; longer lines are cut.
    private static let longest = 64 * 1024

    /// The piece that begins at `offset`; `nil` if no whole line is there yet. `isComplete`: nothing more will come, so
    /// that the rest is given as it is.
    func next(from offset: Int64, isComplete: Bool) async throws -> Piece? {
        var bytes = try await logs.read(build, from: offset, length: Self.longest)
        guard !bytes.isEmpty else { return nil }
        let isAtEnd = bytes.count < Self.longest
        if !(isComplete && isAtEnd) {
            if let lineEnd = bytes.lastIndex(of: 0x0A) {
                bytes.removeSubrange((lineEnd + 1)...)
            } else if isAtEnd {
                return nil
            } else {
                bytes.removeSubrange(Self.characterBoundary(bytes)...)
            }
        }
        return Piece(offset: offset, end: offset + Int64(bytes.count), text: text(bytes))
    }

    /// The last whole lines within `length` bytes of the end; of a complete log also what follows the last line feed.
    func tail(length: Int, isComplete: Bool) async throws -> Tail {
        let size = try await logs.size(of: build)
        let start = max(0, size - Int64(length))
        var bytes = try await logs.read(build, from: start, length: Int(size - start))
        let lineEnd = bytes.lastIndex(of: 0x0A)
        if !isComplete { bytes.removeSubrange((lineEnd.map { $0 + 1 } ?? 0)...) }
        let end = start + Int64(bytes.count)
        if start > 0, let firstEnd = bytes.firstIndex(of: 0x0A), firstEnd + 1 < bytes.count {
            bytes.removeSubrange(...firstEnd)
        }
        return Tail(text: text(bytes), isCut: start > 0, end: end, size: size)
    }

    private func text(_ bytes: [UInt8]) -> String {
        var cleaner = LogText(keepsColors: keepsColors)
        return String(decoding: cleaner.clean(bytes), as: UTF8.self)
    }

    /// Where the last character that is there as a whole ends.
    private static func characterBoundary(_ bytes: [UInt8]) -> Int {
        var end = bytes.count
        while end > 0, end > bytes.count - 4, bytes[end - 1] & 0xC0 == 0x80 { end -= 1 }
        if end > 0, bytes[end - 1] >= 0xC0 { end -= 1 }
        return end > 0 ? end : bytes.count
    }
}
