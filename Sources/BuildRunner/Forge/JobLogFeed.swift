import Curl
import Domain
import NIOConcurrencyHelpers

/// The logs of a run's jobs as one that only grows: a job's bytes are handed out when all jobs before it have ended, and
/// the order is that in which they began, which is the same after a restart of the server.
///
/// Bytes go through a spool on disk, since forges may hand out a log only whole.
final class JobLogFeed: Sendable {
    /// A job that has begun.
    struct Job: Hashable, Sendable {
        /// One try of one job.
        var key: String
        var url: String
        var isEnded: Bool
    }

    private struct Progress: Sendable {
        /// Jobs whose logs are in the spool to their ends.
        var finished: Set<String> = []
        var current: String?
        /// Raw bytes of the current job's log that are in the spool.
        var consumed: Int64 = 0
        /// Raw bytes of all jobs.
        var total: Int64 = 0
        var filter: JobLogFilter
        var spooled: Int64 = 0
        /// A server that hands out logs only whole is not asked for a growing one before.
        var wholeAgainAt: Timestamp?
        /// The bound was reached; what comes after is not read.
        var isFull = false
        /// The disk failed in the middle of a write: the spool is made again from its beginning.
        var isBroken = false
    }

    private enum Slot: Sendable {
        case busy
        case idle(Progress)
    }

    private struct State: Sendable {
        var slots: [String: Slot] = [:]
        var jobs: [String: [Job]] = [:]
    }

    private enum Step {
        case more, nothingNow, jobIsOver
    }

    /// What is asked for at once.
    private static let piece: Int64 = 4 << 20
    /// What a server without ranges may be made to send again and again, in bytes a second.
    private static let wholeRate: Int64 = 256 << 10

    private let spool: LogSpool
    private let dialect: JobLogFilter.Dialect
    private let state = NIOLockedValueBox(State())

    /// - Parameter folder: of one provider alone.
    init(folder: String, dialect: JobLogFilter.Dialect) {
        self.dialect = dialect
        spool = LogSpool(folder: folder)
    }

    /// What an observation saw, for the reading after it: jobs that have begun, in the order in which they did.
    func note(_ jobs: [Job], of attempt: Attempt) {
        state.withLockedValue { $0.jobs[attempt.key] = jobs }
    }

    /// - Parameter jobs: asked where no observation has said it.
    func read(
        _ attempt: Attempt, from offset: Int64, limit: Int, _ calls: ForgeCalls,
        jobs: () async throws(RemoteFault) -> [Job]
    ) async throws(RemoteFault) -> [UInt8] {
        let slot = state.withLockedValue { state in
            let slot = state.slots[attempt.key]
            state.slots[attempt.key] = .busy
            return slot
        }
        var progress: Progress
        switch slot {
        case .busy: throw .refusedUntil(after: .seconds(1), reason: "the log is being read already")
        case .idle(let known): progress = known
        case nil:
            progress = Progress(filter: JobLogFilter(dialect))
            await removeSpool(attempt)
        }
        do throws(RemoteFault) {
            if progress.spooled <= offset {
                let known = state.withLockedValue { $0.jobs[attempt.key] }
                let begun: [Job]
                if let known { begun = known } else { begun = try await jobs() }
                try await advance(&progress, attempt, begun, beyond: offset, calls)
            }
            let bytes = try await spool.read(attempt, from: offset, limit: limit)
            put(progress, attempt)
            return bytes
        } catch {
            put(progress, attempt)
            throw error
        }
    }

    /// After the run's end was told.
    func forget(_ attempt: Attempt) async {
        state.withLockedValue { state in
            state.slots[attempt.key] = nil
            state.jobs[attempt.key] = nil
        }
        await removeSpool(attempt)
    }

    private func put(_ progress: Progress, _ attempt: Attempt) {
        state.withLockedValue { state in
            // Forgotten meanwhile.
            guard state.slots[attempt.key] != nil else { return }
            state.slots[attempt.key] = progress.isBroken ? nil : .idle(progress)
        }
    }

    private func removeSpool(_ attempt: Attempt) async {
        // One that stays is overwritten by nobody: its attempt has ended, and the folder is emptied at start.
        try? await spool.remove(attempt)
    }

