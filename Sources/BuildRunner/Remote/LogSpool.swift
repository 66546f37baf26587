import Domain

/// Logs that a CI hands out whole, by steps or by lines, as one growing file a run: what is read by offset is read here.
/// It is a copy: lost with the process, it is made again from the CI, with the same bytes in the same order.
///
/// What comes in one transfer can be as long as the log: it lies in a part beside it while it is taken over.
struct LogSpool: Sendable {
    /// Of one run's log; what is beyond is not read, and the log says so (P6).
    static let mostBytes: Int64 = 512 << 20
    private static let pieceBytes = 1 << 20

    private let folder: String

    /// - Parameter folder: of one provider alone; made when it is needed.
    init(folder: String) {
        self.folder = folder
    }

    /// Stands at the end of a log that was too long.
    static func cutNote(_ provider: String) -> [UInt8] {
        Array("\n... the log is longer than is read from \(provider) ...\n".utf8)
    }

    func path(of attempt: Attempt) -> String { "\(folder)/\(attempt.key).log" }

    /// 0 if there is none.
    func size(of attempt: Attempt) async throws(RemoteFault) -> Int64 {
        let path = path(of: attempt)
        return try await onDisk { () throws(FileFault) in
            FolderWork.exists(path) ? try FileWork.size(of: path) : 0
        }
    }

    /// After a fault, nobody knows how much of it is there: the spool has to be made again.
    func append(_ bytes: [UInt8], to attempt: Attempt) async throws(RemoteFault) {
        let (folder, path) = (folder, path(of: attempt))
        try await onDisk { () throws(FileFault) in
            try FolderWork.make(folder, mode: 0o700)
            if !FolderWork.exists(path) { try FileWork.write([], to: path, mode: 0o600) }
            try FileWork.append(bytes, to: path)
        }
    }

    /// Up to `limit` bytes from `offset`; empty beyond the end.
    func read(_ attempt: Attempt, from offset: Int64, limit: Int) async throws(RemoteFault) -> [UInt8] {
        let path = path(of: attempt)
        return try await onDisk { () throws(FileFault) in
            FolderWork.exists(path) ? try FileWork.read(path, from: offset, count: limit) : []
        }
    }

    /// With its part.
    func remove(_ attempt: Attempt) async throws(RemoteFault) {
        let (path, part) = (path(of: attempt), partPath(of: attempt))
        try await onDisk { () throws(FileFault) in
            try FolderWork.remove(path)
            try FolderWork.remove(part)
        }
    }

    // MARK: - The part

    /// - Returns: where a transfer may write what it brings; nothing is there.
    func makeRoom(for attempt: Attempt) async throws(RemoteFault) -> String {
        let (folder, part) = (folder, partPath(of: attempt))
        try await onDisk { () throws(FileFault) in
            try FolderWork.make(folder, mode: 0o700)
            try FolderWork.remove(part)
        }
        return part
    }

    /// Bytes of the part from `offset`, some at a time; empty at its end, or if nothing came.
    func readPart(of attempt: Attempt, from offset: Int64) async throws(RemoteFault) -> [UInt8] {
        let part = partPath(of: attempt)
        return try await onDisk { () throws(FileFault) in
            FolderWork.exists(part) ? try FileWork.read(part, from: offset, count: Self.pieceBytes) : []
        }
    }

    func removePart(of attempt: Attempt) async throws(RemoteFault) {
        let part = partPath(of: attempt)
        try await onDisk { () throws(FileFault) in try FolderWork.remove(part) }
    }

    private func partPath(of attempt: Attempt) -> String { "\(folder)/\(attempt.key).part" }
}
