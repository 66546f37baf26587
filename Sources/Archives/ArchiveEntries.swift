internal import CArchive

/// An archive being written, wherever its bytes go; the one owner of libarchive's `archive`. The thread that calls has
/// entered UTF-8 (`carchive_enter_utf8`).
@safe
final class ArchiveEntries {
    private let archive: OpaquePointer
    /// What the archive's callbacks point to.
    private var sink: AnyObject?

    init(format: ArchiveFormat) throws(ArchiveError) {
        guard let archive = unsafe archive_write_new() else { throw .io(operation: "archive_write_new", errno: 12) }
        unsafe self.archive = archive
        var status = ARCHIVE_OK
        switch format {
        case .zip: unsafe status = archive_write_set_format_zip(archive)
        case .tar: unsafe status = archive_write_set_format_pax_restricted(archive)
        case .tarGzip:
            unsafe status = archive_write_set_format_pax_restricted(archive)
            if status == ARCHIVE_OK { unsafe status = archive_write_add_filter_gzip(archive) }
            // No time of writing in the gzip header.
            if status == ARCHIVE_OK {
                unsafe status = archive_write_set_filter_option(archive, "gzip", "timestamp", nil)
            }
        }
        guard status == ARCHIVE_OK else { throw failure }
    }

    /// One file alone, compressed, without an archive around it.
    init(gzip: Void) throws(ArchiveError) {
        guard let archive = unsafe archive_write_new() else { throw .io(operation: "archive_write_new", errno: 12) }
        unsafe self.archive = archive
        var status = unsafe archive_write_set_format_raw(archive)
        if status == ARCHIVE_OK { unsafe status = archive_write_add_filter_gzip(archive) }
        if status == ARCHIVE_OK { unsafe status = archive_write_set_filter_option(archive, "gzip", "timestamp", nil) }
        guard status == ARCHIVE_OK else { throw failure }
    }

    deinit {
        // Frees without writing the end when it was not finished; what was written is then thrown away.
        unsafe archive_write_fail(archive)
        unsafe archive_write_free(archive)
    }

    /// Says where the bytes go. To be called once, first.
    func open(_ open: (OpaquePointer) -> Int32) throws(ArchiveError) {
        guard unsafe open(archive) == ARCHIVE_OK else { throw failure }
    }

    /// The bytes go to `sink` as they come, in no blocks.
    func open(into sink: ArchiveSink) throws(ArchiveError) {
        self.sink = sink
        guard unsafe archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK else { throw failure }
        // The pointer lives as long as `self.sink`, and the archive no longer than `self`.
        let pointer = unsafe Unmanaged.passUnretained(sink).toOpaque()
        let status = unsafe archive_write_open(
            archive, pointer, nil,
            { _, pointer, bytes, count in
                guard let pointer = unsafe pointer else { return -1 }
                unsafe Unmanaged<ArchiveSink>.fromOpaque(pointer).takeUnretainedValue().bytes
                    .append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
                return count
            }, nil)
        guard status == ARCHIVE_OK else { throw failure }
    }

    func beginDirectory(_ name: String) throws(ArchiveError) {
        try begin(name + "/", type: carchive_directory.rawValue, mode: 0o755, bytes: 0)
    }

    /// Begins a file of exactly `bytes`.
    func beginFile(_ name: String, bytes: Int64) throws(ArchiveError) {
        try begin(name, type: carchive_regular.rawValue, mode: 0o644, bytes: bytes)
    }

    func write(_ buffer: [UInt8], count: Int) throws(ArchiveError) {
        guard count > 0 else { return }
        let put = unsafe buffer.withUnsafeBytes { unsafe archive_write_data(archive, $0.baseAddress, count) }
        guard put == count else { throw failure }
    }

    /// Writes the end.
    func close() throws(ArchiveError) {
        guard unsafe archive_write_close(archive) == ARCHIVE_OK else { throw failure }
    }

    private func begin(_ name: String, type: UInt32, mode: UInt32, bytes: Int64) throws(ArchiveError) {
        guard let entry = unsafe archive_entry_new() else { throw .io(operation: "archive_entry_new", errno: 12) }
        defer { unsafe archive_entry_free(entry) }
        unsafe archive_entry_copy_pathname(entry, name)
        unsafe carchive_entry_set_type(entry, type)
        unsafe archive_entry_set_perm(entry, mode)
        unsafe archive_entry_set_size(entry, bytes)
        unsafe archive_entry_set_mtime(entry, Self.fixedTime, 0)
        guard unsafe archive_write_header(archive, entry) == ARCHIVE_OK else { throw failure }
    }

    /// 2000-01-01T00:00:00Z: ZIP has no time before 1980.
    private static let fixedTime: Int = 946_684_800

    private var failure: ArchiveError {
        let code = unsafe archive_errno(archive)
        return .io(operation: "write", errno: code > 0 ? code : 5)
    }
}

/// Holds what was written until it is taken.
final class ArchiveSink {
    var bytes: [UInt8] = []
}
