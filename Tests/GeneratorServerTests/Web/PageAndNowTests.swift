import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Pages` {
    @Test func `one recipe is its form, several are a list`() async throws {
        try await LiveServer.with { server in
            let home = try await server.client.get("/")
            #expect(home.status == 200 && home.text.hasPrefix("form sample"))
        }
        var other = Recipe.sample()
        other.id = RecipeID(unchecked: "other")
        var hidden = Recipe.sample()
        hidden.id = RecipeID(unchecked: "hidden")
        hidden.isOffered = false
        var options = LiveServer.Options()
        options.recipes = [.sample(), other, hidden]
        try await LiveServer.with(options) { server in
            let home = try await server.client.get("/")
            #expect(home.text == "recipes\nSample /recipes/sample\nSample /recipes/other\n")
            let gone = try await server.client.get("/recipes/hidden")
            #expect(gone.status == 404)
        }
    }

    @Test func `P5: a form is filled from its link, with known fields, each checked`() async throws {
        try await LiveServer.with { server in
            let page = try await server.client.get(
                "/recipes/sample?name=Ada+L%C3%B6we&evil=1&email=nobody&name%00=x", ["Accept": "text/html"])
            #expect(page.status == 200)
            #expect(page.text.contains("name=Ada Löwe\n"))
            #expect(page.text.contains("email=nobody\nfault email not_an_address"))
            #expect(!page.text.contains("evil") && !page.text.contains("stray"))
            let plain = try await server.client.get("/recipes/sample")
            #expect(!plain.text.contains("fault"))
        }
    }

    @Test(arguments: [
        ("GET", "/nothing", 404), ("GET", "/builds/x", 404), ("GET", "/builds/00000000000000000000000000", 404),
        ("GET", "/recipes/%2e%2e", 404), ("DELETE", "/", 405), ("GET", "/recipes/sample/builds", 405),
        ("PATCH", "/now", 405), ("PROPFIND", "/", 501), ("POST", "/builds/00000000000000000000000000/callback", 404),
        ("GET", "/recipes/sample/../../etc/passwd", 404), ("GET", "/api/v1/builds", 404),
    ])
    func `errors are a page for people and a problem for programs`(
        method: String, path: String, status: Int
    ) async throws {
        try await LiveServer.with { server in
            let page = try await server.client.send(method, path, ["Accept": "text/html,*/*;q=0.8"])
            #expect(page.status == status)
            if !path.hasPrefix("/api") { #expect(page.text.hasPrefix("error \(status) ")) }
            if status == 405 { #expect(page["Allow"]?.contains("OPTIONS") == true) }
            let problem = try await server.client.send(method, path, ["Accept": "application/json"])
            #expect(problem.status == status)
            #expect(problem["Content-Type"] == "application/problem+json")
            #expect(try JSON(parsing: problem.body)["status"] == .integer(Int64(status)))
        }
    }

    @Test func `OPTIONS says what an address takes`() async throws {
        try await LiveServer.with { server in
            let answer = try await server.client.send("OPTIONS", "/recipes/sample/builds")
            #expect(answer.status == 204)
            #expect(answer["Allow"] == "OPTIONS, POST")
        }
    }

    @Test func `P7: what nobody expected is a 500 with an id, told once in the log and never to the visitor`()
        async throws
    {
        var options = LiveServer.Options()
        options.objects = BrokenObjects()
        try await LiveServer.with(options) { server in
            let build = try await server.makeBuild()
            _ = try await server.finish(build.id, product: [1, 2, 3])
            let answer = try await server.client.get(
                "/builds/\(build.id)/artifacts/out.txt", ["Accept": "text/html"])
            #expect(answer.status == 500)
            #expect(!answer.text.contains("secret"))
            let id = try #require(answer["X-Request-ID"])
            #expect(answer.text.contains("id=\(id)"))
            let lines = server.log.lines.filter { $0.contains("very secret detail") }
            #expect(lines.count == 1)
            #expect(lines[0].contains("request=\(id)") && lines[0].hasPrefix("error request failed"))
        }
    }
}

/// A disk whose files cannot be read.
private struct BrokenObjects: ObjectStore {
    func put(fileAt path: String, as key: ObjectKey) async throws(StorageError) {}
    func copy(_ key: ObjectKey, to other: ObjectKey) async throws(StorageError) {}
    func size(of key: ObjectKey) async throws(StorageError) -> Int64? {
        throw .corrupt(detail: "very secret detail")
    }
    func read(_ key: ObjectKey, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] { [] }
    func removeAll(of build: BuildID) async throws(StorageError) {}
}

@Suite struct `Now` {
    @Test func `the status is one line, with an ETag`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let attempt = try await server.start(build.id)
            let phase = Phase(label: "Packing the initrd", percent: 40)
            try await server.apply(.phaseChanged(phase, of: attempt), to: build.id)
            let answer = try await server.client.get("/now?build=\(build.id)")
            #expect(answer.text == "running 40% Packing the initrd\n")
            #expect(answer["Content-Type"] == "text/plain; charset=utf-8")
            #expect(answer["Cache-Control"] == "private, no-cache", "P4: what is whose is in no shared cache")
            let tag = try #require(answer["ETag"])
            let same = try await server.client.get("/now?build=\(build.id)", ["If-None-Match": tag])
            #expect(same.status == 304 && same.body.isEmpty)
            let failure = Failure(kind: .build, message: "The script failed.")
            try await server.apply(.ended(failure, of: attempt), to: build.id)
            let ended = try await server.client.get("/now?build=\(build.id)", ["If-None-Match": tag])
            #expect(ended.text == "failed (build) The script failed.\n")
        }
    }

    @Test func `JSON by Accept is the build`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let answer = try await server.client.get("/now?build=\(build.id)", ["Accept": "application/json"])
            let json = try JSON(parsing: answer.body)
            #expect(json["id"] == .string(build.id.text))
            #expect(json["queue"]?["position"] == 1)
        }
    }

    @Test func `P4: a browser sees its own newest build, and nobody else's`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let none = try await server.client.get("/now")
            #expect(none.status == 404)
            #expect(none.text == "This browser has not started a build that is still known.\n")
            let unknown = "00000000000000000000000000"
            let own = try await server.client.get("/now", ["Cookie": "x=1; kiln_builds=\(unknown).\(build.id)"])
            #expect(own.text == "queued place 1\n")
            let list = try await server.client.get("/api/v1/builds?ids=\(build.id),\(unknown)")
            guard case .array(let found) = try JSON(parsing: list.body)["builds"] else {
                Issue.record("no list in \(list.text)")
                return
            }
            #expect(found.count == 1)
        }
    }
}
