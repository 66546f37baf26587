import Archives
import Curl
package import Domain
import Glibc
import Logging

extension GitHubProvider {
    /// GitHub hands a log out when the run has ended, as an archive. Bounds of it, packed and unpacked (P6).
    private static let logLimits = ArchiveLimits(maxUnpackedBytes: 1 << 30, maxEntryBytes: 1 << 30, maxNameBytes: 1024)
    private static let mostPackedBytes: Int64 = 256 << 20
    /// How long an ended run's log may be missing, or not to be had, before the run's end is told without it.
    private static let patience = Duration.seconds(60)

    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        guard memory.notes(of: run.attempt).hasWholeLog else { return .done([]) }
        return await remoteAnswer { () async throws(RemoteFault) in
            try await spool.read(run.attempt, from: offset, limit: limit)
        }
    }

    /// Sees to it that an ended run's log is here, whole, before its end is told.
    func takeLog(of run: Run, _ seen: GitHubAnswers.Run, _ api: GitHubAPI) async throws(RemoteFault) {
        let notes = memory.notes(of: run.attempt)
        guard !notes.hasWholeLog else { return }
        let now = tools.clock.now()
        let isLate = now - (notes.endedAt ?? now) >= Self.patience
        do throws(RemoteFault) {
            try await spoolLog(of: run, api)
        } catch .missing {
            // What never ran has none; with others it can be late.
            guard
                seen.conclusion != "success" && seen.conclusion != "failure" && seen.conclusion != "timed_out"
                    || isLate
            else {
                throw .refusedUntil(after: .seconds(5), reason: "GitHub has not put the run's log together yet")
            }
            try await note("The build system has no log of this run.", run)
        } catch .refused {
            try await note("The log could not be taken from the build system.", run)
        } catch {
            guard isLate else { throw error }
            try await note("The log could not be taken from the build system.", run)
        }
        memory.note(run.attempt) { $0.hasWholeLog = true }
    }

    private func spoolLog(of run: Run, _ api: GitHubAPI) async throws(RemoteFault) {
        let folder = "\(folder(of: run.attempt))/log"
        defer { memory.note(run.attempt) { $0.kept = [:] } }
        try await onDisk { () throws(FileFault) in
            try FolderWork.remove(folder)
            try FolderWork.make(folder, mode: 0o700)
        }
        let archive = "\(folder)/log.zip"
        let outcome: Result<Void, RemoteFault>
        do throws(RemoteFault) {
            try await GitHubDownload(api: api).take(
                "\(api.repository)/actions/runs/\(run.id)/logs", to: archive, limit: Self.mostPackedBytes)
            try await unpackLog(archive, folder, run)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await onDisk { () throws(FileFault) in try FolderWork.remove(folder) }
        try outcome.get()
    }

    private func unpackLog(_ archive: String, _ folder: String, _ run: Run) async throws(RemoteFault) {
        let places: [(name: String, path: String)]
        do throws(ArchiveError) {
            places = try await inspector.extractEntries(
                fileAt: archive, format: .zip, limits: Self.logLimits, into: folder
            ) { $0.hasSuffix(".txt") }
        } catch .refused(.empty) {
            places = []
        } catch .refused(let refusal) {
            try await note("The log of the build system cannot be read: \(refusal.message)", run)
            return
        } catch {
            throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "the log's archive: \(error)")
        }
        let files = Dictionary(places.map { ($0.name, $0.path) }) { first, _ in first }
        let order = GitHubLogOrder(Array(files.keys))
        let parts = order.parts.compactMap { part in files[part.name].map { (part.heading, $0) } }
        let (spool, attempt) = (spool.path(of: run.attempt), run.attempt)
        try await startSpool(attempt)
        try await onDisk { () throws(FileFault) in try Self.write(parts, to: spool, most: LogSpool.mostBytes) }
    }

    /// Blocks: for `Blocking.run`.
    private static func write(
        _ parts: [(heading: String, path: String)], to spool: String, most: Int64
    ) throws(FileFault) {
        let target = try OpenFile(spool, O_WRONLY | O_APPEND)
        var left = most
        for part in parts {
            let source = try OpenFile(part.path, O_RDONLY)
            try target.write(Array("== \(part.heading)\n".utf8))
            var lines = GitHubLogLines()
            while true {
                let chunk = try source.read(upTo: OpenFile.chunk)
                let made = chunk.isEmpty ? lines.finish() : lines.take(chunk)
                left -= Int64(made.count)
                guard left >= 0 else {
                    try target.write(LogSpool.cutNote("GitHub"))
                    return
                }
                try target.write(made)
                if chunk.isEmpty { break }
            }
        }
    }

    /// A log of one sentence.
    private func note(_ line: String, _ run: Run) async throws(RemoteFault) {
        try await startSpool(run.attempt)
        try await spool.append(Array("\(line)\n".utf8), to: run.attempt)
    }

    /// An empty spool, whatever was there.
    private func startSpool(_ attempt: Attempt) async throws(RemoteFault) {
        try await spool.remove(attempt)
        try await spool.append([], to: attempt)
    }

    static func fault(of fault: FileFault) -> RemoteFault {
        .refusedUntil(after: RemoteAPI.pauseForServer, reason: "\(fault)")
    }
}
