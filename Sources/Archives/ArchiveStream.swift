internal import CArchive
internal import Dispatch

/// An archive that is made while it is read: each piece is made when it is asked for, so that a slow reader holds no
/// thread and no more than a piece of it is in memory (P6). The same for the same content, as `ArchiveWriter`'s are.
package actor ArchiveStream {
    /// Bytes taken from a file at once.
    private static let piece = 128 << 10

    private nonisolated let queue: ArchiveQueue
    private let entries: ArchiveEntries
    private let sink = ArchiveSink()
    private var left: ArraySlice<ArchiveItem>
    private var names = NameTree()
    private var file: OpenFile?
    private var done: Int64 = 0
    private var isClosed = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe queue.asUnownedSerialExecutor()
    }

    package init(_ items: [ArchiveItem], as format: ArchiveFormat) throws(ArchiveError) {
        queue = .next()
        left = items[...]
        entries = try ArchiveEntries(format: format)
        try entries.open(into: sink)
    }

    /// The next bytes, some tens or hundreds of kilobytes; `nil` at the end. After an error there is no more.
    package func next() throws(ArchiveError) -> [UInt8]? {
        let locale = unsafe carchive_enter_utf8()
        defer { unsafe carchive_leave_utf8(locale) }
        while sink.bytes.count < Self.piece, !isClosed { try advance() }
        guard !sink.bytes.isEmpty else { return nil }
        defer { sink.bytes = [] }
        return sink.bytes
    }

    private func advance() throws(ArchiveError) {
        if file != nil { return try writePiece() }
        guard let item = left.popFirst() else {
            try entries.close()
            isClosed = true
            return
        }
        let name = try names.add(item)
        switch item {
        case .directory: try entries.beginDirectory(name)
        case .bytes(_, let bytes):
            try entries.beginFile(name, bytes: Int64(bytes.count))
            try entries.write(bytes, count: bytes.count)
        case .file(_, let source):
            let opened = try OpenFile(reading: source)
            try entries.beginFile(name, bytes: opened.size)
            done = 0
            file = consume opened
        }
    }

    private func writePiece() throws(ArchiveError) {
        guard let size = file?.size, done < size else {
            file = nil
            return
        }
        var buffer = [UInt8](repeating: 0, count: Int(min(Int64(Self.piece), size - done)))
        let got = try file?.read(into: &buffer, at: done) ?? 0
        guard got > 0 else { throw .io(operation: "read", errno: 5) }  // EIO: it shrank meanwhile
        try entries.write(buffer, count: got)
        done += Int64(got)
    }
}

/// The few threads on which archives are made as they are read.
private final class ArchiveQueue: SerialExecutor {
    private static let all = (0..<4).map { ArchiveQueue(label: "kiln.archive-stream.\($0)") }
    private let queue: DispatchQueue

    private init(label: String) { queue = DispatchQueue(label: label) }

    static func next() -> ArchiveQueue { all[Int.random(in: all.indices)] }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}
