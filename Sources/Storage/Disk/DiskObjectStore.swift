package import Domain
import Glibc

/// Objects as files: `<directory>/<build id>/<name>`. A name appears only when its bytes are on the disk.
package struct DiskObjectStore: ObjectStore {
    /// Begins the name of a file that is still being copied; no object's name begins with a dot.
    private static let unfinished = ".new-"

    private let directory: String
    private let lanes = BlockingLanes(label: "objects", count: 8)

    /// Makes the directory if there is none.
    package init(directory: String) throws(StorageError) {
        self.directory = directory
        try Files.makeDirectories(directory)
    }

    package func put(fileAt path: String, as key: ObjectKey) async throws(StorageError) {
        let target = try self.path(of: key)
        let folder = Files.parent(of: target)
        let unfinished = "\(folder)/\(Self.unfinished)\(key.name)"
        let directory = directory
        try await lanes.run(for: key) { () throws(StorageError) in
            try Files.makeDirectories(folder)
            try Files.open(path, O_RDONLY).sync()
            if try !Files.move(path, to: target) {
                do throws(StorageError) {
                    try Self.copy(path, to: unfinished)
                } catch {
                    // The first error is the one to report.
                    try? Files.removeFile(unfinished)
                    throw error
                }
                _ = try Files.move(unfinished, to: target)
            }
            try Files.syncDirectory(folder)
            try Files.syncDirectory(directory)
        }
    }

    package func copy(_ key: ObjectKey, to other: ObjectKey) async throws(StorageError) {
        let (source, target) = (try path(of: key), try path(of: other))
        let folder = Files.parent(of: target)
        let unfinished = "\(folder)/\(Self.unfinished)\(other.name)"
        let directory = directory
        try await lanes.run(for: other) { () throws(StorageError) in
            guard let file = try Files.openIfPresent(source, O_RDONLY) else { throw .missingObject(key: "\(key)") }
            try file.sync()
            try Files.makeDirectories(folder)
            try Files.removeFile(unfinished)
            if try !Files.link(source, to: unfinished) { try Self.copy(source, to: unfinished) }
            _ = try Files.move(unfinished, to: target)
            // Two names of one file: moving one over the other leaves both.
            try Files.removeFile(unfinished)
            try Files.syncDirectory(folder)
            try Files.syncDirectory(directory)
        }
    }

    package func size(of key: ObjectKey) async throws(StorageError) -> Int64? {
        let path = try path(of: key)
        return try await lanes.run(for: key) { () throws(StorageError) in
            guard let file = try Files.openIfPresent(path, O_RDONLY) else { return nil }
            return try file.size()
        }
    }

    package func read(_ key: ObjectKey, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] {
        let path = try path(of: key)
        return try await lanes.run(for: key) { () throws(StorageError) in
            guard let file = try Files.openIfPresent(path, O_RDONLY) else { throw .missingObject(key: "\(key)") }
            let left = try file.size() - offset
            guard offset >= 0, left >= 0 else { throw .missingObject(key: "\(key)") }
            return try file.read(from: offset, length: Int(min(left, Int64(max(length, 0)))))
        }
    }

    package func removeAll(of build: BuildID) async throws(StorageError) {
        let folder = try "\(directory)/\(StoredName.checked(build))"
        try await lanes.run(for: build) { () throws(StorageError) in
            try Files.removeFolder(folder)
        }
    }

    private func path(of key: ObjectKey) throws(StorageError) -> String {
        try "\(directory)/\(StoredName.checked(key.build))/\(StoredName.checked(key))"
    }

    private static func copy(_ path: String, to target: String) throws(StorageError) {
        let source = try Files.open(path, O_RDONLY)
        let copy = try Files.open(target, O_WRONLY | O_CREAT | O_TRUNC)
        var offset: Int64 = 0
        while true {
            let bytes = try source.read(from: offset, length: 1 << 20)
            guard !bytes.isEmpty else { break }
            try copy.write(bytes[...], at: offset)
            offset += Int64(bytes.count)
        }
        try copy.sync()
    }
}

/// The last look at a name before it becomes part of a path, whoever made it (P4).
enum StoredName {
    static func checked(_ build: BuildID) throws(StorageError) -> String {
        guard let id = BuildID(build.text) else { throw .missingObject(key: "build") }
        return id.text
    }

    static func checked(_ attempt: Attempt) throws(StorageError) -> String {
        let parts = attempt.key.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let build = BuildID(parts[0]), Attempt(number: attempt.number, of: build) == attempt
        else { throw .missingObject(key: "attempt") }
        return attempt.key
    }

    static func checked(_ key: ObjectKey) throws(StorageError) -> String {
        let bytes = key.name.utf8
        guard (1...255).contains(bytes.count), bytes.first != UInt8(ascii: "."),
            !bytes.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "/") || $0 == 0x7f })
        else { throw .missingObject(key: "name") }
        return key.name
    }
}
