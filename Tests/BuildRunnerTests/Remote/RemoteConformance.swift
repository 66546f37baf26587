import BuildRunner
import Domain
import Foundation
import TestSupport
import Testing

/// What every remote provider owes, whatever happens between it and its CI. One case a line of the contract; use as
///
///     @Test(arguments: RemoteCase.allCases)
///     func `It keeps the contract`(_ line: RemoteCase) async throws {
///         try await RemoteConformance(ci: try await GitHubPlayer()).check(line)
///     }
enum RemoteCase: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case goesWell = "A run that goes well"
    case waitsForLong = "A run that waits in the CI's queue"
    case goesBadly = "A run that goes badly"
    case isRefused = "A trigger that the CI refuses"
    case wrongCredentials = "401: the credentials are wrong"
    case noRights = "403: the rights do not reach"
    case nothingThere = "404: there is no such job"
    case tooManyRequests = "429 with Retry-After"
    case secondaryLimit = "403 with Retry-After: a secondary rate limit"
    case serverFails = "503 while starting"
    case serverFailsLater = "503 while looking"
    case answerIsCut = "The trigger's answer is cut"
    case answerIsLost = "The trigger's answer is lost after the CI started the run"
    case jsonIsTruncated = "The JSON ends in the middle"
    case htmlForJSON = "HTML instead of JSON"
    case isLedAway = "A redirect to another host"
    case isSilent = "Silence: the call ends when its task is cancelled"
    case isUnreachable = "Nobody listens"
    case isDeleted = "The run is deleted meanwhile"
    case isRestarted = "The run is done again by a person"
    case cancelledWhileQueued = "Cancelled while it waits"
    case cancelledWhileRunning = "Cancelled while it runs"
    case cancelledByOthers = "Cancelled at the CI"
    case hugeLog = "A log of 200 MB"
    case hostileLog = "A log with secrets, colours and bytes that are no text"
    case hostileValue = "A value that would be code"
    case secretIsMissing = "The operator has not given the secret"

    var testDescription: String { rawValue }
}

struct RemoteConformance {
    let ci: any PlayedCI

    private var provider: any BuildProvider { ci.provider }

    func check(_ line: RemoteCase) async throws {
        switch line {
        case .goesWell: try await goesWell()
        case .waitsForLong: try await waitsForLong()
        case .goesBadly: try await goesBadly()
        case .isRefused: try await trigger(.answer(Self.refusal(422))) { try Self.expectRefused($0) }
        case .wrongCredentials: try await trigger(.answer(Self.refusal(401))) { try Self.expectLater($0) }
        case .noRights: try await trigger(.answer(Self.refusal(403))) { try Self.expectLater($0) }
        case .nothingThere: try await trigger(.answer(Self.refusal(404))) { try Self.expectRefused($0) }
        case .tooManyRequests:
            try await trigger(.answer(Self.refusal(429, ["Retry-After": "7"]))) {
                try Self.expectLater($0, after: .seconds(7))
            }
        case .secondaryLimit:
            try await trigger(.answer(Self.refusal(403, ["Retry-After": "9", "X-RateLimit-Remaining": "4000"]))) {
                try Self.expectLater($0, after: .seconds(9))
            }
        case .serverFails: try await triggersOnce(.answer(Self.refusal(503)), mayHaveStarted: true)
        case .answerIsCut: try await triggersOnce(.cut, mayHaveStarted: true)
        case .answerIsLost: try await triggersOnce(.answerLost, mayHaveStarted: true)
        case .jsonIsTruncated: try await looks(.truncatedJSON)
        case .htmlForJSON: try await looks(.answer(Self.page(200)))
        case .isLedAway:
            try await looks(.answer(PlayerServer.Answer(302, headers: ["Location": "http://192.0.2.1/elsewhere"])))
        case .serverFailsLater: try await looks(.answer(Self.refusal(503, ["Retry-After": "3"])))
        case .isSilent: try await isSilent()
        case .isUnreachable: try await triggersOnce(.refused, mayHaveStarted: true)
        case .isDeleted: try await isDeleted()
        case .isRestarted: try await isRestarted()
        case .cancelledWhileQueued: try await isCancelled(.queued)
        case .cancelledWhileRunning: try await isCancelled(.running)
        case .cancelledByOthers: try await isCancelledByOthers()
        case .hugeLog: try await carries(logOf: 200 << 20)
        case .hostileLog: try await hostileLog()
        case .hostileValue: try await hostileValue()
        case .secretIsMissing: try await secretIsMissing()
        }
    }

