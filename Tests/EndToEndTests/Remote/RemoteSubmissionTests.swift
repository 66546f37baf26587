import Foundation
import TestSupport
import Testing

/// What one submission makes at a real Buildbot: a result that is given out again, several targets, another provider.
@Suite(.enabled(if: BuildbotHost.tools != nil)) struct RemoteSubmissionTests {
    @Test func `the same wish twice is one run, with two pages and two mails (P2, P3)`() async throws {
        let buildbot = try await BuildbotHost.shared
        let recipe = TestRecipe.remote("again", at: buildbot.url, build: ["reuse: 1h"])
        try await KilnServer.running(recipes: [recipe], BuildbotHost.settings) { server in
            let form = RemoteBuildTests.form("again-\(UUID().uuidString.prefix(8))", lasts: 1)
            let first = try await server.submit(form, to: "again")
            let second = try await server.submit(form, to: "again")
            #expect(first != second, "each has a page of its own")
            let builds = [try await server.told(first), try await server.told(second)]
            #expect(builds.map(\.state) == ["succeeded", "succeeded"])
            let files = try await [server.download(#require(builds[0].artifacts.first))]
            #expect(try await files == [server.download(#require(builds[1].artifacts.first))], "P9: the same bytes")
            for id in [first, second] { #expect(server.mail.messages(about: id).count == 1, "P2: \(id)") }
            #expect(try await buildbot.requests(of: first) == 1, "P3")
            #expect(try await buildbot.requests(of: second) == 0, "nothing was run for it")

            let late = try await server.told(server.submit(form, to: "again"))
            #expect(late.state == "succeeded")
            #expect(try await buildbot.requests(of: late.id) == 0, "the result is there already")

            let answer = try await server.http.post("/recipes/again/builds?fresh=1", form)
            let fresh = try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
            #expect(try await server.told(fresh).state == "succeeded")
            #expect(try await buildbot.requests(of: fresh) == 1, "built again, afresh")
        }
    }

    @Test func `a failure is never given out again`() async throws {
        let buildbot = try await BuildbotHost.shared
        let recipe = TestRecipe.remote("bad", at: buildbot.url, build: ["reuse: 1h"])
        try await KilnServer.running(recipes: [recipe], BuildbotHost.settings) { server in
            for _ in 0..<2 {
                let build = try await server.told(server.submit(RemoteBuildTests.form("bad", "fail"), to: "bad"))
                #expect(build.state == "failed")
                #expect(try await buildbot.requests(of: build.id) == 1)
            }
        }
    }

    @Test func `two targets are two runs, one page, one mail (P2, P3)`() async throws {
        let buildbot = try await BuildbotHost.shared
        let recipe = TestRecipe.remote("both", at: buildbot.url, build: ["targets: targets"])
        try await KilnServer.running(recipes: [recipe], BuildbotHost.settings) { server in
            var form = RemoteBuildTests.form("both")
            for target in ["amd64", "i386"] { form.add("targets", target) }
            let lead = try await server.submit(form, to: "both")
            let build = try await server.told(lead)
            #expect(build.state == "succeeded")
            let members = try await server.rows("SELECT id FROM builds").map { $0[0] }
            #expect(members.count == 2)
            var texts: Set<String> = []
            for id in members {
                #expect(try await buildbot.requests(of: id) == 1, "P3: \(id)")
                let file = try #require(try await server.build(id).artifacts.first)
                texts.insert(String(decoding: try await server.download(file), as: UTF8.self).prefix(30).description)
                #expect(try await server.http.get("/builds/\(lead)").text.contains("/builds/\(id)"), "one page")
            }
            #expect(texts.count == 2 && texts.contains { $0.contains("(i386)") }, "\(texts)")
            let mails = server.mail.messages
            #expect(mails.count == 1, "P2: one mail for both")
            for id in members {
                #expect(mails.first?.plain.contains("/builds/\(id)/artifacts/image.txt") == true, "the link of \(id)")
            }
        }
    }

    @Test func `builds go to the next provider while Buildbot is down, and status and health tell it`() async throws {
        let buildbot = try await BuildbotHost(workers: 2)
        let recipe = TestRecipe.remote(
            at: buildbot.url,
            build: ["fallback: [local]", "script: build.sh", "uses: [name, mode, lasts, data, targets]"])
        try await KilnServer.running(recipes: [recipe], BuildbotHost.settings) { server in
            let before = try await server.told(server.submit(RemoteBuildTests.form("up"), to: "remote"))
            #expect(before.run?.provider == "buildbot", "\(before)")
            try await buildbot.tell("kill master")
            var ids: [String] = []
            for number in 0..<6 {
                ids.append(try await server.submit(RemoteBuildTests.form("down \(number)"), to: "remote"))
            }
            for id in ids {
                let build = try await server.told(id, within: .seconds(300))
                #expect(build.state == "succeeded" && build.run?.provider == "local", "\(build)")
                #expect(server.mail.messages(about: id).count == 1, "P2")
            }
            let status = try await server.http.get("/status")
            #expect(status.status == 200 && status.text.lowercased().contains("buildbot"))
            #expect(!status.text.contains(buildbot.url), "no address on a public page")
            let health = try await server.http.get("/health-check")
            #expect(health.status == 503 && health.text.contains("provider buildbot"), "\(health.text)")
        }
    }
}