    private func advance(
        _ progress: inout Progress, _ attempt: Attempt, _ jobs: [Job], beyond offset: Int64, _ calls: ForgeCalls
    ) async throws(RemoteFault) {
        while progress.spooled <= offset {
            let finished = progress.finished
            let current = progress.current.map { key in
                jobs.first { $0.key == key } ?? Job(key: key, url: "", isEnded: true)
            }
            guard let job = current ?? jobs.first(where: { !finished.contains($0.key) }) else { return }
            progress.current = job.key
            let step = try await pull(job, &progress, attempt, calls)
            switch step {
            case .more: continue
            case .nothingNow: return
            case .jobIsOver:
                try await append(progress.filter.finish(), &progress, attempt)
                progress.finished.insert(job.key)
                progress.current = nil
                progress.consumed = 0
                progress.filter = JobLogFilter(dialect)
                progress.wholeAgainAt = nil
            }
        }
    }

    private func pull(
        _ job: Job, _ progress: inout Progress, _ attempt: Attempt, _ calls: ForgeCalls
    ) async throws(RemoteFault) -> Step {
        let idle: Step = job.isEnded ? .jobIsOver : .nothingNow
        // A job that is gone from the CI has no log any more.
        if job.url.isEmpty || progress.isFull { return .jobIsOver }
        let now = calls.api.tools.clock.now()
        if !job.isEnded, let again = progress.wholeAgainAt, now < again { return .nothingNow }
        guard progress.total < LogSpool.mostBytes else { return try await endAtBound(&progress, attempt, calls) }
        let path = try await spool.makeRoom(for: attempt)
        let from = progress.consumed
        let range = "bytes=\(from)-\(from + Self.piece - 1)"
        let answer = try await calls.download(
            job.url, headers: [("Range", range)], to: path, limit: LogSpool.mostBytes, also: [404, 416])
        guard let answer else { return try await endAtBound(&progress, attempt, calls) }
        switch answer.status {
        case 404, 416:
            return idle
        case 206:
            let total = try Self.total(of: answer, from: from, calls.api)
            try await takePart(from: 0, &progress, attempt)
            if progress.consumed == from { return idle }
            if total == progress.consumed { return idle }
            return job.isEnded || progress.consumed - from == Self.piece ? .more : .nothingNow
        default:
            try await takePart(from: from, &progress, attempt)
            progress.wholeAgainAt = now + .milliseconds(progress.consumed * 1000 / Self.wholeRate)
            return idle
        }
    }

    /// Takes over the part's bytes from a place on.
    private func takePart(
        from place: Int64, _ progress: inout Progress, _ attempt: Attempt
    ) async throws(RemoteFault) {
        var place = place
        while true {
            let bytes = try await spool.readPart(of: attempt, from: place)
            if bytes.isEmpty { break }
            place += Int64(bytes.count)
            try await append(progress.filter.take(bytes), &progress, attempt)
            progress.consumed += Int64(bytes.count)
            progress.total += Int64(bytes.count)
        }
        try await spool.removePart(of: attempt)
    }

    private func endAtBound(
        _ progress: inout Progress, _ attempt: Attempt, _ calls: ForgeCalls
    ) async throws(RemoteFault) -> Step {
        progress.isFull = true
        try await append(LogSpool.cutNote(calls.api.name), &progress, attempt)
        return .jobIsOver
    }

    private func append(
        _ bytes: [UInt8], _ progress: inout Progress, _ attempt: Attempt
    ) async throws(RemoteFault) {
        if bytes.isEmpty { return }
        progress.isBroken = true
        try await spool.append(bytes, to: attempt)
        progress.isBroken = false
        progress.spooled += Int64(bytes.count)
    }

    /// All bytes of the log by `Content-Range: bytes 0-99/100`; `nil` if the server does not say.
    private static func total(
        of answer: HTTPAnswer, from: Int64, _ api: RemoteAPI
    ) throws(RemoteFault) -> Int64? {
        let text = answer.headers["content-range"] ?? ""
        let parts = text.split(separator: " ").last?.split(separator: "/") ?? []
        guard parts.count == 2, let start = parts[0].split(separator: "-").first, Int64(start) == from else {
            throw api.nonsense("\(api.name) answered with another range than was asked for", for: .reading)
        }
        return Int64(parts[1])
    }
}
