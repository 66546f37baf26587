import Foundation
import TestSupport
import Testing

/// Builds that go wrong, and a server that is full: each ends with its kind, and the service is unharmed.
@Suite struct TroubleTests {
    @Test(
        arguments: [
            ("fail", "build", "this cannot be baked"), ("input", "input", "no such clay"),
            ("hang", "timeout", "20 seconds"), ("flood", nil, nil), ("fork", nil, nil),
            ("disk", "build", nil), ("crash", "build", "signal 11"), ("none", "build", "out.txt"),
            ("badverify", "build", "it does not ring"),
        ] as [(String, String?, String?)])
    func `a build that goes wrong ends with its kind`(_ mode: String, _ kind: String?, _ words: String?) async throws {
        try await KilnServer.running { server in
            let id = try await server.submit(Form([("email", "ada@example.org"), ("name", "Ada"), ("mode", mode)]))
            let build = try await server.told(id, within: .seconds(120))
            if let kind {
                #expect(build.state == "failed")
                #expect(build.failure?.kind == kind, "\(build)")
                if let words { #expect(build.failure?.message.contains(words) == true, "\(build)") }
            } else if mode == "flood" {
                #expect(build.state == "succeeded", "the log is cut, the build goes on: \(build)")
            } else {
                #expect(build.state == "failed", "\(build)")
            }
            let log = try await server.http.get("/builds/\(id)/log")
            #expect(log.body.count < 128 << 10, "the log is bounded: \(log.body.count)")
            #expect(server.mail.messages(about: id).count == 1, "P2")
            // And the next one is built as if nothing had been.
            let next = try await server.submit(Form([("email", "ada@example.org"), ("name", "Next")]))
            #expect(try await server.told(next).state == "succeeded")
        }
    }

    @Test func `a cancelled build ends at once, and says so`() async throws {
        try await KilnServer.running { server in
            let id = try await server.submit(Form([("email", "a@example.org"), ("name", "Ada"), ("mode", "hang")]))
            _ = try await until("it runs") { try await server.build(id).state == "running" ? true : nil }
            #expect(try await server.http.post("/builds/\(id)/cancel").status == 200)
            let build = try await server.told(id)
            #expect(build.state == "cancelled")
            #expect(server.mail.messages(about: id).count == 1)
        }
    }

    @Test func `a full queue says no with Retry-After (P6)`() async throws {
        try await KilnServer.running(["KILN_QUEUE_WORKERS": "1", "KILN_QUEUE_MAX_WAITING": "2"]) { server in
            func post(_ accept: String = "application/json") async throws -> Answer {
                try await server.http.post(
                    "/recipes/quick/builds",
                    Form([("email", "ada@example.org"), ("name", "Ada"), ("mode", "hang")]), ["Accept": accept])
            }
            // One that runs may reach its own end meanwhile and make room: until they say no.
            func refusal(_ accept: String) async throws -> Answer {
                try await until("the queue is full") {
                    let answer = try await post(accept)
                    return answer.status == 503 ? answer : nil
                }
            }
            let refused = try await refusal("application/json")
            #expect(Int(refused.headers["retry-after"] ?? "") != nil)
            let waiting = try await server.rows("SELECT count(*) FROM builds WHERE state = 'queued'")
            #expect(waiting.compactMap { Int($0[0]) }.allSatisfy { $0 <= 2 }, "\(waiting)")
            #expect(try await refusal("text/html").text.contains("queue is full"))
        }
    }

    /// Needs a file system of its own, and so root, as CI has it.
    @Test(.enabled(if: getuid() == 0)) func `a full disk gets 507 and no half build`() async throws {
        let disk = try TemporaryDirectory()
        let made = try await run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.path)
        try #require(made.code == 0, "\(made.text)")
        do {
            try await KilnServer.running(["KILN_UPLOADS_DIRECTORY": disk.path]) { server in
                // Not compressible, so that nothing makes it small.
                let bytes = (0..<(3 << 20)).map { _ in UInt8.random(in: 0...255) }
                let form = Form([("email", "ada@example.org"), ("name", "Ada")])
                let answer = try await server.http.post(
                    "/recipes/quick/builds", form.with("files", file: "f.zip", Array("PK\u{3}\u{4}".utf8) + bytes))
                #expect(answer.status == 507, "\(answer.text)")
                #expect(try await server.rows("SELECT count(*) FROM builds") == [["0"]])
                #expect(try await server.told(server.submit(form)).state == "succeeded", "there is room for small ones")
            }
        } catch {
            _ = try await run("umount", "-l", disk.path)
            throw error
        }
        #expect(try await run("umount", "-l", disk.path).code == 0)
    }
}
