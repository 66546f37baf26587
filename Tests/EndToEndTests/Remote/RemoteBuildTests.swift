import Foundation
import TestSupport
import Testing

/// Builds at a real Buildbot, seen from outside: the form, the live page, the file, the mail.
@Suite(.enabled(if: BuildbotHost.tools != nil)) struct RemoteBuildTests {
    static func form(_ name: String, _ mode: String = "plain", lasts: Int = 0) -> Form {
        Form([("email", "ada@example.org"), ("name", name), ("mode", mode), ("lasts", "\(lasts)")])
    }

    @Test func `a form becomes a file and a mail, live through the CI's phases (P2, P3, P9)`() async throws {
        let buildbot = try await BuildbotHost.shared
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], BuildbotHost.settings) { server in
            let answer = try await server.http.post(
                "/recipes/remote/builds", Self.form("live", "hold"), ["Accept": "text/html"])
            try #require(answer.status == 303, "\(answer.text)")
            let page = try #require(answer.headers["location"])
            let id = try #require(page.split(separator: "/").last.map(String.init))

            let events = try RawConnection(port: server.port, patience: 60)
            try await events.send(server.http.head("GET", page + "/events", ["Accept": "text/event-stream"]))
            let begun = try await events.receive(within: .seconds(240)) { $0.contains("Compiling") }
            #expect(begun.contains("\"running\""))
            #expect(begun.contains("run starts"), "the log's tail is on the page")
            try buildbot.letGo("live")
            let rest = try await events.receive(within: .seconds(240)) { $0.contains("event: end") }
            #expect(rest.contains("Packing"), "the log's last phase")

            let build = try await server.told(id)
            try #require(build.state == "succeeded", "\(build)")
            #expect(build.run?.provider == "buildbot" && build.run?.id.hasPrefix("build/") == true, "\(build)")
            let bytes = try await server.download(#require(build.artifacts.first))
            let text = "An image for live (), attempt \(BuildbotHost.name(of: id))-1\n"
            #expect(String(decoding: bytes, as: UTF8.self) == text)
            let mails = server.mail.messages(about: id)
            #expect(mails.count == 1)
            #expect(mails.first?.plain.contains("/builds/\(id)/artifacts/image.txt") == true)
            #expect(try await buildbot.requests(of: id) == 1, "P3")
            #expect(buildbot.starts(of: id) == 1, "P3")
        }
    }

    @Test func `a run that fails is told with the first real error`() async throws {
        let buildbot = try await BuildbotHost.shared
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], BuildbotHost.settings) { server in
            let id = try await server.submit(Self.form("fails", "fail"), to: "remote")
            let build = try await server.told(id)
            #expect(build.state == "failed" && build.failure?.kind == "build", "\(build)")
            let words = "'brush' undeclared"
            #expect(build.failure?.message.contains(words) == true, "\(build)")
            #expect(try await server.http.get("/builds/\(id)").text.contains("brush"))
            #expect(server.mail.messages(about: id).map { $0.plain.contains("undeclared") } == [true])
            #expect(try await buildbot.requests(of: id) == 1)
        }
    }

    @Test func `a build is cancelled in Buildbot's queue and while it runs`() async throws {
        let buildbot = try await BuildbotHost.shared
        try await KilnServer.running(
            recipes: [.remote(at: buildbot.url, builder: "narrow")], BuildbotHost.settings
        ) { server in
            let running = try await server.submit(Self.form("first", "hold"), to: "remote")
            _ = try await until("it runs", within: .seconds(240)) { buildbot.starts(of: running) == 1 ? true : nil }
            let queued = try await server.submit(Self.form("second", "hold"), to: "remote")
            _ = try await until("it waits at Buildbot", within: .seconds(240)) {
                try await server.build(queued).run?.id.hasPrefix("request/") == true ? true : nil
            }
            for id in [queued, running] {
                #expect(try await server.http.post("/builds/\(id)/cancel").status == 200)
                #expect(try await server.told(id).state == "cancelled")
                #expect(server.mail.messages(about: id).count == 1)
            }
            for id in [queued, running] {
                _ = try await until("Buildbot has ended \(id)") { () async throws -> Bool? in
                    try await buildbot.hasEnded(id) ? true : nil
                }
            }
            #expect(buildbot.starts(of: queued) == 0, "it never began")
            #expect(try await server.rows("SELECT count(*) FROM runs") == [["2"]])
        }
    }

    @Test func `a build waits while Buildbot is down, and runs when it is back (P1, P2, P3)`() async throws {
        let buildbot = try await BuildbotHost(workers: 2)
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], BuildbotHost.settings) { server in
            try await buildbot.tell("kill master")
            let id = try await server.submit(Self.form("patient"), to: "remote")
            _ = try await until("it was tried") { server.log.contains(id) ? true : nil }
            #expect(try await server.build(id).hasEnded == false)
            try await buildbot.tell("start master")
            let build = try await server.told(id, within: .seconds(90))
            #expect(build.state == "succeeded", "\(build)")
            #expect(try await buildbot.requests(of: id) == 1, "P3")
            #expect(server.mail.messages(about: id).count == 1, "P2")
        }
    }
}
