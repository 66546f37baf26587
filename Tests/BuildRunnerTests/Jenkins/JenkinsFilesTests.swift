import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import BuildRunner

@Suite(.timeLimit(.minutes(5)))
struct JenkinsFilesTests {
    // MARK: - Logs

    /// Jenkins counts bytes that it does not send, and only it knows where to go on.
    @Test
    func `A log is read where Jenkins says that it goes on, and once`() async throws {
        let (ci, order, attempt, run) = try await running()
        try await ci.write(Array("one\ntw".utf8), by: attempt)
        #expect(try await log(ci.provider, run, order) == "one\n", "a line is handed on when it is whole")
        try await ci.write(Array("o\nthree".utf8), by: attempt)
        #expect(try await log(ci.provider, run, order) == "one\ntwo\n")
        try await ci.move(attempt, to: .succeeded)
        #expect(try await log(ci.provider, run, order) == "one\ntwo\nthree")
        let asked = ci.server.requests.count { $0.path.hasSuffix("progressiveText") }
        #expect(try await log(ci.provider, run, order) == "one\ntwo\nthree")
        #expect(ci.server.requests.count { $0.path.hasSuffix("progressiveText") } == asked, "it is whole")

        let directory = try TemporaryDirectory()
        let other = JenkinsProvider(tools: Played.tools(clock: ci.clock, scratch: directory.path))
        #expect(try await log(other, run, order) == "one\ntwo\nthree", "after a restart the same bytes come again")
    }

    @Test
    func `What is left of an earlier process' copy is no part of the log`() async throws {
        let (ci, order, attempt, run) = try await running()
        try await ci.write(Array("one\n".utf8), by: attempt)
        let directory = try TemporaryDirectory()
        for _ in 1...2 {
            let provider = JenkinsProvider(tools: Played.tools(clock: ci.clock, scratch: directory.path))
            #expect(try await log(provider, run, order) == "one\n")
        }
    }

    @Test
    func `What is no log is none`() async throws {
        let (ci, order, attempt, run) = try await running()
        ci.server.plan(.answer(JenkinsDoor.page(200, "Sign in"))) { $0.path.hasSuffix("progressiveText") }
        guard case .refusedUntil = await ci.provider.readLog(of: run, for: order, from: 0, limit: 100) else {
            throw CancellationError()
        }
        try await ci.write(Array("one\n".utf8), by: attempt)
        #expect(try await log(ci.provider, run, order) == "one\n")
    }

    // MARK: - Files

    @Test
    func `Two files of one name are refused, unless the recipe wants neither`() async throws {
        let (ci, order, attempt, run) = try await running()
        for path in ["a/x.log", "b/x.log", "a/hello.txt"] { leave(path, "Hello\n", ci, attempt) }
        try await ci.move(attempt, to: .succeeded)
        let files = [ProducedFile(name: "hello.txt", bytes: 6)]
        #expect(await ci.provider.listFiles(of: run, for: order) == .done(files))
        leave("b/hello.txt", "other", ci, attempt)
        guard case .refused(let failure) = await ci.provider.listFiles(of: run, for: order) else {
            throw CancellationError()
        }
        #expect(failure.kind == .build && failure.message.contains("`hello.txt`"))
    }

    @Test(arguments: ["../../secret.txt", "a//b.txt", "./x.txt"])
    func `A path that leads elsewhere is refused`(_ path: String) async throws {
        let (ci, order, attempt, run) = try await running()
        leave(path, "x", ci, attempt)
        try await ci.move(attempt, to: .succeeded)
        guard case .refused = await ci.provider.listFiles(of: run, for: order) else { throw CancellationError() }
        #expect(!ci.server.requests.contains { $0.path.contains("artifact") })
    }

    @Test
    func `A file's odd name is one name`() async throws {
        let (ci, order, attempt, run) = try await running()
        let name = "a b#?&%41'üñí.txt"
        leave("out dir/\(name)", "Hello\n", ci, attempt)
        try await ci.move(attempt, to: .succeeded)
        let file = ProducedFile(name: name, bytes: 6)
        #expect(await ci.provider.listFiles(of: run, for: order) == .done([file]))
        let directory = try TemporaryDirectory()
        #expect(await ci.provider.fetch(file, of: run, for: order, to: directory.path("x"), limit: 6).isDone)
        #expect(FileManager.default.contents(atPath: directory.path("x")) == Data("Hello\n".utf8))
    }

    /// P7: a store that Jenkins links to gets no credentials of Jenkins'.
    @Test
    func `Credentials go to Jenkins alone`() async throws {
        let (ci, order, attempt, run) = try await running()
        leave("hello.txt", "Hello\n", ci, attempt)
        try await ci.move(attempt, to: .succeeded)
        let store = try await PlayerServer { _ in PlayerServer.Answer(200, body: Array("Stored\n".utf8)) }
        let away = PlayerServer.Answer(302, headers: ["Location": "\(store.url)/bucket/hello.txt?signature=x"])
        let back = PlayerServer.Answer(302, headers: ["Location": "/jenkins/elsewhere/hello.txt"])
        let directory = try TemporaryDirectory()
        let file = ProducedFile(name: "hello.txt", bytes: 7)
        ci.server.plan(.answer(back)) { $0.path.hasSuffix("/artifact/hello.txt") }
        ci.server.plan(.answer(away)) { $0.path.hasPrefix("/jenkins/elsewhere") }
        #expect(await ci.provider.fetch(file, of: run, for: order, to: directory.path("x"), limit: 100).isDone)
        #expect(FileManager.default.contents(atPath: directory.path("x")) == Data("Stored\n".utf8))
        #expect(store.requests.map { $0.headers["authorization"] } == [nil])
        #expect(store.requests.first?.query["signature"] == "x")
        #expect(ci.server.requests.last { $0.path.contains("elsewhere") }?.headers["authorization"] != nil)
    }

    @Test
    func `A circle of redirects ends`() async throws {
        let (ci, order, attempt, run) = try await running()
        leave("hello.txt", "Hello\n", ci, attempt)
        try await ci.move(attempt, to: .succeeded)
        let round = PlayerServer.Answer(302, headers: ["Location": "hello.txt"])
        ci.server.plan(.answer(round), times: 100) { $0.path.hasSuffix("/artifact/hello.txt") }
        let directory = try TemporaryDirectory()
        let file = ProducedFile(name: "hello.txt", bytes: 6)
        let answer = await ci.provider.fetch(file, of: run, for: order, to: directory.path("x"), limit: 100)
        #expect(!answer.isDone)
        #expect(ci.server.requests.count { $0.path.contains("artifact") } < 10)
    }

    // MARK: - Steps

    private func running() async throws -> (JenkinsPlayer, BuildOrder, Attempt, Run) {
        let ci = try await JenkinsPlayer()
        let order = ci.order("Ada")
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        try await ci.move(attempt, to: .running)
        guard case .done(let seen) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        return (ci, order, attempt, seen.run ?? run)
    }

    private func leave(_ path: String, _ text: String, _ ci: JenkinsPlayer, _ attempt: Attempt) {
        ci.state.withLockedValue { $0.change(attempt.publicKey) { $0.artifacts.append((path, Array(text.utf8))) } }
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
