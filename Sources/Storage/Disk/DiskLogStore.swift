package import Domain
import Glibc

/// Logs as files: `<directory>/<build id>/<attempt>-fetch.log`, `<attempt>-report.log`, `<attempt>-run.log` and
/// `<attempt>-verification.log`.
///
/// What is appended is handed to the system, not flushed to the disk: the run's own log is still there to be copied
/// again, and the promise of P1 is about what was accepted, not about a log's last lines.
package struct DiskLogStore: LogStore {
    private let directory: String
    private let notices: any NoticeBoard
    /// A build's calls take one lane: appends to a part never meet.
    private let lanes = BlockingLanes(label: "logs", count: 4)

    /// Makes the directory if there is none.
    package init(directory: String, notices: any NoticeBoard) throws(StorageError) {
        self.directory = directory
        self.notices = notices
        try Files.makeDirectories(directory)
    }

    package func append(_ bytes: [UInt8], at offset: Int64, to part: LogPart) async throws(StorageError) {
        let folder = try folder(of: part.build)
        let path = "\(folder)/\(part.fileName)"
        let hasGrown = try await lanes.run(for: part.build) { () throws(StorageError) in
            try Files.makeDirectories(folder)
            let file = try Files.open(path, O_WRONLY | O_CREAT)
            let size = try file.size()
            guard offset >= 0, offset <= size else { throw .missingObject(key: "\(part.build)/\(part.fileName)") }
            let known = size - offset
            guard known < Int64(bytes.count) else { return false }
            try file.write(bytes.dropFirst(Int(known)), at: size)
            return true
        }
        if hasGrown { notices.post(.build(part.build)) }
    }

    package func size(of part: LogPart) async throws(StorageError) -> Int64 {
        let path = try "\(folder(of: part.build))/\(part.fileName)"
        return try await lanes.run(for: part.build) { () throws(StorageError) in
            guard let file = try Files.openIfPresent(path, O_RDONLY) else { return 0 }
            return try file.size()
        }
    }

    package func size(of build: BuildID) async throws(StorageError) -> Int64 {
        let folder = try folder(of: build)
        return try await lanes.run(for: build) { () throws(StorageError) in
            var total: Int64 = 0
            for part in try Self.parts(of: build, in: folder) {
                total += try Files.openIfPresent("\(folder)/\(part.fileName)", O_RDONLY)?.size() ?? 0
            }
            return total
        }
    }

    package func read(_ build: BuildID, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] {
        let folder = try folder(of: build)
        return try await lanes.run(for: build) { () throws(StorageError) in
            var bytes: [UInt8] = []
            var before: Int64 = 0
            for part in try Self.parts(of: build, in: folder) where bytes.count < length {
                guard let file = try Files.openIfPresent("\(folder)/\(part.fileName)", O_RDONLY) else { continue }
                let size = try file.size()
                let start = max(max(offset, 0) + Int64(bytes.count) - before, 0)
                if start < size {
                    let wanted = min(Int64(length - bytes.count), size - start)
                    bytes += try file.read(from: start, length: Int(wanted))
                }
                before += size
            }
            return bytes
        }
    }

    package func removeAll(of build: BuildID) async throws(StorageError) {
        let folder = try folder(of: build)
        try await lanes.run(for: build) { () throws(StorageError) in
            try Files.removeFolder(folder)
        }
    }

    private func folder(of build: BuildID) throws(StorageError) -> String {
        try "\(directory)/\(StoredName.checked(build))"
    }

    private static func parts(of build: BuildID, in folder: String) throws(StorageError) -> [LogPart] {
        try Files.names(in: folder).compactMap { LogPart(fileName: $0, of: build) }.sorted()
    }
}

extension LogPart.Stage {
    fileprivate var fileName: String {
        switch self {
        case .fetch: "fetch.log"
        case .report: "report.log"
        case .run: "run.log"
        case .verification: "verification.log"
        }
    }
}

extension LogPart {
    fileprivate var fileName: String { "\(attempt)-\(stage.fileName)" }

    /// `nil` for a file that is none of ours.
    fileprivate init?(fileName: String, of build: BuildID) {
        let pieces = fileName.split(separator: "-", maxSplits: 1)
        guard pieces.count == 2, let attempt = Int(pieces[0]) else { return nil }
        for stage in Stage.allCases where pieces[1] == stage.fileName {
            self.init(build: build, attempt: attempt, stage: stage)
            return
        }
        return nil
    }
}