    // MARK: - How runs go

    private func goesWell() async throws {
        let (order, attempt) = fresh("Ada")
        #expect(await provider.find(attempt, for: order) == .done(nil))
        var run = try await start(order, attempt)
        #expect(run.attempt == attempt && run.provider == provider.name)
        #expect(await ci.runCount(of: attempt) == 1)
        try await ci.move(attempt, to: .running)
        #expect(try await look(&run, order).status == .running)
        try await expectFound(run, attempt, order)
        if ci.abilities.contains(.logs) { try await ci.write(Array("one\ntwo\n".utf8), by: attempt) }
        if ci.abilities.contains(.files) { try await ci.leave("hello.txt", Array("Hello\n".utf8), by: attempt) }
        try await ci.move(attempt, to: .succeeded)
        #expect(try await look(&run, order).status == .succeeded)
        if ci.abilities.contains(.logs) {
            let log = try await wholeLog(of: run, order)
            let text = String(decoding: log, as: UTF8.self)
            #expect(text.contains("one\ntwo\n"))
            let part = await provider.readLog(of: run, for: order, from: 2, limit: 3)
            #expect(part == .done(Array(log[2..<5])), "a log is read by offset")
            #expect(await provider.readLog(of: run, for: order, from: Int64(log.count), limit: 10) == .done([]))
        }
        if ci.abilities.contains(.files) { try await takesFiles(of: run, order) }
        for _ in 1...2 { await expectDone(await provider.cleanUp(attempt, run: run, for: order)) }
        #expect(await ci.runCount(of: attempt) == 1)
    }

    private func takesFiles(of run: Run, _ order: BuildOrder) async throws {
        guard case .done(let files) = await provider.listFiles(of: run, for: order) else {
            throw Kiln.Unexpected.state("no files")
        }
        let file = try #require(files.first { $0.name == "hello.txt" })
        #expect(file.bytes == 6)
        let folder = try TemporaryDirectory()
        let small = await provider.fetch(file, of: run, for: order, to: folder.path("small"), limit: 5)
        if case .refused = small {} else { Issue.record("a file over the limit was fetched: \(small)") }
        #expect(!FileManager.default.fileExists(atPath: folder.path("small")))
        await expectDone(await provider.fetch(file, of: run, for: order, to: folder.path("whole"), limit: 6))
        #expect(FileManager.default.contents(atPath: folder.path("whole")) == Data("Hello\n".utf8))
    }

