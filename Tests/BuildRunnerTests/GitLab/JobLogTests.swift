import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct JobLogTests {
    @Test(arguments: [true, false])
    func `A later job's log comes when those before it have ended`(_ hasRanges: Bool) async throws {
        let gitlab = try await GitLabPlayer(hasRanges: hasRanges)
        let (run, order) = try await started(gitlab)
        try await gitlab.move(run.attempt, to: .running)
        gitlab.change(run.attempt) { pipeline, _ in
            pipeline.jobs[0].trace = Array("first\nhalf".utf8)
            pipeline.jobs[1].status = "running"
            pipeline.jobs[1].startedAt = gitlab.clock.now() + .seconds(1)
            pipeline.jobs[1].trace = Array("second\n".utf8)
        }
        #expect(try await log(gitlab.provider, run, order) == "first\n")
        gitlab.change(run.attempt) { pipeline, _ in pipeline.jobs[0].trace += Array(" and whole\n".utf8) }
        gitlab.clock.advance(by: .seconds(10))
        #expect(try await log(gitlab.provider, run, order) == "first\nhalf and whole\n")
        try await gitlab.move(run.attempt, to: .succeeded)
        #expect(try await log(gitlab.provider, run, order) == "first\nhalf and whole\nsecond\n")
        #expect(try await log(gitlab.restarted(), run, order) == "first\nhalf and whole\nsecond\n")
    }

    @Test
    func `A job that a person does again is read behind what was there, before and after a restart`() async throws {
        let gitlab = try await GitLabPlayer()
        let (run, order) = try await started(gitlab)
        try await gitlab.move(run.attempt, to: .running)
        try await gitlab.write(Array("went wrong\n".utf8), by: run.attempt)
        try await gitlab.move(run.attempt, to: .failed)
        #expect(try await log(gitlab.provider, run, order) == "went wrong\n")
        try await gitlab.move(run.attempt, to: .restarted)
        gitlab.change(run.attempt) { pipeline, _ in pipeline.jobs[2].trace = Array("went well".utf8) }
        try await gitlab.move(run.attempt, to: .succeeded)
        #expect(try await log(gitlab.provider, run, order) == "went wrong\nwent well\n")
        #expect(try await log(gitlab.restarted(), run, order) == "went wrong\nwent well\n")
    }

    @Test(arguments: [1, 2, 3, 7, 31, 1000])
    func `Markers and moments go, however the bytes are cut`(_ size: Int) async throws {
        let raw =
            "2026-11-18T10:13:20.123456Z 00O section_start:1560896352:build[collapsed=true]\r\u{1B}[0K\u{1B}[36mBuild\n"
            + "2026-11-18T10:13:20.123456Z 01E error: broken\n2026-11-18T10:13:20.123456Z 00O+section_ of its own\n"
            + "2026-11-18T10:13:20.123456Z 00O section_end:1560896353:build\r\u{1B}[0Ksection_end:1:b\r\u{1B}[0KEnd\n"
        let clean = "\u{1B}[36mBuild\nerror: broken\nsection_ of its own\nEnd\n"
        let gitlab = try await GitLabPlayer()
        let (run, order) = try await started(gitlab)
        try await gitlab.move(run.attempt, to: .running)
        let bytes = Array(raw.utf8)
        for end in Array(stride(from: size, to: bytes.count, by: size)) + [bytes.count] {
            try await gitlab.write(Array(bytes[..<end]), by: run.attempt)
            let read = try await log(gitlab.provider, run, order)
            #expect(clean.hasPrefix(read))
        }
        #expect(try await log(gitlab.provider, run, order) == clean)
    }

    @Test
    func `P6 A line without an end is handed out in pieces`() async throws {
        let gitlab = try await GitLabPlayer()
        let (run, order) = try await started(gitlab)
        try await gitlab.move(run.attempt, to: .running)
        try await gitlab.write([UInt8](repeating: UInt8(ascii: "x"), count: 200_000), by: run.attempt)
        #expect(try await log(gitlab.provider, run, order).utf8.count == 3 * 65_536)
        try await gitlab.move(run.attempt, to: .succeeded)
        #expect(try await log(gitlab.provider, run, order).utf8.count == 200_001)
    }

    @Test
    func `P6 A growing log that comes only whole is not asked for at every look`() async throws {
        let gitlab = try await GitLabPlayer(hasRanges: false)
        let (run, order) = try await started(gitlab)
        try await gitlab.move(run.attempt, to: .running)
        try await gitlab.write([UInt8](repeating: 0x0A, count: 1 << 20), by: run.attempt)
        for _ in 1...5 { _ = try await log(gitlab.provider, run, order) }
        #expect(gitlab.server.requests.count { $0.path.hasSuffix("/trace") } == 1)
        gitlab.clock.advance(by: .seconds(4))
        _ = try await log(gitlab.provider, run, order)
        #expect(gitlab.server.requests.count { $0.path.hasSuffix("/trace") } == 2)
    }

    @Test
    func `P7 A trace on another host is read without the token`() async throws {
        let storage = try await PlayerServer { _ in PlayerServer.Answer(200, body: Array("far away\n".utf8)) }
        let gitlab = try await GitLabPlayer()
        let (run, order) = try await started(gitlab)
        try await gitlab.move(run.attempt, to: .succeeded)
        let away = PlayerServer.Answer(302, headers: ["Location": "\(storage.url)/trace"])
        gitlab.server.plan(.answer(away)) { $0.path.hasSuffix("/trace") }
        #expect(try await log(gitlab.provider, run, order) == "far away\n")
        #expect(storage.requests.allSatisfy { $0.headers["private-token"] == nil } && !storage.requests.isEmpty)
    }

    private func started(_ gitlab: GitLabPlayer) async throws -> (Run, BuildOrder) {
        let order = gitlab.order("Ada")
        switch await gitlab.provider.trigger(order, as: Attempt(number: 1, of: order.build.id)) {
        case .done(let run): return (run, order)
        case let other: throw Kiln.Unexpected.state("\(other)")
        }
    }

    /// All that is there after a look.
    private func log(_ provider: any BuildProvider, _ run: Run, _ order: BuildOrder) async throws -> String {
        guard case .done = await provider.observe(run, for: order) else { throw Kiln.Unexpected.state("not seen") }
        var log: [UInt8] = []
        while true {
            let answer = await provider.readLog(of: run, for: order, from: Int64(log.count), limit: 64 << 10)
            guard case .done(let bytes) = answer else { throw Kiln.Unexpected.state("\(answer)") }
            if bytes.isEmpty { return String(decoding: log, as: UTF8.self) }
            log += bytes
        }
    }
}

struct GitLabWebhookTests {
    @Test(arguments: [
        ("whisper", "whisper", true), ("whisper", "shout", false), ("whispers", "whisper", false),
        ("whisper", "whispers", false), ("", "whisper", false), ("", "", false), (nil, "whisper", false),
    ])
    func `Only the secret is believed`(_ token: String?, _ secret: String, _ isRight: Bool) {
        #expect(GitLabWebhook.verify(token: token, secret: secret) == isRight)
    }

    @Test(arguments: [
        ("Pipeline Hook", #"{"object_kind":"pipeline","object_attributes":{"id":31,"status":"success"}}"#, "31"),
        ("Job Hook", #"{"object_kind":"build","build_id":1977,"pipeline_id":31}"#, "31"),
        ("Push Hook", #"{"object_kind":"push","object_attributes":{"id":31}}"#, nil), ("Pipeline Hook", "{", nil),
    ])
    func `An event tells its pipeline`(_ event: String, _ body: String, _ pipeline: String?) {
        #expect(GitLabWebhook.run(event: event, body: Array(body.utf8)) == pipeline)
    }
}
