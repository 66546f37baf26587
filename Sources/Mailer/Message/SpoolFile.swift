import Foundation
import NIOConcurrencyHelpers

/// A file without a name, for Kiln's user alone; its blocks are free again when its last owner is gone.
final class SpoolFile: Sendable {
    let descriptor: Int32
    private let length = NIOLockedValueBox<Int64>(0)

    /// How much was written.
    var bytes: Int64 { length.withLockedValue { $0 } }

    /// Makes one in the folder. Its name is gone before its first byte is written.
    init(in folder: String) throws(SpoolError) {
        let path = "\(folder)/mail-\(UUID().uuidString)"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { _ = unsafe unlink(path) }
        guard descriptor >= 0 else { throw SpoolError(.open, code: errno) }
        self.descriptor = descriptor
    }

    /// Takes over an open file.
    init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Blocks. Never called twice at once.
    func append(_ bytes: [UInt8]) throws(SpoolError) {
        var written = 0
        while written < bytes.count {
            let start = self.bytes
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(start))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SpoolError(.write, code: count < 0 ? errno : ENOSPC) }
            written += count
            length.withLockedValue { $0 += Int64(count) }
        }
    }

    /// Blocks. Any number of readers at once.
    func read(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(SpoolError) -> Int {
        while true {
            let count = unsafe pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count > 0 { return count }
            if count < 0, errno == EINTR { continue }
            throw SpoolError(.read, code: count < 0 ? errno : EIO)
        }
    }
}

/// A spool's writing, on a thread of its own: disks block.
actor SpoolDisk {
    private let executor = BlockingExecutor(label: "kiln.mailer.spool")

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func open(_ make: @Sendable () throws(SpoolError) -> SpoolFile) throws(SpoolError) -> SpoolFile {
        try make()
    }

    func append(_ bytes: [UInt8], to file: SpoolFile) throws(SpoolError) {
        try file.append(bytes)
    }
}
