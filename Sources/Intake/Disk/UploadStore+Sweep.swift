package import Domain
import Glibc

extension UploadStore {
    /// Removes what nobody will come back for: files in `incoming/` whose process is gone, and uploads made before
    /// `deadline` that no build knows (accepted files whose build was never stored). Returns how many files went.
    ///
    /// - Parameter known: those of the given ids that a build has; asked for a few hundred at a time.
    package func sweep(
        olderThan deadline: Timestamp, known: @Sendable ([UploadID]) async throws -> Set<UploadID>
    ) async throws -> Int {
        var removed = try removeDeadIncoming()
        var candidates = try names(in: folders.root).compactMap { UploadID($0) }.filter { $0.madeAt < deadline }[...]
        while !candidates.isEmpty {
            let batch = Array(candidates.prefix(500))
            candidates = candidates.dropFirst(batch.count)
            let kept = try await known(batch)
            let orphans = batch.filter { !kept.contains($0) }
            remove(orphans)
            removed += orphans.count
        }
        return removed
    }

    private func removeDeadIncoming() throws(IntakeError) -> Int {
        var removed = 0
        for name in try names(in: folders.incoming) {
            let stem = name.prefix { $0 != "." }
            let part = folders.incoming + "/" + stem + ".part"
            // Its lock went with its process. A replacement belongs to the file that it replaces.
            if let file = try? OpenedFile(part, O_RDWR), !file.lock() { continue }
            if unsafe unlink(folders.incoming + "/" + name) == 0 { removed += 1 }
        }
        return removed
    }

    private func names(in folder: String) throws(IntakeError) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw IntakeError(systemCode: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

extension UploadID {
    /// When it was made, read from its first ten characters.
    var madeAt: Timestamp {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        return Timestamp(
            milliseconds: text.utf8.prefix(10).reduce(0) { $0 << 5 | Int64(alphabet.firstIndex(of: $1) ?? 0) })
    }
}
