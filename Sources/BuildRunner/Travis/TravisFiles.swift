import Domain

/// Travis' logs on their way through this machine's disk.
enum TravisFiles {
    /// A line longer than this is handed on in pieces.
    static let longestLine = 1 << 20

    static func makeRoom(for path: String, in folder: String) async throws(RemoteFault) {
        try await kept { () async throws(FileFault) in
            try await Blocking.run { () throws(FileFault) in
                try FolderWork.make(folder, mode: 0o700)
                try FolderWork.remove(path)
            }
        }
    }

    /// Hands on a file's lines from `start` on, and removes the file.
    /// - Parameter isWhole: whether what stands after the last line break is a line as well.
    /// - Returns: the bytes that were handed on.
    static func copyLines(
        of path: String, from start: Int64, isWhole: Bool, to sink: ([UInt8]) async throws(FileFault) -> Void
    ) async throws(FileFault) -> Int64 {
        var read = start
        var waiting: [UInt8] = []
        while true {
            let from = read
            let bytes = try await Blocking.run { () throws(FileFault) in
                try FileWork.read(path, from: from, count: OpenFile.chunk)
            }
            if bytes.isEmpty { break }
            read += Int64(bytes.count)
            waiting += bytes
            let end = waiting.lastIndex(of: 0x0A).map { $0 + 1 } ?? (waiting.count >= longestLine ? waiting.count : 0)
            guard end > 0 else { continue }
            try await sink(Array(waiting[..<end]))
            waiting.removeFirst(end)
        }
        if isWhole, !waiting.isEmpty {
            try await sink(waiting)
            waiting = []
        }
        try await Blocking.run { () throws(FileFault) in try FolderWork.remove(path) }
        return read - Int64(waiting.count) - start
    }

    static func kept<Value>(_ body: () async throws(FileFault) -> Value) async throws(RemoteFault) -> Value {
        do throws(FileFault) {
            return try await body()
        } catch {
            throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "a log could not be kept: \(error)")
        }
    }
}