    private func waitsForLong() async throws {
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .queued)
        for _ in 1...3 {
            #expect(try await look(&run, order).status == .waiting)
            #expect(await provider.readLog(of: run, for: order, from: 0, limit: 100) == .done([]))
        }
        try await expectFound(run, attempt, order)
        #expect(await ci.runCount(of: attempt) == 1)
    }

    private func goesBadly() async throws {
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .running)
        try await ci.move(attempt, to: .failed)
        guard case .failed(let failure) = try await look(&run, order).status else {
            throw Kiln.Unexpected.state("not failed")
        }
        #expect(failure.kind == .build && !failure.message.isEmpty)
    }

    private func isDeleted() async throws {
        guard ci.abilities.contains(.deletion) else { return }
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .running)
        _ = try await look(&run, order)
        try await ci.move(attempt, to: .deleted)
        guard case .lost = try await look(&run, order).status else { throw Kiln.Unexpected.state("not lost") }
        await expectDone(await provider.cancel(attempt, run: run, for: order))
    }

    private func isRestarted() async throws {
        guard ci.abilities.contains(.restart) else { return }
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .running)
        try await ci.move(attempt, to: .failed)
        try await ci.move(attempt, to: .restarted)
        #expect(try await look(&run, order).status.isEnd == false, "what a person does again is not ended")
        try await ci.move(attempt, to: .succeeded)
        #expect(try await look(&run, order).status == .succeeded)
    }

    private func isCancelled(_ state: PlayedState) async throws {
        guard ci.abilities.contains(.cancel) else { return }
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: state)
        if state == .running { _ = try await look(&run, order) }
        for _ in 1...2 { await expectDone(await provider.cancel(attempt, run: run, for: order)) }
        try await ci.move(attempt, to: .cancelled)
        switch try await look(&run, order).status {
        case .cancelled, .lost: break
        case let other: Issue.record("a cancelled run ended as \(other)")
        }
        // By the key alone: the answer that named the run may never have been written down.
        await expectDone(await provider.cancel(attempt, run: nil, for: order))
    }

    private func isCancelledByOthers() async throws {
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .running)
        try await ci.move(attempt, to: .cancelled)
        switch try await look(&run, order).status {
        case .cancelled, .lost: break
        case let other: Issue.record("a cancelled run ended as \(other)")
        }
    }

    // MARK: - Troubles

    /// A trigger that meets trouble, and nothing was started.
    private func trigger(
        _ trouble: PlayerServer.Trouble, expecting check: (ProviderAnswer<Run>) throws -> Void
    ) async throws {
        let (order, attempt) = fresh("Ada")
        ci.server.plan(trouble, where: ci.startsRun)
        try check(await provider.trigger(order, as: attempt))
        #expect(ci.server.plannedCount == 0, "the trouble was not met")
        #expect(await ci.runCount(of: attempt) == 0)
    }

    /// P3: whatever became of the first try, asking by the key before asking again leaves one run.
    private func triggersOnce(_ trouble: PlayerServer.Trouble, mayHaveStarted: Bool) async throws {
        let (order, attempt) = fresh("Ada")
        ci.server.plan(trouble, where: ci.startsRun)
        switch await provider.trigger(order, as: attempt) {
        // A lost trigger that the provider has cleared up by itself is as good.
        case .unknown, .refusedUntil, .done: break
        case .refused(let failure): Issue.record("an unclear answer was taken for a no: \(failure)")
        }
        #expect(ci.server.plannedCount == 0, "the trouble was not met")
        // Where a CI's lists lag, that nothing is listed says something only later.
        var answer = await provider.find(attempt, for: order)
        for _ in 0..<20 {
            guard case .refusedUntil(let pause, _) = answer else { break }
            ci.clock.advance(by: pause)
            answer = await provider.find(attempt, for: order)
        }
        switch answer {
        case .done(.some): break
        case .done(nil): _ = try await start(order, attempt)
        case let other: Issue.record("not found: \(other)")
        }
        #expect(await ci.runCount(of: attempt) == 1)
    }

    /// A look that meets trouble says nothing about the run, and the next one is clear again.
    private func looks(_ trouble: PlayerServer.Trouble) async throws {
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .running)
        _ = try await look(&run, order)
        ci.server.plan(trouble, where: ci.asksForState)
        switch await provider.observe(run, for: order) {
        case .refusedUntil, .unknown: break
        case .done(let seen): Issue.record("nonsense was understood as \(seen)")
        case .refused(let failure): Issue.record("a look in vain ended the build: \(failure)")
        }
        #expect(ci.server.plannedCount == 0, "the trouble was not met")
        #expect(try await look(&run, order).status == .running)
    }

    private func isSilent() async throws {
        let (order, attempt) = fresh("Ada")
        ci.server.plan(.silence, where: ci.startsRun)
        let (ci, provider) = (ci, provider)
        let answer = await withTaskGroup(of: ProviderAnswer<Run>?.self) { group in
            group.addTask { await provider.trigger(order, as: attempt) }
            group.addTask {
                try? await until { ci.server.plannedCount == 0 }
                return nil
            }
            _ = await group.next()
            group.cancelAll()
            return await group.next() ?? nil
        }
        switch answer {
        case .unknown, .refusedUntil: break
        case let other: Issue.record("silence was understood as \(String(describing: other))")
        }
    }

    /// A secret that is not there delays builds until its operator gives it, and is found by the check.
    private func secretIsMissing() async throws {
        guard let provider = ci.providerWithoutSecrets else { return }
        let (order, attempt) = fresh("Ada")
        try Self.expectLater(await provider.trigger(order, as: attempt))
        #expect(await ci.runCount(of: attempt) == 0)
        #expect(await provider.check([order.recipe]).contains { !$0.passed && $0.mend != nil })
    }

    // MARK: - Contents

    private func carries(logOf bytes: Int) async throws {
        guard ci.abilities.contains(.logs) else { return }
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .running)
        let line = Array("0123456789 a line of a very long log that is written over and over again, 80 bytes..\n".utf8)
        var log: [UInt8] = []
        log.reserveCapacity(bytes + line.count)
        while log.count < bytes { log += line }
        try await ci.write(log, by: attempt)
        try await ci.move(attempt, to: .succeeded)
        #expect(try await look(&run, order).status == .succeeded)
        // As the engine reads: pieces, each thrown away. What a provider keeps back at its bound, it says in the log.
        var offset: Int64 = 0
        while true {
            guard case .done(let piece) = await provider.readLog(of: run, for: order, from: offset, limit: 1 << 20)
            else {
                throw Kiln.Unexpected.state("not read at \(offset)")
            }
            #expect(piece.count <= 1 << 20)
            if piece.isEmpty { break }
            offset += Int64(piece.count)
        }
        #expect(offset > 1 << 20)
        await expectDone(await provider.cleanUp(attempt, run: run, for: order))
    }

    private func hostileLog() async throws {
        guard ci.abilities.contains(.logs) else { return }
        let (order, attempt) = fresh("Ada")
        var run = try await start(order, attempt)
        try await ci.move(attempt, to: .running)
        // Cleaning and redaction are the engine's, for all providers; here nothing may be lost or break.
        let log = Array("\u{1B}[31merror: red\u{1B}[0m\n<script>alert(1)</script>\nüñí\n".utf8) + [0xC3, 0x28, 0x0A]
        try await ci.write(log, by: attempt)
        try await ci.move(attempt, to: .failed)
        _ = try await look(&run, order)
        let text = String(decoding: try await wholeLog(of: run, order), as: UTF8.self)
        #expect(text.contains("error: red") && text.contains("<script>") && text.contains("üñí"))
    }

    /// P5: what a requester typed reaches the CI as one value.
    private func hostileValue() async throws {
        let value = "a'b\"c $(id) `id` ${{ secrets.X }} \\ %0A &x=1\u{1F4A5} {{name}} <i>"
        let (order, attempt) = fresh(value)
        _ = try await start(order, attempt)
        #expect(await ci.runCount(of: attempt) == 1)
    }

    // MARK: - Steps

    private func fresh(_ name: String) -> (BuildOrder, Attempt) {
        let order = ci.order(name)
        return (order, Attempt(number: 1, of: order.build.id))
    }

    private func start(_ order: BuildOrder, _ attempt: Attempt) async throws -> Run {
        switch await provider.trigger(order, as: attempt) {
        case .done(let run):
            return run
        case .unknown:
            // Some CIs name the run only when asked for it.
            guard case .done(let run?) = await provider.find(attempt, for: order) else {
                throw Kiln.Unexpected.state("not found after starting")
            }
            return run
        case let other:
            throw Kiln.Unexpected.state("not started: \(other)")
        }
    }

    /// One look; the run is known by its better name afterwards.
    private func look(_ run: inout Run, _ order: BuildOrder) async throws -> Observation {
        let answer = await provider.observe(run, for: order)
        guard case .done(let seen) = answer else { throw Kiln.Unexpected.state("\(answer)") }
        if let better = seen.run {
            #expect(better.attempt == run.attempt && better.provider == run.provider)
            run = better
        }
        return seen
    }

    private func expectFound(_ run: Run, _ attempt: Attempt, _ order: BuildOrder) async throws {
        guard case .done(let found?) = await provider.find(attempt, for: order) else {
            throw Kiln.Unexpected.state("the run is not found by its key")
        }
        #expect(found.attempt == attempt)
    }

    private func wholeLog(of run: Run, _ order: BuildOrder) async throws -> [UInt8] {
        var log: [UInt8] = []
        while true {
            let answer = await provider.readLog(of: run, for: order, from: Int64(log.count), limit: 64 << 10)
            guard case .done(let piece) = answer else { throw Kiln.Unexpected.state("\(answer)") }
            if piece.isEmpty { return log }
            log += piece
        }
    }

    private func expectDone(_ answer: ProviderAnswer<Void>) async {
        if case .done = answer { return }
        Issue.record("\(answer)")
    }

    private static func expectRefused(_ answer: ProviderAnswer<Run>) throws {
        guard case .refused = answer else { throw Kiln.Unexpected.state("\(answer)") }
    }

    private static func expectLater(_ answer: ProviderAnswer<Run>, after pause: Duration? = nil) throws {
        guard case .refusedUntil(let given, _) = answer else { throw Kiln.Unexpected.state("\(answer)") }
        if let pause { #expect(given == pause) }
    }

    private static func refusal(_ status: Int, _ headers: [String: String] = [:]) -> PlayerServer.Answer {
        .json(#"{"message":"No.","error":"no"}"#, status: status, headers: headers)
    }

    private static func page(_ status: Int) -> PlayerServer.Answer {
        PlayerServer.Answer(
            status, headers: ["Content-Type": "text/html"], body: Array("<html><body>Sign in</body></html>".utf8))
    }
}
