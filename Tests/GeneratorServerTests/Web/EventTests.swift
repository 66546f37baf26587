import Domain
import NIOCore
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Event streams` {
    /// Opens a stream and gives what comes until its text is enough.
    private static func open(
        _ server: LiveServer, _ id: BuildID, after: String? = nil
    ) async throws -> RawConnection {
        let connection = try RawConnection(port: server.port)
        let header = after.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        try await connection.send("GET /builds/\(id)/events HTTP/1.1\r\nHost: a\r\n\(header)\r\n")
        return connection
    }

    private static func ids(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
    }

    @Test func `a build is followed to its end`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let connection = try await Self.open(server, build.id)
            let first = try await connection.receive { $0.contains("event: state") && $0.hasSuffix("\n\n\r\n") }
            #expect(
                first.contains("content-type: text/event-stream") || first.contains("Content-Type: text/event-stream"))
            #expect(first.contains("retry: 2000"))
            #expect(first.contains(#""state":"queued""#) && first.contains("id: 1:0"))
            let attempt = try await server.start(build.id)
            try await server.appendLog("one\ntwo\nunfinished", to: build.id)
            let running = try await connection.receive { $0.contains("event: log") && $0.contains("running") }
            #expect(running.contains(#"data: {"offset":0,"text":"one\ntwo\n"}"#))
            try await server.apply(.ended(Failure(kind: .build, message: "It broke."), of: attempt), to: build.id)
            server.clock.advance(by: .seconds(60))
            try await server.appendLog("\n", to: build.id)
            let end = try await connection.receive { $0.contains("event: end") }
            #expect(end.contains(#""text":"unfinished"#))
            #expect(end.contains(#""state":"failed""#) && end.contains("It broke."))
        }
    }

    @Test func `after a reconnect the stream goes on exactly where it was`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            _ = try await server.start(build.id)
            try await server.appendLog("one\n", to: build.id)
            let first = try await Self.open(server, build.id)
            let seen = try await first.receive { $0.contains("event: log") && $0.contains("event: state") }
            let last = try #require(Self.ids(seen).last)
            #expect(last == "3:4")
            try await server.appendLog("two\n", to: build.id)
            let second = try await Self.open(server, build.id, after: last)
            let more = try await second.receive { $0.contains("event: log") }
            #expect(more.contains(#"data: {"offset":4,"text":"two\n"}"#))
            #expect(!more.contains(#""offset":0"#))
        }
    }

    @Test func `colours are told on wish; the cursor is the same for both`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            try await server.appendLog("one\n\u{1B}[0;31mred\u{1B}[0m\nlast\n", to: build.id)
            try await server.apply(.cancelled, to: build.id)
            server.clock.advance(by: .seconds(60))
            let plain = try await server.client.get("/builds/\(build.id)/events")
            #expect(plain.text.contains(#"data: {"offset":0,"text":"one\nred\nlast\n"}"#))
            let colored = try await server.client.get("/builds/\(build.id)/events?ansi=1")
            #expect(colored.text.contains(#""text":"one\n\u001b[0;31mred\u001b[0m\nlast\n""#))
            #expect(Self.ids(plain.text) == Self.ids(colored.text))
            let rest = try await server.client.get("/builds/\(build.id)/events?ansi=1&after=1:4")
            #expect(rest.text.contains(#"data: {"offset":4,"text":"\u001b[0;31mred"#))
        }
    }

    @Test func `a run that waits where it was handed to is told apart from one that goes`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let attempt = Attempt(number: 1, of: build.id)
            try await server.apply(.claimed(attempt), to: build.id)
            let run = Run(attempt: attempt, provider: "github", id: "7", url: "https://github.com/o/r/actions/runs/7")
            try await server.apply(.triggered(run), to: build.id)
            let now = "/now?build=\(build.id)"
            #expect(try await server.client.get(now).text == "running Waiting at GitHub\n")
            try await server.appendLog("it begins\n", to: build.id)
            #expect(try await server.client.get(now).text == "running Building\n")
        }
    }

    @Test func `what is told is not told again: 204 ends an EventSource`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let ended = try await server.apply(.cancelled, to: build.id)
            let answer = try await server.client.get(
                "/builds/\(build.id)/events", ["Last-Event-ID": "\(ended.sequence):0"])
            #expect(answer.status == 204)
        }
    }

    @Test func `the page's own cursor serves like a last event id`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            try await server.appendLog("one\n", to: build.id)
            let page = try await server.client.get("/builds/\(build.id)", ["Accept": "text/html"])
            #expect(page.text.contains("after=1:4"))
            try await server.apply(.cancelled, to: build.id)
            server.clock.advance(by: .seconds(60))
            let events = try await server.client.get("/builds/\(build.id)/events?after=1:4")
            #expect(!events.text.contains("event: log"))
            #expect(events.text.contains("cancelled") && events.text.contains("event: end"))
        }
    }

    @Test func `P6: a client that goes away is noticed at once`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            var connection: RawConnection? = try await Self.open(server, build.id)
            _ = try await connection?.receive { $0.contains("event: state") }
            let open = try await server.client.get("/metrics")
            #expect(open.text.contains("kiln_event_streams 1\n"))
            connection = nil
            // Bounded by the test's own patience: each look is a request.
            var text = ""
            for _ in 0..<200 where !text.contains("kiln_event_streams 0\n") {
                text = try await server.client.get("/metrics").text
            }
            #expect(text.contains("kiln_event_streams 0\n"))
        }
    }

    @Test func `P6: heartbeats come when nothing else does`() async throws {
        var options = LiveServer.Options()
        options.heartbeat = .milliseconds(50)
        try await LiveServer.with(options) { server in
            let build = try await server.makeBuild()
            let connection = try await Self.open(server, build.id)
            // A chunk of its own, in its chunked clothes.
            let text = try await connection.receive { $0.contains("3\r\n:\n\n\r\n") }
            #expect(text.contains("3\r\n:\n\n\r\n"))
        }
    }

    @Test func `at a stop streams end`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let connection = try await Self.open(server, build.id)
            _ = try await connection.receive { $0.contains("event: state") }
            await server.stop()
            let rest = try await connection.receiveAll()
            #expect(String(decoding: rest, as: UTF8.self).hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `an unknown build is 404`() async throws {
        try await LiveServer.with { server in
            let answer = try await server.client.get("/builds/00000000000000000000000000/events")
            #expect(answer.status == 404)
        }
    }
}
