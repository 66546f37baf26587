#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// An open regular file; closes itself on every path.
struct OpenFile: ~Copyable {
    let descriptor: CInt
    /// Bytes when it was opened.
    let size: Int64

    /// Opens for reading; links are not followed.
    init(reading path: String) throws(ArchiveError) {
        try self.init(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    }

    /// Makes a file that must not be there yet.
    init(creating path: String) throws(ArchiveError) {
        try self.init(path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    }

    private init(_ path: String, flags: CInt) throws(ArchiveError) {
        let opened = unsafe open(path, flags | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw .io(operation: "open", errno: errno) }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw .io(operation: "open", errno: EINVAL)
        }
        descriptor = opened
        size = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills `buffer` from `offset` on and returns how much the file had.
    func read(into buffer: inout [UInt8], at offset: Int64) throws(ArchiveError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe pread(
                    descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled, off_t(offset) + filled)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .io(operation: "read", errno: errno) }
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// `count` bytes at `offset`, or nil where the file does not reach.
    func bytes(at offset: Int64, count: Int) throws(ArchiveError) -> [UInt8]? {
        guard offset >= 0, count >= 0, offset <= size, Int64(count) <= size - offset else { return nil }
        var buffer = [UInt8](repeating: 0, count: count)
        return try read(into: &buffer, at: offset) == count ? buffer : nil
    }

    /// Writes all of `buffer[..<count]`.
    func write(_ buffer: [UInt8], count: Int) throws(ArchiveError) {
        var done = 0
        while done < count {
            let put = unsafe buffer.withUnsafeBytes { bytes in
                unsafe Self.systemWrite(descriptor, bytes.baseAddress?.advanced(by: done), count - done)
            }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw .io(operation: "write", errno: errno) }
            done += put
        }
    }

    /// Brings everything written to disk and returns the size.
    func synchronize() throws(ArchiveError) -> Int64 {
        var status = stat()
        guard fsync(descriptor) == 0, unsafe fstat(descriptor, &status) == 0 else {
            throw .io(operation: "write", errno: errno)
        }
        return Int64(status.st_size)
    }

    private static func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.write(descriptor, bytes, count)
        #else
            unsafe Musl.write(descriptor, bytes, count)
        #endif
    }
}

/// Removes a file that a failed write left; that it is gone already is as good.
func removeFile(_ path: String) { unsafe _ = unlink(path) }
