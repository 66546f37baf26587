import Foundation
import Glibc

/// Work on folders. All calls block: for `Blocking.run`.
enum FolderWork {
    /// An entry of a tree: its path below the root.
    struct Entry: Hashable, Comparable {
        var path: String
        var isFolder: Bool

        static func < (one: Entry, other: Entry) -> Bool { one.path < other.path }
    }

    static func make(_ path: String, mode: mode_t = 0o755) throws(FileFault) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            if unsafe mkdir(made, mode) != 0, errno != EEXIST { throw FileFault.last("mkdir", made) }
        }
    }

    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// Names in a folder, sorted; no `.` and `..`.
    static func names(in path: String) throws(FileFault) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw .system(call: "list", path: path, number: ENOENT)
        }
    }

    /// The plain files directly in a folder, with their sizes.
    static func plainFiles(in path: String) throws(FileFault) -> [(name: String, bytes: Int64)] {
        var files: [(name: String, bytes: Int64)] = []
        for name in try names(in: path) {
            var information = stat()
            guard unsafe lstat("\(path)/\(name)", &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
                continue
            }
            files.append((name, Int64(information.st_size)))
        }
        return files
    }

    /// Folders and plain files below a folder, sorted; everything else is left out.
    static func tree(of root: String, below: String = "") throws(FileFault) -> [Entry] {
        var entries: [Entry] = []
        for name in try names(in: below.isEmpty ? root : "\(root)/\(below)") {
            let path = below.isEmpty ? name : "\(below)/\(name)"
            var information = stat()
            guard unsafe lstat("\(root)/\(path)", &information) == 0 else { continue }
            switch information.st_mode & S_IFMT {
            case S_IFDIR:
                entries.append(Entry(path: path, isFolder: true))
                entries += try tree(of: root, below: path)
            case S_IFREG:
                entries.append(Entry(path: path, isFolder: false))
            default:
                break
            }
        }
        return entries
    }

    /// Copies a folder's plain files and folders; `target` is made.
    static func copy(_ root: String, to target: String, limit: Int64) throws(FileFault) {
        try make(target)
        var left = limit
        for entry in try tree(of: root) {
            if entry.isFolder {
                try make("\(target)/\(entry.path)")
                continue
            }
            var information = stat()
            guard unsafe lstat("\(root)/\(entry.path)", &information) == 0 else {
                throw FileFault.last("stat", "\(root)/\(entry.path)")
            }
            left -= Int64(information.st_size)
            guard left >= 0 else { throw .tooLarge(path: root, limit: limit) }
            let mode: mode_t = information.st_mode & S_IXUSR != 0 ? 0o755 : 0o644
            try FileWork.copy("\(root)/\(entry.path)", to: "\(target)/\(entry.path)", mode: mode)
        }
    }

    /// Lets everybody read a tree's files and enter its folders; links are left alone.
    static func letOthersRead(_ root: String) throws(FileFault) {
        try FolderWork.open(root, for: 0o755)
        for entry in try tree(of: root) {
            try open("\(root)/\(entry.path)", for: entry.isFolder ? 0o055 : 0o044)
        }
    }

    private static func open(_ path: String, for bits: mode_t) throws(FileFault) {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 else { throw FileFault.last("stat", path) }
        let mode = (information.st_mode | bits) & 0o7777
        if mode != information.st_mode & 0o7777, unsafe chmod(path, mode) != 0 { throw FileFault.last("chmod", path) }
    }

    /// Removes a tree of our own making; none there is no error.
    static func remove(_ path: String) throws(FileFault) {
        guard exists(path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            if exists(path) { throw .system(call: "remove", path: path, number: EIO) }
        }
    }
}
