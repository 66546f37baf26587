import Crypto
import Domain
import Foundation
import Glibc

/// One open descriptor, closed with its owner. All calls block: for `Blocking.run`.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    private let path: String

    static let chunk = 1 << 20

    /// Never follows a link at the path's end.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(FileFault) {
        descriptor = unsafe open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileFault.last("open", path) }
        self.path = path
    }

    /// Size of a plain file; anything else is refused.
    func plainSize() throws(FileFault) -> Int64 {
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { throw FileFault.last("stat", path) }
        guard information.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        return Int64(information.st_size)
    }

    /// The next bytes; empty at the end.
    func read(upTo count: Int) throws(FileFault) -> [UInt8] {
        var failure: FileFault?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while true {
                let result = unsafe Glibc.read(descriptor, buffer.baseAddress, count)
                if result >= 0 {
                    filled = result
                    return
                }
                if errno == EINTR { continue }
                failure = FileFault.last("read", path)
                filled = 0
                return
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Moves to `offset` from the file's beginning.
    func seek(to offset: Int64) throws(FileFault) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw FileFault.last("seek", path) }
    }

    func write(_ bytes: [UInt8]) throws(FileFault) {
        var written = 0
        while written < bytes.count {
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if result >= 0 {
                written += result
            } else if errno != EINTR {
                throw FileFault.last("write", path)
            }
        }
    }

    /// Makes it ours alone, whoever wrote it.
    func takeOver() throws(FileFault) {
        if fchmod(descriptor, 0o600) != 0 { throw FileFault.last("chmod", path) }
        if geteuid() == 0, fchown(descriptor, 0, 0) != 0 { throw FileFault.last("chown", path) }
    }

    deinit {
        _ = close(descriptor)
    }
}

/// Work on whole files. All calls block: for `Blocking.run`.
enum FileWork {
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(FileFault) {
        let file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try file.write(bytes)
    }

    /// Writes a whole file that is there, for its owner alone, after a power loss too; if one of that name is there already,
    /// it stays and `false` is returned. A reader never sees half of it.
    static func publish(_ bytes: [UInt8], as path: String) throws(FileFault) -> Bool {
        let draft = "\(path).\(UUID().uuidString)"
        defer { unsafe _ = unlink(draft) }
        let file = try OpenFile(draft, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        try file.write(bytes)
        guard fsync(file.descriptor) == 0 else { throw FileFault.last("fsync", draft) }
        guard unsafe link(draft, path) == 0 else {
            if errno == EEXIST { return false }
            throw FileFault.last("link", path)
        }
        let folder = try OpenFile((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY)
        guard fsync(folder.descriptor) == 0 else { throw FileFault.last("fsync", path) }
        return true
    }

    static func append(_ bytes: [UInt8], to path: String) throws(FileFault) {
        let file = try OpenFile(path, O_WRONLY | O_APPEND)
        try file.write(bytes)
    }

    static func read(_ path: String, limit: Int64) throws(FileFault) -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        guard try file.plainSize() <= limit else { throw .tooLarge(path: path, limit: limit) }
        var bytes: [UInt8] = []
        while true {
            let chunk = try file.read(upTo: OpenFile.chunk)
            if chunk.isEmpty { return bytes }
            bytes += chunk
            guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
        }
    }

    /// Up to `count` bytes from `offset`; empty beyond the end.
    static func read(_ path: String, from offset: Int64, count: Int) throws(FileFault) -> [UInt8] {
        let file = try OpenFile(path, O_RDONLY)
        try file.seek(to: offset)
        return try file.read(upTo: count)
    }

    /// Lets everybody read a plain file whose folder is private.
    static func letOthersRead(_ path: String) throws(FileFault) {
        let file = try OpenFile(path, O_RDONLY)
        _ = try file.plainSize()
        if fchmod(file.descriptor, 0o644) != 0 { throw FileFault.last("chmod", path) }
    }

    /// Bytes of a plain file.
    static func size(of path: String) throws(FileFault) -> Int64 {
        try OpenFile(path, O_RDONLY).plainSize()
    }

    /// Copies a plain file; `target` must not be there.
    static func copy(_ path: String, to target: String, limit: Int64 = .max, mode: mode_t = 0o644) throws(FileFault) {
        let source = try OpenFile(path, O_RDONLY)
        guard try source.plainSize() <= limit else { throw .tooLarge(path: path, limit: limit) }
        let copy = try OpenFile(target, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        var left = limit
        while true {
            let chunk = try source.read(upTo: OpenFile.chunk)
            if chunk.isEmpty { return }
            left -= Int64(chunk.count)
            guard left >= 0 else { throw .tooLarge(path: path, limit: limit) }
            try copy.write(chunk)
        }
    }

    /// Gives a finished file a second name where that is possible, and copies it where not.
    static func share(_ path: String, as target: String, limit: Int64) throws(FileFault) {
        if unsafe linkat(AT_FDCWD, path, AT_FDCWD, target, 0) == 0 {
            do throws(FileFault) {
                // A link to a link is a link: refused here, as everything that is no plain file.
                let file = try OpenFile(target, O_RDONLY)
                guard try file.plainSize() <= limit else { throw .tooLarge(path: path, limit: limit) }
                try file.takeOver()
            } catch {
                _ = unsafe unlink(target)
                throw error
            }
        } else if [EXDEV, EPERM, EMLINK, EACCES].contains(errno) {
            try copy(path, to: target, limit: limit, mode: 0o600)
        } else {
            throw FileFault.last("link", path)
        }
    }

    /// Size and SHA-256 (lower-case hex) of a plain file's bytes.
    static func measure(_ path: String) throws(FileFault) -> (bytes: Int64, sha256: String) {
        let file = try OpenFile(path, O_RDONLY)
        _ = try file.plainSize()
        var hash = SHA256()
        var bytes: Int64 = 0
        while true {
            let chunk = try file.read(upTo: OpenFile.chunk)
            if chunk.isEmpty { break }
            hash.update(data: chunk)
            bytes += Int64(chunk.count)
        }
        return (bytes, hash.finalize().hexText)
    }
}
