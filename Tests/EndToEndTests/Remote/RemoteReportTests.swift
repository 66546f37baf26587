import Foundation
import TestSupport
import Testing

/// A job that fetches its inputs and reports with `kiln-report`; Buildbot only hosts it.
@Suite(.enabled(if: BuildbotHost.tools != nil)) struct RemoteReportTests {
    @Test func `a job fetches, reports and delivers by itself (P2, P9)`() async throws {
        let buildbot = try await BuildbotHost.shared
        let recipe = TestRecipe.remote(at: buildbot.url, interval: "60s")
        try await KilnServer.running(recipes: [recipe], BuildbotHost.settings) { server in
            let name = "report"
            let form = RemoteBuildTests.form(name, "report").with("data", file: "notes.txt", Array("notes\n".utf8))
            let id = try await server.submit(form, to: "remote")
            _ = try await until("the phase is on the page", within: .seconds(240)) {
                try await server.build(id).phase?.label == "Baking \"it\"" ? true : nil
            }
            #expect(try await server.build(id).phase?.percent == 40)
            try buildbot.letGo(name)
            let build = try await server.told(id)
            #expect(build.state == "succeeded", "\(build)")
            let bytes = try await server.download(#require(build.artifacts.first))
            #expect(
                String(decoding: bytes, as: UTF8.self)
                    == "An image for report (), attempt \(BuildbotHost.name(of: id))-1\n")
            #expect(try await server.http.get("/builds/\(id)/log").text.contains("a line of the job's own log"))
            #expect(try await server.http.get("/builds/\(id)").text.contains("notes.txt"), "that it was fetched")
            #expect(server.mail.messages(about: id).count == 1, "P2")
            let inputs = buildbot.file("control/\(BuildbotHost.name(of: id))-1/inputs/files/data")
            #expect(FileManager.default.contents(atPath: inputs) == Data("notes\n".utf8))
        }
    }

    @Test func `a job that says why it failed is quoted`() async throws {
        let buildbot = try await BuildbotHost.shared
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], BuildbotHost.settings) { server in
            let build = try await server.told(server.submit(RemoteBuildTests.form("c", "complain"), to: "remote"))
            #expect(build.state == "failed" && build.failure?.message.contains("no clay of that name") == true)
            #expect(server.mail.messages(about: build.id).count == 1)
        }
    }

    @Test func `one build's token and links are nothing at another, and end with it (P4)`() async throws {
        let buildbot = try await BuildbotHost.shared
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], BuildbotHost.settings) { server in
            let names = ["one", "other"].map { "\($0)-\(UUID().uuidString.prefix(8))" }
            var jobs: [(id: String, document: JobDocument)] = []
            for name in names {
                let id = try await server.submit(RemoteBuildTests.form(name, "report"), to: "remote")
                jobs.append((id, try await Self.document(of: id, at: buildbot)))
            }
            let body = Array(#"{"phase": "Mine"}"#.utf8)
            func report(_ id: String, _ token: String) async throws -> Int {
                try await server.http.send(
                    "POST", "/builds/\(id)/callback",
                    [
                        "Authorization": "Bearer \(token)", "Content-Type": "application/json",
                        "Content-Length": "\(body.count)",
                    ], body: body
                ).status
            }
            #expect(try await report(jobs[0].id, jobs[0].document.callback.token) == 200)
            #expect(try await report(jobs[1].id, jobs[0].document.callback.token) == 404, "P4")
            #expect(try await server.build(jobs[1].id).phase?.label != "Mine")
            for name in names { try buildbot.letGo(name) }
            for job in jobs {
                #expect(try await server.told(job.id).state == "succeeded")
                #expect(try await report(job.id, job.document.callback.token) == 404, "it ends with the build")
                let path = try #require(URL(string: job.document.bundle.url)?.path)
                #expect(try await server.http.get(path).status == 404, "so do its links")
            }
        }
    }

    /// `build.json`, as the job got it.
    struct JobDocument: Decodable {
        struct Link: Decodable { var url: String }
        struct Callback: Decodable { var token: String }
        var callback: Callback
        var bundle: Link
        var inputs: [Link]
    }

    static func document(of id: String, at buildbot: BuildbotHost) async throws -> JobDocument {
        try await until("the job of \(id) has its document", within: .seconds(240)) {
            FileManager.default.contents(atPath: buildbot.file("build-\(BuildbotHost.name(of: id))-1.json"))
                .flatMap { try? JSONDecoder().decode(JobDocument.self, from: $0) }
        }
    }
}
