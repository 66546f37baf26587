package import Domain
import Glibc

/// The folder of received files. Each is named by its id; a name that a client claimed is never part of a path.
package actor UploadStore {
    nonisolated let folders: UploadFolders
    private nonisolated let clock: any WallClock
    private nonisolated let executor = QueueExecutor(label: "kiln.uploads")

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Makes the folder, and `incoming/` in it, where they are missing. Blocks for as long as that takes.
    package init(directory: String, clock: any WallClock) throws(IntakeError) {
        self.clock = clock
        folders = UploadFolders(root: directory)
        for path in [folders.root, folders.incoming] {
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw IntakeError(systemCode: errno) }
        }
    }

    package nonisolated func path(of id: UploadID) -> String {
        folders.upload(id)
    }

    /// Removes uploads that no build has any more; those that are not there are fine.
    package func remove(_ ids: [UploadID]) {
        for id in ids { unsafe unlink(folders.upload(id)) }
    }

    /// Gives an upload a second life under a new id, so that the builds that own them end independently.
    package func duplicate(_ id: UploadID) throws(IntakeError) -> UploadID {
        let copy = newID()
        guard unsafe link(folders.upload(id), folders.upload(copy)) == 0 else {
            throw errno == ENOENT ? .missingUpload(id) : IntakeError(systemCode: errno)
        }
        try synchronizeFolder()
        return copy
    }

    /// Takes a copy of a file that Kiln made itself: durable under a new id, and nobody's until a build has it. Size and
    /// SHA-256 (lower-case hex) are of the bytes that were copied.
    package nonisolated func keep(
        fileAt path: String
    ) async throws(IntakeError) -> (id: UploadID, bytes: Int64, sha256: String) {
        let file = try await beginFile()
        do throws(IntakeError) {
            let source = OpenUpload(id: file.id, path: path)
            try await source.open()
            var offset: Int64 = 0
            while case let piece = try await source.read(from: offset, count: Self.pieceBytes), !piece.isEmpty {
                try await file.write(piece)
                offset += Int64(piece.count)
            }
            let kept = try await file.keep(replaced: false)
            try await synchronizeFolder()
            return (file.id, kept.bytes, kept.sha256)
        } catch {
            await file.discard()
            throw error
        }
    }

    private static let pieceBytes = 1 << 20

    package nonisolated func open(_ id: UploadID) async throws(IntakeError) -> OpenUpload {
        let upload = OpenUpload(id: id, path: folders.upload(id))
        try await upload.open()
        return upload
    }

    /// Whether a body of this size can be written at all, as far as is known now.
    func hasRoom(for bytes: Int64) -> Bool {
        var status = statvfs()
        guard unsafe statvfs(folders.root, &status) == 0 else { return true }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow || free > UInt64(max(0, bytes))
    }

    /// Begins a file; the caller ends it.
    nonisolated func beginFile() async throws(IntakeError) -> IncomingFile {
        for _ in 0..<3 {
            let file = IncomingFile(id: newID(), folders: folders)
            if try await file.begin() { return file }
        }
        throw .storage(code: EAGAIN)
    }

    /// Returns when the names in the folder survive a power loss.
    func synchronizeFolder() throws(IntakeError) {
        try OpenedFile(folders.root, O_RDONLY | O_DIRECTORY).synchronize()
    }

    private nonisolated func newID() -> UploadID {
        var generator = SystemRandomNumberGenerator()
        return UploadID.make(at: clock.now(), using: &generator)
    }
}
