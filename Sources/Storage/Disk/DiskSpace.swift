import Glibc

/// How much room a file system has.
package struct DiskSpace: Hashable, Sendable {
    /// For this user; less than what root may still use.
    package var freeBytes: Int64
    package var totalBytes: Int64

    /// The file system that holds `path`. One quick system call; it blocks.
    package static func at(path: String) throws(StorageError) -> DiskSpace {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else {
            throw errno == ENOENT ? .missingObject(key: path) : .unavailable(reason: .other(code: Int(errno)))
        }
        let block = Int64(status.f_frsize)
        return DiskSpace(freeBytes: Int64(status.f_bavail) * block, totalBytes: Int64(status.f_blocks) * block)
    }
}
