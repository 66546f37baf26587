import Curl
package import Domain

extension BuildbotProvider {
    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        await remoteAnswer { () async throws(RemoteFault) -> [UInt8] in
            let master = try master(order)
            let goal = offset + Int64(limit)
            var fault: RemoteFault?
            if try await logs.spool.size(of: run.attempt) < goal, logs.begin(run.attempt) {
                defer { logs.end(run.attempt) }
                do throws(RemoteFault) {
                    try await BuildbotLogCarrier(provider: self, master: master, run: run).carry(upTo: goal)
                } catch {
                    fault = error
                }
            }
            let bytes = try await logs.spool.read(run.attempt, from: offset, limit: limit)
            // What came before the trouble is good.
            if bytes.isEmpty, let fault { throw fault }
            return bytes
        }
    }
}

/// Carries the lines of a request's builds, step by step and log by log, into the run's spool. What comes later is taken
/// only when all before it is complete, so that the spool only ever grows, and grows the same way each time it is made.
struct BuildbotLogCarrier: Sendable {
    let provider: BuildbotProvider
    let master: BuildbotMaster
    let run: Run

    /// Lines of one call; a line has at most 64 KiB.
    private static let page = 1000
    private static let smallestPage = 10
    /// Bytes carried of one log, and lines of its end if it has more: its master serves a few MB a second, to everybody.
    private static let mostBytes: Int64 = 64 << 20
    private static let tail = 1000
    private static let pageBytes = 16 << 20

    /// Until the spool has this size, or nothing more is there now.
    func carry(upTo goal: Int64) async throws(RemoteFault) {
        var cursor: BuildbotLogs.Cursor
        if let known = provider.logs.cursor(of: run.attempt) {
            cursor = known
        } else {
            cursor = BuildbotLogs.Cursor(request: try await request())
        }
        while try await advance(&cursor, goal) {}
    }

    private func request() async throws(RemoteFault) -> Int {
        switch BuildbotRunID(run.id) {
        case .request(let id): return id
        case .build(let id):
            let found = try await master.read(BuildbotAnswers.Builds.self, "builds/\(id)")
            if let build = found.builds.first { return build.request }
        case nil: break
        }
        throw .missing(reason: "the build is gone")
    }

    /// Takes what can be taken of one log, or goes on to the next; `false`: that is all for now.
    private func advance(_ cursor: inout BuildbotLogs.Cursor, _ goal: Int64) async throws(RemoteFault) -> Bool {
        let builds = try await provider.builds(of: cursor.request, at: master)
        guard cursor.build < builds.count else { return false }
        let isLast = cursor.build + 1 == builds.count
        let build = builds[cursor.build]
        // Master and worker may have died in the middle of it: then nobody marks its steps and logs as complete.
        let isOver = build.isComplete || !isLast
        let steps = try await steps(of: build.id)
        guard cursor.step < steps.count else {
            guard isOver, !isLast else { return false }
            cursor = BuildbotLogs.Cursor(request: cursor.request, build: cursor.build + 1)
            provider.logs.keep(cursor, of: run.attempt)
            return true
        }
        let isStepOver = isOver || steps[cursor.step].isComplete || cursor.step + 1 < steps.count
        let logs = try await logs(of: steps[cursor.step].id)
        guard cursor.log < logs.count else {
            guard isStepOver else { return false }
            cursor.step += 1
            (cursor.log, cursor.line, cursor.bytes) = (0, 0, 0)
            provider.logs.keep(cursor, of: run.attempt)
            return true
        }
        let log = logs[cursor.log]
        let isWhole = log.isComplete || isStepOver
        guard try await take(log, isWhole, &cursor, goal), isWhole else { return false }
        cursor.log += 1
        (cursor.line, cursor.bytes) = (0, 0)
        provider.logs.keep(cursor, of: run.attempt)
        return true
    }

    /// `false`: the goal was reached before the log's last line.
    private func take(
        _ log: BuildbotAnswers.Log, _ isWhole: Bool, _ cursor: inout BuildbotLogs.Cursor, _ goal: Int64
    ) async throws(RemoteFault) -> Bool {
        guard log.type == "s" || log.type == "t" else { return true }
        var page = Self.page
        while cursor.line < log.lines {
            guard try await provider.logs.spool.size(of: run.attempt) < goal else { return false }
            if cursor.bytes >= Self.mostBytes {
                guard isWhole else { return true }
                try await skip(to: log.lines - Self.tail, &cursor)
            }
            let count = min(page, log.lines - cursor.line)
            guard let text = try await lines(of: log, from: cursor.line, count) else {
                page /= 10
                guard page >= Self.smallestPage else {
                    throw master.api.nonsense("a log's lines are too large to be read", for: .reading)
                }
                continue
            }
            let read = BuildbotLogText(text, isMarked: log.type == "s", limit: Self.mostBytes - cursor.bytes)
            guard read.lines > 0 else {
                throw master.api.nonsense("buildbot says that a log has lines and gives none", for: .reading)
            }
            try await append(read.bytes)
            cursor.line += read.lines
            cursor.bytes += Int64(read.bytes.count)
            provider.logs.keep(cursor, of: run.attempt)
        }
        return true
    }

    /// Leaves out the middle of a log that is too large.
    private func skip(to line: Int, _ cursor: inout BuildbotLogs.Cursor) async throws(RemoteFault) {
        cursor.bytes = 0
        guard line > cursor.line else { return }
        try await append(Array("... \(line - cursor.line) lines left out; Buildbot has them all ...\n".utf8))
        cursor.line = line
        provider.logs.keep(cursor, of: run.attempt)
    }

    /// `nil` if they are too many bytes for one answer.
    private func lines(
        of log: BuildbotAnswers.Log, from line: Int, _ count: Int
    ) async throws(RemoteFault) -> String? {
        // Without a limit, what is beyond the end would be a 404.
        let query = [("offset", "\(line)"), ("limit", "\(count)")]
        let answer = try await master.bounded(
            BuildbotAnswers.LogChunks.self, "logs/\(log.id)/contents", query, bodyLimit: Self.pageBytes)
        return answer.map { $0.logchunks.map(\.content).joined() }
    }

    private func steps(of build: Int) async throws(RemoteFault) -> [BuildbotAnswers.Step] {
        try await master.read(
            BuildbotAnswers.Steps.self, "builds/\(build)/steps"
        ).steps.sorted { $0.number < $1.number }
    }

    private func logs(of step: Int) async throws(RemoteFault) -> [BuildbotAnswers.Log] {
        try await master.read(BuildbotAnswers.Logs.self, "steps/\(step)/logs").logs.sorted { $0.id < $1.id }
    }

    private func append(_ bytes: [UInt8]) async throws(RemoteFault) {
        guard !bytes.isEmpty else { return }
        do throws(RemoteFault) {
            try await provider.logs.spool.append(bytes, to: run.attempt)
        } catch {
            // Half of it may have been written: the spool is made afresh.
            _ = await provider.logs.remove(run.attempt)
            throw error
        }
    }
}
