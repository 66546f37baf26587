import Glibc

/// A file that a download makes: nobody's before, and gone again if the download fails.
final class DownloadFile {
    private let path: String
    private var descriptor: Int32

    init(_ path: String) throws(HTTPFailure) {
        guard !path.utf8.contains(0) else { throw .file("a path with a NUL") }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .file("\(path) cannot be made: \(lastSystemError())") }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Into the page cache, on the loop's thread (docs/adr/0012-one-multi-loop.md).
    func write(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let written = unsafe Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .file("\(path) cannot be written: \(lastSystemError())") }
            unsafe rest = unsafe rest.dropFirst(written)
        }
    }

    func close() throws(HTTPFailure) {
        defer { descriptor = -1 }
        guard Glibc.close(descriptor) == 0 else { throw .file("\(path) cannot be written: \(lastSystemError())") }
    }

    func remove() {
        unsafe _ = unlink(path)
    }
}

/// A file that is sent as a body.
final class UploadFile {
    let size: Int64
    private let descriptor: Int32
    private var left: Int64

    init(_ path: String) throws(HTTPFailure) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var facts = stat()
        guard descriptor >= 0, unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            if descriptor >= 0 { _ = Glibc.close(descriptor) }
            throw .badRequest("the file \(path) cannot be read")
        }
        size = Int64(facts.st_size)
        left = size
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    /// How much was read; 0 at the end, `nil` if the file is not what it was.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let wanted = min(Int64(buffer.count), left)
        if wanted == 0 { return 0 }
        let count = unsafe Glibc.read(descriptor, buffer.baseAddress, Int(wanted))
        guard count > 0 else { return nil }
        left -= Int64(count)
        return count
    }

    func seek(to offset: Int64) -> Bool {
        guard lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else { return false }
        left = size - offset
        return true
    }
}

private func lastSystemError() -> String {
    unsafe String(cString: strerror(errno))
}
