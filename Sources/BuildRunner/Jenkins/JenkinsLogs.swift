import Curl
import Domain
import NIOConcurrencyHelpers

/// The logs of Jenkins' builds as they were read so far.
///
/// Jenkins counts its own bytes, annotations included, that it leaves out of what it sends: where to go on is what it
/// said (`X-Text-Size`), not what came. So what came is kept, and offsets are into that.
final class JenkinsLogs: Sendable {
    private struct Position: Sendable {
        var build: Int64
        /// Where Jenkins goes on.
        var next: Int64 = 0
        var isWhole = false
        var isBeingRead = false
    }

    private let spool: LogSpool
    private let positions = NIOLockedValueBox<[String: Position]>([:])

    /// - Parameter folder: of this provider alone.
    init(folder: String) {
        spool = LogSpool(folder: folder)
    }

    /// Up to `limit` bytes from `offset`; asks Jenkins where that is not here yet.
    func read(
        _ attempt: Attempt, build: Int64, at client: JenkinsClient, from offset: Int64, limit: Int
    ) async throws(RemoteFault) -> [UInt8] {
        let isKnown = positions.withLockedValue { $0[attempt.key] != nil }
        let known = isKnown ? try await spool.size(of: attempt) : 0
        if offset >= known, let next = begin(attempt, build) {
            // A copy that an earlier process left says nothing of how far Jenkins was read.
            if !isKnown { try? await spool.remove(attempt) }
            switch await take(attempt, build: build, at: client, from: next, room: LogSpool.mostBytes - known) {
            case .success(let progress): end(attempt, progress)
            case .failure(let fault):
                end(attempt, nil)
                throw fault
            }
        }
        return try await spool.read(attempt, from: offset, limit: limit)
    }

    func forget(_ attempt: Attempt) async {
        positions.withLockedValue { $0[attempt.key] = nil }
        // What stays is emptied with the folder at the next start.
        try? await spool.remove(attempt)
    }

    /// Where Jenkins is to go on; `nil` if there is nothing to ask, or another is asking.
    private func begin(_ attempt: Attempt, _ build: Int64) -> Int64? {
        positions.withLockedValue { positions in
            var position = positions[attempt.key] ?? Position(build: build)
            if position.isBeingRead { return nil }
            // The log of a build that a person started again follows on the first one's.
            if position.build != build { position = Position(build: build) }
            guard !position.isWhole else { return nil }
            position.isBeingRead = true
            positions[attempt.key] = position
            return position.next
        }
    }

    private func end(_ attempt: Attempt, _ progress: Progress?) {
        positions.withLockedValue { positions in
            positions[attempt.key]?.isBeingRead = false
            guard let progress else { return }
            positions[attempt.key]?.next = progress.next
            positions[attempt.key]?.isWhole = progress.isWhole
        }
    }

    private struct Progress {
        var next: Int64
        var isWhole: Bool
    }

    /// Everything that Jenkins has from `start` on goes by way of a file: it can be as long as the log.
    private func take(
        _ attempt: Attempt, build: Int64, at client: JenkinsClient, from start: Int64, room: Int64
    ) async -> Result<Progress, RemoteFault> {
        do throws(RemoteFault) {
            let path = try await spool.makeRoom(for: attempt)
            guard let progress = try await fetch(build, at: client, from: start, to: path, room: room) else {
                try await spool.append(LogSpool.cutNote(client.api.name), to: attempt)
                return .success(Progress(next: start, isWhole: true))
            }
            do throws(RemoteFault) {
                try await takePart(of: attempt)
            } catch {
                // Nobody knows how much of it is there: all of it is read again, into an empty copy.
                await forget(attempt)
                throw error
            }
            return .success(progress)
        } catch {
            return .failure(error)
        }
    }

    /// - Returns: `nil` if there is more than `room`.
    private func fetch(
        _ build: Int64, at client: JenkinsClient, from start: Int64, to path: String, room: Int64
    ) async throws(RemoteFault) -> Progress? {
        var request = client.request(.get, "\(client.build(build))/logText/progressiveText?start=\(start)")
        request.timeLimit = .seconds(600)
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await client.api.tools.transfers.download(request, to: path, limit: room)
        } catch .tooLarge {
            return nil
        } catch {
            throw client.api.fault(of: error, for: .reading)
        }
        guard answer.status == 200 else {
            let fault = client.api.fault(of: answer, for: .reading)
            if case .refused = fault { throw client.api.nonsense("Jenkins answered \(answer.status)", for: .reading) }
            throw fault
        }
        guard let size = answer.headers["x-text-size"].flatMap({ Int64($0) }), size >= start else {
            throw client.api.nonsense("what Jenkins sent is no log", for: .reading)
        }
        return Progress(next: size, isWhole: answer.headers["x-more-data"] != "true")
    }

    private func takePart(of attempt: Attempt) async throws(RemoteFault) {
        var offset: Int64 = 0
        while true {
            let bytes = try await spool.readPart(of: attempt, from: offset)
            if bytes.isEmpty { break }
            try await spool.append(bytes, to: attempt)
            offset += Int64(bytes.count)
        }
        try await spool.removePart(of: attempt)
    }
}
