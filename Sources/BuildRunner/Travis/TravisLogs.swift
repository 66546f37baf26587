import Curl
import Domain
import NIOConcurrencyHelpers

/// The logs of Travis' jobs, one after the other, as they were read so far. Travis hands out each only from its
/// beginning, so that what came is kept and a long one is asked for more seldom.
final class TravisLogs: Sendable {
    struct Job: Hashable, Sendable {
        var id: Int64
        var isBegun: Bool
        var hasEnded: Bool
        /// Bytes of Travis' that were taken over.
        var taken: Int64 = 0
        var isWhole = false
        /// A person restarted it: its log begins anew.
        var isAgain = false
    }

    private struct State: Sendable {
        /// In their order.
        var jobs: [Job] = []
        var isBeingRead = false
        /// When a running job's log may be asked for again.
        var nextAt = Timestamp(milliseconds: 0)
    }

    private let spool: LogSpool
    private let clock: any WallClock
    private let states = NIOLockedValueBox<[String: State]>([:])

    private static let againNote = Array("\n... the job was started again ...\n".utf8)
    /// Between two looks at the log of a job that runs; more for one that is long.
    private static let pause = Duration.seconds(8)
    private static let bytesPerSecond: Int64 = 128 << 10
    /// A line longer than this is handed on in pieces.
    private static let longestLine = 1 << 20

    init(folder: String, clock: any WallClock) {
        self.clock = clock
        spool = LogSpool(folder: folder)
    }

    /// What a look at the build saw of its jobs.
    func note(_ jobs: [TravisAnswers.Job], of attempt: Attempt) {
        states.withLockedValue { states in
            var state = states[attempt.key] ?? State()
            let known = Dictionary(state.jobs.map { ($0.id, $0) }) { first, _ in first }
            state.jobs = jobs.sorted { $0.id < $1.id }.map { job in
                var next = known[job.id] ?? Job(id: job.id, isBegun: false, hasEnded: false)
                if next.hasEnded, !job.hasEnded { (next.isAgain, next.isWhole) = (true, false) }
                next.isBegun = job.state == "started" || job.hasEnded
                next.hasEnded = job.hasEnded
                return next
            }
            states[attempt.key] = state
        }
    }

    func read(
        _ attempt: Attempt, at client: TravisClient, from offset: Int64, limit: Int
    ) async throws(RemoteFault) -> [UInt8] {
        while true {
            let known = try await spool.size(of: attempt)
            if offset < known { break }
            guard let job = begin(attempt) else { break }
            let outcome = await take(job, of: attempt, at: client, room: LogSpool.mostBytes - known)
            end(attempt, try? outcome.get())
            if case .failure(let fault) = outcome { throw fault }
        }
        return try await spool.read(attempt, from: offset, limit: limit)
    }

    func forget(_ attempt: Attempt) async {
        states.withLockedValue { $0[attempt.key] = nil }
        // What stays is emptied with the folder at the next start.
        try? await spool.remove(attempt)
    }

    /// The job whose log is to be asked for now.
    private func begin(_ attempt: Attempt) -> Job? {
        let now = clock.now()
        return states.withLockedValue { states in
            guard var state = states[attempt.key], !state.isBeingRead,
                let job = state.jobs.first(where: { !$0.isWhole }), job.isBegun,
                job.hasEnded || now >= state.nextAt
            else { return nil }
            state.isBeingRead = true
            if !job.hasEnded { state.nextAt = now + max(Self.pause, .seconds(job.taken / Self.bytesPerSecond)) }
            states[attempt.key] = state
            return job
        }
    }

    private func end(_ attempt: Attempt, _ job: Job?) {
        states.withLockedValue { states in
            states[attempt.key]?.isBeingRead = false
            guard let job, let place = states[attempt.key]?.jobs.firstIndex(where: { $0.id == job.id }) else { return }
            states[attempt.key]?.jobs[place].taken = job.taken
            states[attempt.key]?.jobs[place].isWhole = job.isWhole
            states[attempt.key]?.jobs[place].isAgain = job.isAgain
        }
    }

    /// - Returns: the job as it is known afterwards.
    private func take(
        _ job: Job, of attempt: Attempt, at client: TravisClient, room: Int64
    ) async -> Result<Job, RemoteFault> {
        var job = job
        do throws(RemoteFault) {
            let size: Int64
            switch try await fetch(job, of: attempt, at: client, room: room) {
            case .nothing:
                job.isWhole = job.hasEnded
                return .success(job)
            case .tooMuch:
                job.isWhole = true
                try await spool.append(LogSpool.cutNote(client.api.name), to: attempt)
                return .success(job)
            case .bytes(let bytes): size = bytes
            }
            do throws(RemoteFault) {
                if size < job.taken || job.isAgain {
                    (job.taken, job.isAgain) = (0, false)
                    try await spool.append(Self.againNote, to: attempt)
                }
                job.taken += try await takeLines(of: attempt, from: job.taken, isWhole: job.hasEnded)
            } catch {
                // Nobody knows how much of it is there: all of it is read again, into an empty copy.
                await forget(attempt)
                throw error
            }
            job.isWhole = job.hasEnded
            return .success(job)
        } catch {
            return .failure(error)
        }
    }

    private enum Fetched {
        /// There is no log, or not yet.
        case nothing
        case bytes(Int64)
        case tooMuch
    }

    private func fetch(
        _ job: Job, of attempt: Attempt, at client: TravisClient, room: Int64
    ) async throws(RemoteFault) -> Fetched {
        guard room > 0 else { return .tooMuch }
        let path = try await spool.makeRoom(for: attempt)
        var request = client.request(.get, "\(client.base)/job/\(job.id)/log.txt")
        request.headers.removeAll { $0.name == "Accept" }
        request.headers.append((name: "Accept", value: "text/plain"))
        request.timeLimit = .seconds(600)
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await client.api.tools.transfers.download(request, to: path, limit: job.taken + room)
        } catch .tooLarge {
            return .tooMuch
        } catch {
            throw client.api.fault(of: error, for: .reading)
        }
        guard answer.status == 200 else {
            switch client.api.fault(of: answer, for: .reading) {
            case .missing: return .nothing
            case .refused: throw client.api.nonsense("Travis answered \(answer.status)", for: .reading)
            case let fault: throw fault
            }
        }
        return .bytes(try await onDisk { () throws(FileFault) in try FileWork.size(of: path) })
    }

    /// Takes over the part's lines from `start` on.
    ///
    /// - Parameter isWhole: whether what stands after the last line break is a line as well.
    /// - Returns: the bytes that were taken over.
    private func takeLines(
        of attempt: Attempt, from start: Int64, isWhole: Bool
    ) async throws(RemoteFault) -> Int64 {
        var read = start
        var waiting: [UInt8] = []
        while true {
            let bytes = try await spool.readPart(of: attempt, from: read)
            if bytes.isEmpty { break }
            read += Int64(bytes.count)
            waiting += bytes
            let isTooLong = waiting.count >= Self.longestLine
            let end = waiting.lastIndex(of: 0x0A).map { $0 + 1 } ?? (isTooLong ? waiting.count : 0)
            guard end > 0 else { continue }
            try await spool.append(TravisLogFilter.filtered(Array(waiting[..<end])), to: attempt)
            waiting.removeFirst(end)
        }
        if isWhole, !waiting.isEmpty {
            try await spool.append(TravisLogFilter.filtered(waiting), to: attempt)
            waiting = []
        }
        try await spool.removePart(of: attempt)
        return read - Int64(waiting.count) - start
    }
}
