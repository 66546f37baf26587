import Crypto
package import Domain
import Glibc

/// Logs and files that runs sent, as files: `<directory>/<attempt's key>/log`, `.../parts/<name>` for a file that is
/// still coming, `.../files/<sha256>-<name>` for a complete one, so that its digest needs no second place.
///
/// Bytes are handed to the system, not flushed to the disk: a sender asks how much is there before it goes on. A file is
/// on the disk when it is complete.
package struct DiskReportFiles: ReportFiles {
    /// Files that one attempt may send; more are a fault of the job or of its intentions (P6).
    private static let mostFiles = 200
    private static let chunk = 1 << 20

    private let directory: String
    /// An attempt's calls take one lane: what is looked at and written in one call belongs together.
    private let lanes = BlockingLanes(label: "reports", count: 8)

    /// Makes the directory if there is none.
    package init(directory: String) throws(StorageError) {
        self.directory = directory
        try Files.makeDirectories(directory)
    }

    package func logSize(of attempt: Attempt) async throws(StorageError) -> Int64 {
        try await inFolder(of: attempt) { folder throws(StorageError) in
            try Files.openIfPresent(folder.log, O_RDONLY)?.size() ?? 0
        }
    }

    package func appendLog(
        _ bytes: [UInt8], at offset: Int64, of attempt: Attempt
    ) async throws(StorageError) -> Int64 {
        try await inFolder(of: attempt) { folder throws(StorageError) in
            try Files.makeDirectories(folder.path)
            return try Self.append(bytes, at: offset, to: try Files.open(folder.log, O_WRONLY | O_CREAT))
        }
    }

    package func readLog(of attempt: Attempt, from offset: Int64, limit: Int) async throws(StorageError) -> [UInt8] {
        try await inFolder(of: attempt) { folder throws(StorageError) in
            guard let file = try Files.openIfPresent(folder.log, O_RDONLY) else { return [] }
            let left = try file.size() - max(offset, 0)
            guard left > 0, limit > 0 else { return [] }
            return try file.read(from: max(offset, 0), length: Int(min(left, Int64(limit))))
        }
    }

    package func size(of name: String, of attempt: Attempt) async throws(StorageError) -> Int64 {
        let name = try Self.usable(name)
        return try await inFolder(of: attempt) { folder throws(StorageError) in
            if let complete = try folder.complete(name) { return complete.bytes }
            return try Files.openIfPresent(folder.part(name), O_RDONLY)?.size() ?? 0
        }
    }

    package func append(
        _ bytes: [UInt8], at offset: Int64, to name: String, of attempt: Attempt, limit: Int64
    ) async throws(StorageError) -> Int64 {
        let name = try Self.usable(name)
        let most = Self.mostFiles
        return try await inFolder(of: attempt) { folder throws(StorageError) in
            if let complete = try folder.complete(name) {
                return try Self.skip(bytes.count, at: offset, of: complete.bytes)
            }
            guard offset >= 0 else { throw .gap(size: 0) }
            guard offset <= limit, Int64(bytes.count) <= limit - offset else { throw .tooLarge(limit: limit) }
            if let part = try Files.openIfPresent(folder.part(name), O_WRONLY) {
                return try Self.append(bytes, at: offset, to: part)
            }
            guard offset == 0 else { throw .gap(size: 0) }
            guard try folder.count() < most else { throw .tooLarge(limit: Int64(most)) }
            try Files.makeDirectories(folder.parts)
            return try Self.append(bytes, at: 0, to: try Files.open(folder.part(name), O_WRONLY | O_CREAT))
        }
    }

    package func complete(
        _ name: String, sha256: String?, of attempt: Attempt
    ) async throws(StorageError) -> ReportedFile {
        let name = try Self.usable(name)
        let directory = directory
        return try await inFolder(of: attempt) { folder throws(StorageError) in
            if let complete = try folder.complete(name) {
                try Self.prove(complete.sha256, isClaimed: sha256, orRemove: folder.file(complete))
                return complete
            }
            guard let part = try Files.openIfPresent(folder.part(name), O_RDONLY) else {
                throw .missingObject(key: "\(attempt.key)/\(name)")
            }
            try part.sync()
            let file = ReportedFile(name: name, bytes: try part.size(), sha256: try Self.digest(of: part))
            try Self.prove(file.sha256, isClaimed: sha256, orRemove: folder.part(name))
            try Files.makeDirectories(folder.files)
            // On one file system: both folders are in one.
            _ = try Files.move(folder.part(name), to: folder.file(file))
            for path in [folder.files, folder.path, directory] { try Files.syncDirectory(path) }
            return file
        }
    }

    package func files(of attempt: Attempt) async throws(StorageError) -> [ReportedFile] {
        try await inFolder(of: attempt) { folder throws(StorageError) in try folder.completeFiles() }
    }

    package func path(of name: String, of attempt: Attempt) async throws(StorageError) -> String {
        let name = try Self.usable(name)
        return try await inFolder(of: attempt) { folder throws(StorageError) in
            guard let file = try folder.complete(name) else { throw .missingObject(key: "\(attempt.key)/\(name)") }
            return folder.file(file)
        }
    }

    package func removeAll(of attempt: Attempt) async throws(StorageError) {
        try await inFolder(of: attempt) { folder throws(StorageError) in
            try Files.removeFolder(folder.parts)
            try Files.removeFolder(folder.files)
            try Files.removeFolder(folder.path)
        }
    }

    private func inFolder<Value: Sendable>(
        of attempt: Attempt, _ body: @escaping @Sendable (ReportFolder) throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let folder = ReportFolder(path: try "\(directory)/\(StoredName.checked(attempt))")
        return try await lanes.run(for: folder.path) { () throws(StorageError) in try body(folder) }
    }

    private static func usable(_ name: String) throws(StorageError) -> String {
        guard ArtifactName.isUsable(name) else { throw .unusableName }
        return name
    }

    private static func append(
        _ bytes: [UInt8], at offset: Int64, to file: borrowing Files.Handle
    ) throws(StorageError) -> Int64 {
        let size = try file.size()
        guard offset >= 0, offset <= size else { throw .gap(size: size) }
        let known = size - offset
        guard known < Int64(bytes.count) else { return size }
        try file.write(bytes.dropFirst(Int(known)), at: size)
        return offset + Int64(bytes.count)
    }

    /// A complete file takes known bytes again and no others.
    private static func skip(_ count: Int, at offset: Int64, of size: Int64) throws(StorageError) -> Int64 {
        guard offset >= 0, offset <= size else { throw .gap(size: size) }
        guard Int64(count) <= size - offset else { throw .tooLarge(limit: size) }
        return size
    }

    private static func digest(of file: borrowing Files.Handle) throws(StorageError) -> String {
        var hash = SHA256()
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(from: offset, length: chunk)
            guard !bytes.isEmpty else { return hash.finalize().hexText }
            hash.update(data: bytes)
            offset += Int64(bytes.count)
        }
    }

    private static func prove(
        _ found: String, isClaimed claimed: String?, orRemove path: String
    ) throws(StorageError) {
        guard let claimed, claimed.lowercased() != found else { return }
        try Files.removeFile(path)
        throw .wrongDigest(found: found)
    }
}

