import Domain
import Glibc

/// An upload opened for reading; closed with its last owner. Stays readable if the upload is removed meanwhile.
package actor OpenUpload {
    private nonisolated let executor = QueueExecutor(label: "kiln.upload.read")
    private let path: String
    private let id: UploadID
    private var file: OpenedFile?

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(id: UploadID, path: String) {
        self.id = id
        self.path = path
    }

    func open() throws(IntakeError) {
        do {
            file = try OpenedFile(path, O_RDONLY)
        } catch {
            throw error == .storage(code: ENOENT) ? .missingUpload(id) : error
        }
    }

    package var bytes: Int64 {
        get throws(IntakeError) { try file?.bytes ?? 0 }
    }

    /// At most `count` bytes from `offset`; fewer only at the end.
    package func read(from offset: Int64, count: Int) throws(IntakeError) -> [UInt8] {
        try file?.read(from: offset, count: count) ?? []
    }
}
