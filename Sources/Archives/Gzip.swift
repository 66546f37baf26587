internal import CArchive

/// Compresses one text (RFC 1952): the same bytes for the same text, with no name and no time in them.
package struct Gzip: Sendable {
    private let lanes: BlockingLanes

    package init(atOnce: Int = 2) { lanes = BlockingLanes(count: atOnce) }

    /// All at once, in memory: for what is bounded already.
    package func compress(_ bytes: [UInt8]) async throws(ArchiveError) -> [UInt8] {
        try await lanes.run { _ throws(ArchiveError) in
            let locale = unsafe carchive_enter_utf8()
            defer { unsafe carchive_leave_utf8(locale) }
            let sink = ArchiveSink()
            let entries = try ArchiveEntries(gzip: ())
            try entries.open(into: sink)
            try entries.beginFile("text", bytes: Int64(bytes.count))
            try entries.write(bytes, count: bytes.count)
            try entries.close()
            return sink.bytes
        }
    }
}
