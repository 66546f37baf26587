import Domain

/// Logs that a CI hands out whole, by steps or by lines, as one growing file a run: what is read by offset is read here.
/// It is a copy: lost with the process, it is made again from the CI, with the same bytes in the same order.
struct LogSpool: Sendable {
    private let folder: String

    /// - Parameter folder: of one provider alone; made when it is needed.
    init(folder: String) {
        self.folder = folder
    }

    func path(of attempt: Attempt) -> String { "\(folder)/\(attempt.key).log" }

    /// 0 if there is none.
    func size(of attempt: Attempt) async throws(FileFault) -> Int64 {
        let path = path(of: attempt)
        return try await Blocking.run { () throws(FileFault) in
            FolderWork.exists(path) ? try FileWork.size(of: path) : 0
        }
    }

    func append(_ bytes: [UInt8], to attempt: Attempt) async throws(FileFault) {
        let (folder, path) = (folder, path(of: attempt))
        try await Blocking.run { () throws(FileFault) in
            try FolderWork.make(folder, mode: 0o700)
            if !FolderWork.exists(path) { try FileWork.write([], to: path, mode: 0o600) }
            try FileWork.append(bytes, to: path)
        }
    }

    /// Up to `limit` bytes from `offset`; empty beyond the end.
    func read(_ attempt: Attempt, from offset: Int64, limit: Int) async throws(FileFault) -> [UInt8] {
        let path = path(of: attempt)
        return try await Blocking.run { () throws(FileFault) in
            FolderWork.exists(path) ? try FileWork.read(path, from: offset, count: limit) : []
        }
    }

    func remove(_ attempt: Attempt) async throws(FileFault) {
        let path = path(of: attempt)
        try await Blocking.run { () throws(FileFault) in try FolderWork.remove(path) }
    }
}
