internal import Glibc
internal import SystemPackage

/// Walks a folder whose content an untrusted program may be changing meanwhile.
///
/// Each step goes through the descriptor of the folder above and follows no link, so the walk cannot be led elsewhere.
struct FolderWalk {
    /// Something in the walked folder, or the folder itself (then `name` is `.`).
    struct Entry {
        let folder: FileDescriptor
        let name: String
        let information: stat

        var isFolder: Bool { information.st_mode & S_IFMT == S_IFDIR }
        var isLink: Bool { information.st_mode & S_IFMT == S_IFLNK }
    }

    /// Folders nested deeper than this end the walk: each level keeps a descriptor open.
    static let deepest = 128

    /// Calls `visit` for the folder (or file) and everything below; `visit` says whether to go on.
    ///
    /// Returns whether everything was seen. What vanishes meanwhile is left out.
    static func walk(_ path: String, visit: (Entry) throws(SandboxError) -> Bool) throws(SandboxError) -> Bool {
        let folder = try System.open(path, .readOnly, [.noFollow, .nonBlocking])
        defer { System.close(folder) }
        var information = stat()
        guard unsafe fstat(folder.rawValue, &information) == 0 else { throw System.failure("stat", path) }
        let entry = Entry(folder: folder, name: ".", information: information)
        guard try visit(entry) else { return false }
        return entry.isFolder ? try walk(folder, depth: 0, visit: visit) : true
    }

    private static func walk(
        _ folder: FileDescriptor, depth: Int, visit: (Entry) throws(SandboxError) -> Bool
    ) throws(SandboxError) -> Bool {
        guard depth < deepest else { return false }
        for name in names(in: folder) {
            var information = stat()
            guard unsafe fstatat(folder.rawValue, name, &information, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let entry = Entry(folder: folder, name: name, information: information)
            guard try visit(entry) else { return false }
            guard entry.isFolder else { continue }
            let inner = unsafe openat(folder.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else { continue }
            defer { _ = close(inner) }
            guard try walk(FileDescriptor(rawValue: inner), depth: depth + 1, visit: visit) else { return false }
        }
        return true
    }

    private static func names(in folder: FileDescriptor) -> [String] {
        // `fdopendir` takes the descriptor over, so it gets one of its own.
        let own = unsafe openat(folder.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return [] }
        guard let stream = unsafe fdopendir(own) else {
            _ = close(own)
            return []
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}

extension FolderWalk.Entry {
    /// Gives the entry to a user and their group of the same number.
    func give(to user: UInt32) throws(SandboxError) {
        guard information.st_uid != user || information.st_gid != user else { return }
        let done =
            if name == "." {
                fchown(folder.rawValue, user, user)
            } else {
                unsafe fchownat(folder.rawValue, name, user, user, AT_SYMLINK_NOFOLLOW)
            }
        guard done == 0 || errno == ENOENT else { throw System.failure("chown", name) }
    }

    /// Lets everyone read it (and enter it, if it is a folder or may be executed by its owner).
    func letOthersRead() throws(SandboxError) {
        guard !isLink else { return }
        var mode = information.st_mode | S_IRUSR | S_IRGRP | S_IROTH
        if isFolder || mode & S_IXUSR != 0 { mode |= S_IXUSR | S_IXGRP | S_IXOTH }
        guard mode != information.st_mode else { return }
        let done =
            if name == "." {
                fchmod(folder.rawValue, mode & 0o7777)
            } else {
                unsafe fchmodat(folder.rawValue, name, mode & 0o7777, 0)
            }
        guard done == 0 || errno == ENOENT else { throw System.failure("chmod", name) }
    }
}

/// How much a set of folders holds.
struct FolderUsage: Equatable {
    var bytes: UInt64 = 0
    var files = 0
    /// Whether the count was given up: too many files, or nested too deep.
    var isExcessive = false

    /// Counts up to `most` files; bytes are those on disk, so that holes do not count.
    static func measure(_ folders: [String], most: Int) -> FolderUsage {
        var usage = FolderUsage()
        for folder in folders {
            do {
                let seenAll = try FolderWalk.walk(folder) { entry in
                    usage.bytes += UInt64(max(entry.information.st_blocks, 0)) * 512
                    usage.files += 1
                    return usage.files <= most
                }
                if !seenAll { usage.isExcessive = true }
            } catch {
                continue  // A folder that the run removed holds nothing.
            }
        }
        return usage
    }
}
