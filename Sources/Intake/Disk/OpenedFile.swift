import CLinux
import Glibc

/// An open file; closed with its owner. Every call blocks.
struct OpenedFile: ~Copyable {
    let descriptor: Int32

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(IntakeError) {
        descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw IntakeError(systemCode: errno) }
    }

    deinit {
        close(descriptor)
    }

    var bytes: Int64 {
        get throws(IntakeError) { Int64(try status().st_size) }
    }

    /// Whether a name in a folder still leads to it.
    var isLinked: Bool {
        get throws(IntakeError) { try status().st_nlink > 0 }
    }

    func write(_ bytes: [UInt8]) throws(IntakeError) {
        var place = 0
        while place < bytes.count {
            // There is an address because there are bytes left to write.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress! + place, $0.count - place)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw IntakeError(systemCode: count == 0 ? ENOSPC : errno) }
            place += count
        }
    }

    /// At most `count` bytes from `offset`; fewer only at the file's end.
    func read(from offset: Int64, count: Int) throws(IntakeError) -> [UInt8] {
        var failure: Int32?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                // There is an address because there is room left to fill.
                let got = unsafe pread(
                    descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        if let failure { throw IntakeError(systemCode: failure) }
        return bytes
    }

    /// Has the disk begin with what was written, so that `synchronize` has less to wait for. Only a hint: a file system
    /// that cannot do it does it all at the end.
    func beginSynchronizing(from offset: Int64, count: Int64) {
        _ = clinux_begin_writing(descriptor, off_t(offset), off_t(count))
    }

    /// Returns when what was written survives a power loss.
    func synchronize() throws(IntakeError) {
        while fsync(descriptor) != 0 {
            guard errno == EINTR else { throw IntakeError(systemCode: errno) }
        }
    }

    /// Claims the file for this process; `false` if another holds it.
    func lock() -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    private func status() throws(IntakeError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw IntakeError(systemCode: errno) }
        return status
    }
}
