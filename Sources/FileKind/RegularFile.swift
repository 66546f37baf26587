#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// An open regular file to read pieces of; closes itself.
struct RegularFile: ~Copyable {
    /// The size when it was opened, in bytes.
    let size: Int
    private let path: String
    private let descriptor: CInt

    init(path: String) throws(FileKindError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(path: path, errno: EINVAL)
        }
        self.path = path
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The bytes from `offset` on: `count` of them, or fewer where the file ends.
    func read(at offset: Int, upTo count: Int) throws(FileKindError) -> [UInt8] {
        guard offset >= 0, count > 0 else { return [] }
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        guard failure == 0 else { throw .unreadable(path: path, errno: failure) }
        return bytes
    }
}
