import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import BuildRunner

@Suite(.timeLimit(.minutes(5)))
struct TravisLogTests {
    @Test(arguments: [
        ("travis_fold:start:git.checkout\r\u{1B}[0Ktravis_time:start:06c3\r\u{1B}[0K$ git clone\n", "$ git clone\n"),
        ("text without an endtravis_time:end:06c3:start=1,finish=2,duration=1\r\u{1B}[0K\n", "text without an end\n"),
        ("travis_fold:end:git\r\u{1B}[0K\ntest travis_ tt\n", "\ntest travis_ tt\n"),
        ("it says travis_fold:start:x and no more\n", "it says travis_fold:start:x and no more\n"),
        ("progress 10%\rprogress 20%\n", "progress 10%\rprogress 20%\n"),
    ])
    func `Travis' marks are taken out, and nothing else`(_ line: String, _ expected: String) {
        #expect(String(decoding: TravisLogFilter.filtered(Array(line.utf8)), as: UTF8.self) == expected)
    }

    @Test
    func `Jobs are read in their order, a later one when all before it have ended`() async throws {
        let ci = try await TravisPlayer()
        ci.state.withLockedValue { $0.jobCount = 2 }
        let (order, attempt) = started(ci)
        var run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        ci.state.withLockedValue { state in
            state.change(attempt.publicKey) { build in
                build.jobs[0].log = Array("first 1\nfirst, not wh".utf8)
                build.jobs[1].log = Array("second 1\n".utf8)
            }
        }
        run = try await look(ci, run, order)
        #expect(try await log(ci.provider, run, order) == "first 1\n")
        ci.clock.advance(by: .seconds(60))
        ci.state.withLockedValue { state in
            state.change(attempt.publicKey) { build in
                build.jobs[0].log = Array("first 1\nfirst, not whole\nlast of first".utf8)
                build.jobs[0].state = "passed"
            }
        }
        _ = try await look(ci, run, order)
        #expect(
            try await log(ci.provider, run, order) == "first 1\nfirst, not whole\nlast of firstsecond 1\n")
        try await ci.move(attempt, to: .succeeded)
        _ = try await look(ci, run, order)
        let whole = try await log(ci.provider, run, order)
        let directory = try TemporaryDirectory()
        let other = TravisProvider(tools: Played.tools(clock: ci.clock, scratch: directory.path))
        guard case .done = await other.observe(run, for: order) else { throw CancellationError() }
        #expect(try await log(other, run, order) == whole, "after a restart the same bytes come again")
    }

    @Test
    func `A long log of a job that runs is not asked for at every look`() async throws {
        let ci = try await TravisPlayer()
        let (order, attempt) = started(ci)
        var run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        try await ci.write(Array(repeating: UInt8(ascii: "\n"), count: 4 << 20), by: attempt)
        for _ in 1...5 {
            run = try await look(ci, run, order)
            _ = try await log(ci.provider, run, order)
            ci.clock.advance(by: .seconds(10))
        }
        #expect(ci.server.requests.count { $0.path.hasSuffix("/log.txt") } == 2)
    }

    @Test(arguments: ["again\n", "again, and this time with many more words\n"])
    func `The log of a job that a person starts again follows on the first one's`(_ second: String) async throws {
        let ci = try await TravisPlayer()
        let (order, attempt) = started(ci)
        var run = try await run(ci, order, attempt)
        try await ci.move(attempt, to: .running)
        try await ci.write(Array("tried and failed\n".utf8), by: attempt)
        try await ci.move(attempt, to: .failed)
        run = try await look(ci, run, order)
        #expect(try await log(ci.provider, run, order) == "tried and failed\n")
        try await ci.move(attempt, to: .restarted)
        run = try await look(ci, run, order)
        try await ci.move(attempt, to: .running)
        try await ci.write(Array(second.utf8), by: attempt)
        run = try await look(ci, run, order)
        #expect(
            try await log(ci.provider, run, order) == "tried and failed\n\n... the job was started again ...\n\(second)"
        )
    }

    // MARK: - Steps

    private func started(_ ci: TravisPlayer) -> (BuildOrder, Attempt) {
        let order = ci.order("Ada")
        return (order, Attempt(number: 1, of: order.build.id))
    }

    private func run(_ ci: TravisPlayer, _ order: BuildOrder, _ attempt: Attempt) async throws -> Run {
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        return run
    }

    private func look(_ ci: TravisPlayer, _ run: Run, _ order: BuildOrder) async throws -> Run {
        guard case .done(let seen) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        return seen.run ?? run
    }

    private func log(_ provider: any BuildProvider, _ run: Run, _ order: BuildOrder) async throws -> String {
        var log: [UInt8] = []
        while true {
            guard
                case .done(let piece) = await provider.readLog(
                    of: run, for: order, from: Int64(log.count), limit: 1 << 20)
            else { throw CancellationError() }
            if piece.isEmpty { return String(decoding: log, as: UTF8.self) }
            log += piece
        }
    }
}
