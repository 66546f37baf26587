import Domain
import Storage

/// Carries what a run writes into the build's log, cleaned and bounded, and reads it on the way.
///
/// A copy always begins at the run's first byte: what is stored already is skipped by the store, because the same bytes
/// are made again. So nothing has to be remembered over a crash.
struct LogCopy: Sendable {
    /// Bytes taken from the run's log so far: where to go on.
    private(set) var taken: Int64 = 0
    private(set) var reader: LogReader
    /// The phase that was seen last, in the log or by the provider itself.
    var phase: Phase?

    private let part: LogPart
    private let headLimit: Int64
    private var cleaner: LogCleaner
    /// Bytes stored, or found to be stored.
    private var stored: Int64 = 0
    private var leftOut: Int64 = 0
    private var tail: [UInt8] = []
    private var isFinished = false

    /// Bytes of the end that are kept of a log over its limit.
    private static let tailLimit = 64 << 10

    /// - Parameter limit: bytes of the log's beginning that are kept.
    init(of part: LogPart, limit: Int64, redaction: Redaction, patterns: LinePatterns) {
        self.part = part
        headLimit = limit
        cleaner = LogCleaner(redaction: redaction)
        reader = LogReader(patterns)
    }

    /// A copy of another part that has taken nothing yet; what both look for is there once.
    func beginning(_ part: LogPart) -> LogCopy {
        LogCopy(of: part, limit: headLimit, redaction: cleaner.redaction, patterns: reader.patterns)
    }

    mutating func take(_ bytes: [UInt8], into logs: any LogStore) async throws(StorageError) {
        taken += Int64(bytes.count)
        try await store(cleaner.take(bytes), logs)
    }

    /// The run has ended and everything was taken.
    mutating func finish(into logs: any LogStore) async throws(StorageError) {
        guard !isFinished else { return }
        isFinished = true
        try await store(cleaner.finish(), logs)
        guard !tail.isEmpty else { return }
        var end = Array(tail.suffix(Self.tailLimit))
        // The part that is left begins with a whole line, so that no character and no colour is cut.
        if Int64(end.count) < leftOut, let first = end.firstIndex(of: UInt8(ascii: "\n")) { end.removeFirst(first + 1) }
        let lost = leftOut - Int64(end.count)
        if lost > 0 { end = Array("... \(lost) bytes left out ...\n".utf8) + end }
        try await logs.append(end, at: stored, to: part)
        stored += Int64(end.count)
    }

    private mutating func store(_ lines: [LogLine], _ logs: any LogStore) async throws(StorageError) {
        var bytes: [UInt8] = []
        for line in lines {
            reader.read(line.text)
            let size = Int64(line.coded.utf8.count + 1)
            if leftOut == 0, stored + Int64(bytes.count) + size <= headLimit {
                bytes += line.coded.utf8
                bytes.append(UInt8(ascii: "\n"))
            } else {
                leftOut += size
                tail += line.coded.utf8
                tail.append(UInt8(ascii: "\n"))
                if tail.count > 2 * Self.tailLimit { tail.removeFirst(tail.count - Self.tailLimit) }
            }
        }
        guard !bytes.isEmpty else { return }
        try await logs.append(bytes, at: stored, to: part)
        stored += Int64(bytes.count)
    }
}
