import Archives
import Domain
import Foundation
import NIOConcurrencyHelpers

/// The files in the ZIP archives that a run's jobs left at their forge. Archives lie in a folder of this process while
/// they are looked into; lost with it, they are fetched again.
final class ArchivedFiles: Sendable {
    struct Archive: Hashable, Sendable {
        var id: Int64
        var url: String
        /// As the forge says; `nil` if it does not.
        var bytes: Int64?
    }

    private struct Place: Sendable {
        var archive: String
        var entry: String
        var bytes: Int64
    }

    private let folder: String
    private let inspector = ArchiveInspector(atOnce: 2)
    private let places = NIOLockedValueBox<[String: [String: Place]]>([:])

    /// - Parameter folder: of one provider alone; made when it is needed.
    init(folder: String) {
        self.folder = folder
    }

    /// Fetches the archives and looks through all of them. Of two files with one name, the first archive's counts.
    func list(
        _ archives: [Archive], of order: BuildOrder, _ attempt: Attempt, _ calls: ForgeCalls
    ) async throws(RemoteFault) -> [ProducedFile] {
        let limit = Self.limit(order)
        var found: [String: Place] = [:]
        var files: [ProducedFile] = []
        var left = limit
        try await emptyFolder(of: attempt)
        for archive in archives {
            if let bytes = archive.bytes, bytes > left { throw .refused(Self.tooLarge(limit)) }
            let path = "\(folder)/\(attempt.key)/\(archive.id).zip"
            guard try await calls.download(archive.url, to: path, limit: left) != nil else {
                throw .refused(Self.tooLarge(limit))
            }
            let summary = try await look(path, limit: left)
            // An archive can be much larger than what it holds, and lies here while the others are fetched (P6).
            left -= max(summary.unpackedBytes, try await size(of: path))
            for entry in summary.entries where !entry.isDirectory {
                let name = String(
                    entry.name[
                        (entry.name.lastIndex(of: "/").map(entry.name.index(after:)) ?? entry.name.startIndex)...])
                guard found[name] == nil else { continue }
                found[name] = Place(archive: path, entry: entry.name, bytes: entry.bytes)
                files.append(ProducedFile(name: name, bytes: entry.bytes))
            }
        }
        let known = found
        places.withLockedValue { $0[attempt.key] = known }
        return files
    }

    /// Writes a listed file to `path`.
    ///
    /// - Returns: `false` if its archive has to be fetched and looked through first.
    func take(
        _ name: String, of attempt: Attempt, order: BuildOrder, to path: String, limit: Int64
    ) async throws(RemoteFault) -> Bool {
        guard let place = places.withLockedValue({ $0[attempt.key]?[name] }), FolderWork.exists(place.archive) else {
            return false
        }
        guard place.bytes <= limit else { throw .refused(FailureWords.tooLarge(name, place.bytes, limit: limit)) }
        do throws(ArchiveError) {
            _ = try await inspector.extractEntry(
                named: place.entry, fileAt: place.archive, format: .zip, limits: Self.limits(Self.limit(order)),
                to: path)
            return true
        } catch {
            throw Self.fault(error)
        }
    }

    func forget(_ attempt: Attempt) async {
        places.withLockedValue { $0[attempt.key] = nil }
        let path = "\(folder)/\(attempt.key)"
        // What stays is removed at the next start, with the whole folder.
        try? await Blocking.run { () throws(FileFault) in try FolderWork.remove(path) }
    }

    private func emptyFolder(of attempt: Attempt) async throws(RemoteFault) {
        let path = "\(folder)/\(attempt.key)"
        do throws(FileFault) {
            try await Blocking.run { () throws(FileFault) in
                try FolderWork.remove(path)
                try FolderWork.make(path, mode: 0o700)
            }
        } catch {
            throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "\(error)")
        }
    }

    private func size(of path: String) async throws(RemoteFault) -> Int64 {
        do throws(FileFault) {
            return try await Blocking.run { () throws(FileFault) in try FileWork.size(of: path) }
        } catch {
            throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "\(error)")
        }
    }

    private func look(_ path: String, limit: Int64) async throws(RemoteFault) -> ArchiveSummary {
        do throws(ArchiveError) {
            return try await inspector.walk(fileAt: path, format: .zip, limits: Self.limits(limit))
        } catch {
            throw Self.fault(error)
        }
    }

    private static func limit(_ order: BuildOrder) -> Int64 {
        max(order.recipe.build.limits.output, order.recipe.artifacts.map(\.maxBytes).max() ?? 0)
    }

    private static func limits(_ bytes: Int64) -> ArchiveLimits {
        ArchiveLimits(maxUnpackedBytes: bytes, maxEntryBytes: bytes)
    }

    private static func tooLarge(_ limit: Int64) -> Failure {
        ForgeWords.badArchive("All files together are larger than \(inWords(bytes: limit)).")
    }

    private static func fault(_ error: ArchiveError) -> RemoteFault {
        switch error {
        case .refused(let refusal): .refused(ForgeWords.badArchive(refusal.message))
        case .cancelled, .io: .refusedUntil(after: RemoteAPI.pauseForServer, reason: "\(error)")
        }
    }
}
