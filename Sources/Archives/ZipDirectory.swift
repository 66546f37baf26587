/// Reads a ZIP's directory strictly, before libarchive sees the file.
///
/// libarchive reads the whole directory into memory and believes it; so here everything that makes two readers see two
/// archives, or a small file a large one, is refused: counts and places that do not fit, bytes before or after, entries
/// over each other, two names for one entry, unusual compression.
struct ZipDirectory: ~Copyable {
    /// Entries found, each of them checked.
    let count: Int

    init(of file: borrowing OpenFile, limits: ArchiveLimits) throws(ArchiveError) {
        let end = try ZipEnd(of: file)
        guard end.count <= limits.maxEntries else { throw .refused(.tooManyEntries(limit: limits.maxEntries)) }
        var window = FileWindow(bytes: 65_536)
        var at = end.directoryStart
        var spans: [ZipSpan] = []
        while at < end.directoryEnd {
            guard spans.count < limits.maxEntries else { throw .refused(.tooManyEntries(limit: limits.maxEntries)) }
            let record = try ZipRecord(at: at, in: &window, of: file, limits: limits)
            spans.append(try record.span(of: file, directoryStart: end.directoryStart))
            at = record.end
        }
        guard at == end.directoryEnd, spans.count == end.count else { throw damaged("its directory does not add up") }
        spans.sort { $0.start < $1.start }
        guard spans.first.map({ $0.start == 0 }) ?? true else { throw damaged("bytes before its beginning") }
        for (span, next) in zip(spans, spans.dropFirst()) where span.end > next.start {
            throw .refused(.overlappingEntries(next.name))
        }
        count = spans.count
    }
}

/// Where an entry lies in the file, from its local header to the end of its packed bytes.
struct ZipSpan {
    let name: ShownName
    let start: Int64
    let end: Int64
}

/// The end record (and its 64-bit form): where the directory is.
private struct ZipEnd {
    let count: Int
    let directoryStart: Int64
    let directoryEnd: Int64

    init(of file: borrowing OpenFile) throws(ArchiveError) {
        let tailCount = Int(min(file.size, 22 + 65_535))
        guard let tail = try file.bytes(at: file.size - Int64(tailCount), count: tailCount), tail.count >= 22,
            let found = (0...(tail.count - 22)).last(where: { tail.starts(with: [0x50, 0x4B, 5, 6], at: $0) })
        else { throw .refused(.notAnArchive(expected: .zip)) }
        guard found + 22 + tail.little(found + 20, 2) == tail.count else { throw damaged("bytes after its end") }
        let record = file.size - Int64(tailCount) + Int64(found)
        guard tail.little(found + 4, 2) == 0, tail.little(found + 6, 2) == 0 else {
            throw damaged("one part of several")
        }
        if let locator = try file.bytes(at: record - 20, count: 20), locator.starts(with: [0x50, 0x4B, 6, 7], at: 0) {
            self = try Self(file, wideRecordAt: locator.wide(8), locator: record - 20)
            return
        }
        count = tail.little(found + 10, 2)
        directoryStart = Int64(tail.little(found + 16, 4))
        directoryEnd = directoryStart + Int64(tail.little(found + 12, 4))
        guard directoryEnd == record, count == tail.little(found + 8, 2) else {
            throw damaged("its directory is misplaced")
        }
    }

    private init(_ file: borrowing OpenFile, wideRecordAt at: Int64?, locator: Int64) throws(ArchiveError) {
        guard let at, let record = try file.bytes(at: at, count: 56), record.starts(with: [0x50, 0x4B, 6, 6], at: 0),
            let bytes = record.wide(4), bytes == 44, at + 56 == locator,
            let entries = record.wide(32), entries <= Int64(Int32.max), record.wide(24) == entries,
            let length = record.wide(40), let start = record.wide(48), start <= at, length == at - start
        else { throw damaged("its 64-bit directory is misplaced") }
        count = Int(entries)
        directoryStart = start
        directoryEnd = at
    }
}

func damaged(_ what: String) -> ArchiveError { .refused(.unreadable(reason: ShownName(what))) }

extension [UInt8] {
    func starts(with pattern: [UInt8], at offset: Int) -> Bool {
        offset + pattern.count <= count && self[offset..<(offset + pattern.count)].elementsEqual(pattern)
    }

    /// A little-endian number of up to 4 bytes; the caller has checked that they are there.
    func little(_ offset: Int, _ bytes: Int) -> Int {
        self[offset..<(offset + bytes)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// A little-endian number of 8 bytes, or nil if it is not there or not below 2^62.
    func wide(_ offset: Int) -> Int64? {
        guard offset + 8 <= count, self[offset + 7] < 0x40 else { return nil }
        return Int64(little(offset, 4)) | Int64(little(offset + 4, 4)) << 32
    }
}

/// A piece of a file kept in memory, for many small reads in order.
struct FileWindow {
    private var buffer: [UInt8] = []
    private var start: Int64 = 0
    private let length: Int

    init(bytes: Int) { length = bytes }

    /// `count` bytes at `offset` (at most the window's size), or nil where the file does not reach.
    mutating func bytes(at offset: Int64, count: Int, of file: borrowing OpenFile) throws(ArchiveError) -> [UInt8]? {
        guard offset >= 0, offset + Int64(count) <= file.size, count <= length else { return nil }
        if offset < start || offset + Int64(count) > start + Int64(buffer.count) {
            let reach = Int(min(Int64(length), file.size - offset))
            guard let fresh = try file.bytes(at: offset, count: reach) else { return nil }
            buffer = fresh
            start = offset
        }
        let from = Int(offset - start)
        return Array(buffer[from..<(from + count)])
    }
}