/// Where an attempt's things are.
private struct ReportFolder: Sendable {
    let path: String
    var log: String { "\(path)/log" }
    var parts: String { "\(path)/parts" }
    var files: String { "\(path)/files" }

    func part(_ name: String) -> String { "\(parts)/\(name)" }
    func file(_ file: ReportedFile) -> String { "\(files)/\(file.sha256)-\(file.name)" }

    func completeFiles() throws(StorageError) -> [ReportedFile] {
        var found: [ReportedFile] = []
        for stored in try Files.names(in: files) {
            guard let (sha256, name) = Self.parse(stored),
                let bytes = try Files.openIfPresent("\(files)/\(stored)", O_RDONLY)?.size()
            else { continue }
            found.append(ReportedFile(name: name, bytes: bytes, sha256: sha256))
        }
        return found.sorted { $0.name < $1.name }
    }

    func complete(_ name: String) throws(StorageError) -> ReportedFile? {
        try completeFiles().first { $0.name == name }
    }

    func count() throws(StorageError) -> Int {
        try Files.names(in: parts).count + Files.names(in: files).count
    }

    private static func parse(_ stored: String) -> (sha256: String, name: String)? {
        guard let dash = stored.utf8.firstIndex(of: UInt8(ascii: "-")), stored[..<dash].utf8.count == 64 else {
            return nil
        }
        return (String(stored[..<dash]), String(stored[stored.index(after: dash)...]))
    }
}
