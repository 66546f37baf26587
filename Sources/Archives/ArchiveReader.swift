internal import CArchive

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// Reads an archive from its beginning to its end through libarchive; the one owner of the `archive` and of its file.
///
/// Used on one blocking thread, from making to releasing.
@safe
final class ArchiveReader {
    /// The entry that the reader stands at.
    struct Header {
        let name: EntryName
        let isDirectory: Bool
        /// What the archive says, which is often a lie.
        let declaredBytes: Int64
    }

    private let archive: OpaquePointer
    private let file: OpenFile
    private let format: ArchiveFormat
    private let limits: ArchiveLimits
    private let locale: carchive_locale
    private(set) var packedBytes: Int64
    private var current = ShownName("")
    private var isAtFirst = true

    init(path: String, format: ArchiveFormat, limits: ArchiveLimits) throws(ArchiveError) {
        let file = try OpenFile(reading: path)
        if format == .zip { _ = try ZipDirectory(of: file, limits: limits) }
        guard let archive = unsafe archive_read_new() else { throw .io(operation: "archive_read_new", errno: 12) }
        unsafe self.archive = archive
        unsafe locale = carchive_enter_utf8()
        packedBytes = file.size
        self.format = format
        self.limits = limits
        let descriptor = file.descriptor
        self.file = file
        switch format {
        case .zip: unsafe archive_read_support_format_zip_seekable(archive)
        case .tar: unsafe archive_read_support_format_tar(archive)
        case .tarGzip:
            unsafe archive_read_support_format_tar(archive)
            unsafe archive_read_support_filter_gzip(archive)
        }
        guard unsafe archive_read_open_fd(archive, descriptor, 65_536) == ARCHIVE_OK else {
            throw .refused(.notAnArchive(expected: format))
        }
    }

    deinit {
        unsafe archive_read_free(archive)
        unsafe carchive_leave_utf8(locale)
    }

    /// Steps to the next entry and checks its name and type; nil at the end.
    func next() throws(ArchiveError) -> Header? {
        var entry: OpaquePointer?
        var status = unsafe archive_read_next_header(archive, &entry)
        for _ in 0..<8 where status == ARCHIVE_RETRY { unsafe status = archive_read_next_header(archive, &entry) }
        defer { isAtFirst = false }
        if status == ARCHIVE_EOF { return nil }
        // A warning is about attributes and names; names are checked here.
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry = unsafe entry else {
            if isAtFirst, unsafe archive_format(archive) == 0 { throw .refused(.notAnArchive(expected: format)) }
            throw failure
        }
        let filters = unsafe archive_filter_count(archive)
        guard filters == (format == .tarGzip ? 2 : 1) else { throw .refused(.notAnArchive(expected: format)) }
        return try unsafe header(of: entry)
    }

    /// The next piece of the current entry: how far into the entry it reaches, or nil at the entry's end.
    func skipBlock() throws(ArchiveError) -> Int64? {
        var bytes: UnsafeRawPointer?
        var count = 0
        var offset: la_int64_t = 0
        let status = unsafe archive_read_data_block(archive, &bytes, &count, &offset)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK else { throw failure }
        let (end, isOver) = Int64(offset).addingReportingOverflow(Int64(count))
        guard !isOver, offset >= 0 else { throw failure }
        return end
    }

    /// Reads the next bytes of the current entry into `buffer`; 0 at its end. Holes come as zeros.
    func read(into buffer: inout [UInt8]) throws(ArchiveError) -> Int {
        let got = unsafe buffer.withUnsafeMutableBytes { unsafe archive_read_data(archive, $0.baseAddress, $0.count) }
        guard got >= 0 else { throw failure }
        return got
    }

    private func header(of entry: OpaquePointer) throws(ArchiveError) -> Header {
        let raw = unsafe Self.bytes(archive_entry_pathname(entry))
        let shown = ShownName(raw)
        current = shown
        if unsafe archive_entry_hardlink(entry) != nil || archive_entry_symlink(entry) != nil {
            throw .refused(.link(shown))
        }
        let isEncrypted = unsafe archive_entry_is_encrypted(entry) != 0
        guard !isEncrypted else { throw .refused(.encrypted(shown)) }
        let isDirectory = try Self.isDirectory(unsafe carchive_entry_type(entry), shown)
        let declared = unsafe archive_entry_size_is_set(entry) != 0 ? Int64(archive_entry_size(entry)) : 0
        let name: EntryName
        do { name = try EntryName(raw, isDirectory: isDirectory, limits: limits) } catch { throw .refused(error) }
        return Header(name: name, isDirectory: isDirectory, declaredBytes: max(0, declared))
    }

    private static func isDirectory(_ type: UInt32, _ shown: ShownName) throws(ArchiveError) -> Bool {
        switch type {
        case carchive_regular.rawValue: return false
        case carchive_directory.rawValue: return true
        case carchive_link.rawValue: throw .refused(.link(shown))
        case carchive_fifo.rawValue: throw .refused(.fifo(shown))
        case carchive_socket.rawValue: throw .refused(.socket(shown))
        default: throw .refused(.device(shown))
        }
    }

    private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
        guard let text = unsafe text else { return [] }
        // Byte by byte, because a String would mend what has to be seen as it is.
        let count = unsafe strlen(text)
        return unsafe UnsafeRawBufferPointer(start: text, count: count).map { $0 }
    }

    /// libarchive's last error as a refusal, because what it finds wrong is in the file; unless the machine fails.
    private var failure: ArchiveError {
        let code = unsafe archive_errno(archive)
        if [5, 12].contains(code) { return .io(operation: "read", errno: code) }  // EIO, ENOMEM
        let text = unsafe Self.bytes(archive_error_string(archive))
        return .refused(.unreadable(reason: ShownName(text.isEmpty ? Array("broken".utf8) : text)))
    }
}
