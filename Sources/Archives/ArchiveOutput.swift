internal import CArchive

/// An archive being written to a file; the one owner of libarchive's `archive` and of the file.
@safe
final class ArchiveOutput {
    private let entries: ArchiveEntries
    private let file: OpenFile
    private let locale: carchive_locale

    init(path: String, format: ArchiveFormat) throws(ArchiveError) {
        let file = try OpenFile(creating: path)
        let descriptor = file.descriptor
        self.file = file
        entries = try ArchiveEntries(format: format)
        unsafe locale = carchive_enter_utf8()
        try unsafe entries.open { unsafe archive_write_open_fd($0, descriptor) }
    }

    deinit { unsafe carchive_leave_utf8(locale) }

    func beginDirectory(_ name: String) throws(ArchiveError) { try entries.beginDirectory(name) }

    /// Begins a file of exactly `bytes`.
    func beginFile(_ name: String, bytes: Int64) throws(ArchiveError) { try entries.beginFile(name, bytes: bytes) }

    func write(_ buffer: [UInt8], count: Int) throws(ArchiveError) { try entries.write(buffer, count: count) }

    /// Writes the end and everything to disk, and returns the file's size.
    func finish() throws(ArchiveError) -> Int64 {
        try entries.close()
        return try file.synchronize()
    }
}
