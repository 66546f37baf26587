internal import CLinux
internal import Foundation
internal import Glibc
internal import SystemPackage

/// The calls of the system that this room makes, with typed errors. All of them may block.
enum System {
    static func message(_ number: Int32) -> String {
        Errno(rawValue: number).description
    }

    static func failure(_ call: String, _ path: String) -> SandboxError {
        .system(call: call, path: path, number: errno)
    }

    static func makeDirectory(_ path: String, mode: mode_t) throws(SandboxError) {
        guard unsafe mkdir(path, mode) == 0 else { throw failure("mkdir", path) }
    }

    /// `false` when nothing is there.
    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    static func isExecutable(_ path: String) -> Bool {
        unsafe access(path, X_OK) == 0
    }

    /// Where a symbolic link leads; `nil` when there is none.
    static func link(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    static func information(_ path: String) throws(SandboxError) -> stat {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { throw failure("stat", path) }
        return information
    }

    static func open(
        _ path: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [],
        permissions: FilePermissions? = nil
    ) throws(SandboxError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                FilePath(path), mode, options: options.union(.closeOnExec), permissions: permissions)
        } catch {
            throw .system(call: "open", path: path, number: (error as? Errno)?.rawValue ?? EIO)
        }
    }

    static func close(_ descriptor: FileDescriptor) {
        _ = Glibc.close(descriptor.rawValue)
    }

    /// Up to `limit` bytes from `offset`; fewer at the end of the file.
    static func read(_ path: String, from offset: Int = 0, limit: Int) throws(SandboxError) -> [UInt8] {
        let file = try open(path, .readOnly)
        defer { close(file) }
        if offset > 0 { guard lseek(file.rawValue, off_t(offset), SEEK_SET) >= 0 else { throw failure("lseek", path) } }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let chunk = try readSome(file, limit: min(limit - bytes.count, 65_536), path: path)
            if chunk.isEmpty { break }
            bytes += chunk
        }
        return bytes
    }

    /// What one `read` gives; empty at the end.
    static func readSome(_ file: FileDescriptor, limit: Int, path: String) throws(SandboxError) -> [UInt8] {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            var got = 0
            repeat { got = unsafe Glibc.read(file.rawValue, buffer.baseAddress, limit) } while got < 0 && errno == EINTR
            failed = got < 0
            count = max(got, 0)
        }
        if failed { throw failure("read", path) }
        return bytes
    }

    static func write(_ bytes: some Collection<UInt8>, to file: FileDescriptor, path: String) throws(SandboxError) {
        do {
            _ = try file.writeAll(bytes)
        } catch {
            throw .system(call: "write", path: path, number: (error as? Errno)?.rawValue ?? EIO)
        }
    }

    /// Puts a whole file in place so that after a crash it is there as a whole or not at all.
    static func writeDurably(_ bytes: some Collection<UInt8>, to path: String) throws(SandboxError) {
        let temporary = path + ".new"
        let file = try open(
            temporary, .writeOnly, [.create, .truncate], permissions: [.ownerReadWrite])
        do {
            defer { close(file) }
            try write(bytes, to: file, path: temporary)
            guard fsync(file.rawValue) == 0 else { throw failure("fsync", temporary) }
        }
        guard unsafe rename(temporary, path) == 0 else { throw failure("rename", path) }
        try synchronize(folder: (path as NSString).deletingLastPathComponent)
    }

    /// Removes a file that may be there.
    static func remove(_ file: String) {
        _ = unsafe unlink(file)
    }

    /// Makes names in a folder survive a loss of power.
    static func synchronize(folder path: String) throws(SandboxError) {
        let folder = try open(path, .readOnly, .directory)
        defer { close(folder) }
        guard fsync(folder.rawValue) == 0 else { throw failure("fsync", path) }
    }

    /// Renames a folder; `false` when `target` was there already.
    static func renameExclusively(_ source: String, to target: String) throws(SandboxError) -> Bool {
        let number = unsafe clinux_rename_exclusively(source, target)
        if number == EEXIST || number == ENOTEMPTY { return false }
        guard number == 0 else { throw .system(call: "rename", path: target, number: number) }
        return true
    }

    static func names(in folder: String) throws(SandboxError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .system(call: "readdir", path: folder, number: ENOENT)
        }
    }

    /// Milliseconds since 1970, UTC.
    static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
