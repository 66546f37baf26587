import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Submissions` {
    static let ada = [("email", "ada@example.org"), ("name", "Ada")]

    @Test func `P1: a form becomes a build, a redirect to its page and a cookie`() async throws {
        try await LiveServer.with { server in
            let form = TestClient.form(Self.ada)
            let answer = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "text/html"], body: form.body)
            #expect(answer.status == 303)
            let location = try #require(answer["Location"])
            #expect(location.hasPrefix("/builds/"))
            let id = try #require(BuildID(location.dropFirst(8)))
            let cookie = try #require(answer["Set-Cookie"])
            #expect(cookie == "kiln_builds=\(id); Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax")
            let build = try #require(try await server.store.build(id))
            #expect(build.state == .queued(attemptsUsed: 0))
            #expect(build.address == "ada@example.org")
            let page = try await server.client.get(location, ["Accept": "text/html"])
            #expect(page.status == 200)
            #expect(page.text.contains("inputs=Your address: ada@example.org; Name: Ada"))
            let line = try await server.client.get("/now", ["Cookie": "kiln_builds=\(id)"])
            #expect(line.text == "queued place 1\n")
        }
    }

    @Test(arguments: [
        ("/recipes/sample/builds", #"{"email":"ada@example.org","name":"Ada"}"#),
        ("/api/v1/recipes/sample/builds", #"{"email":"ada@example.org","name":"Ada"}"#),
        ("/api/v1/builds", #"{"recipe":"sample","inputs":{"email":"ada@example.org","name":"Ada"}}"#),
    ])
    func `a program gets 202, Location and the build`(path: String, body: String) async throws {
        try await LiveServer.with { server in
            let answer = try await server.client.post(
                path, ["Content-Type": "application/json"], body: Array(body.utf8))
            #expect(answer.status == 202)
            let json = try JSON(parsing: answer.body)
            guard case .string(let id) = json["id"] else {
                Issue.record("no id in \(answer.text)")
                return
            }
            #expect(answer["Location"] == "/api/v1/builds/\(id)")
            #expect(json["state"] == "queued")
            #expect(json["failure"] == .null)
            #expect(json["inputs"]?["name"] == "Ada")
            #expect(try await server.client.get("/api/v1/builds/\(id)").text == answer.text)
        }
    }

    @Test func `P4: no shared cache keeps what is said about a build`() async throws {
        try await LiveServer.with { server in
            let made = try await server.client.post(
                "/api/v1/builds", ["Content-Type": "application/json"],
                body: Array(#"{"recipe":"sample","inputs":{"email":"ada@example.org","name":"Ada"}}"#.utf8))
            guard case .string(let id) = try JSON(parsing: made.body)["id"] else {
                Issue.record("no id in \(made.text)")
                return
            }
            for path in ["/now?build=\(id)", "/api/v1/builds/\(id)", "/api/v1/builds?ids=\(id)"] {
                #expect(try await server.client.get(path)["Cache-Control"] == "private, no-cache")
            }
        }
    }

    @Test func `P8: all faults of a form are named at once, and what was typed is kept`() async throws {
        try await LiveServer.with { server in
            let form = TestClient.form([
                ("email", "nobody"), ("name", String(repeating: "x", count: 30)), ("nmae", "x"),
            ])
            let page = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "text/html"], body: form.body)
            #expect(page.status == 422)
            #expect(page.text.contains("email=nobody\nfault email not_an_address"))
            #expect(page.text.contains("fault name too_long This may have at most 20 characters; it has 30."))
            #expect(page.text.contains("stray nmae unknown_field The form has no such field. Did you mean name?"))
            let problem = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "application/json"], body: form.body)
            #expect(problem.status == 422)
            #expect(problem["Content-Type"] == "application/problem+json")
            let json = try JSON(parsing: problem.body)
            #expect(json["code"] == "invalid_fields")
            guard case .array(let errors) = json["errors"] else {
                Issue.record("no errors in \(problem.text)")
                return
            }
            #expect(errors.map { $0["field"] } == ["email", "name", "nmae"])
            #expect(try await server.store.counts() == [:])
        }
    }

    @Test func `pressing the button twice is one build, changing the form makes another`() async throws {
        try await LiveServer.with { server in
            let page = try await server.client.get("/recipes/sample")
            let action = try #require(page.text.split(separator: "\n").first { $0.hasPrefix("action=") })
            let path = String(action.dropFirst("action=".count))
            let form = TestClient.form(Self.ada)
            let first = try await server.client.post(path, ["Content-Type": form.type], body: form.body)
            let second = try await server.client.post(path, ["Content-Type": form.type], body: form.body)
            #expect(first.status == 303)
            #expect(first["Location"] == second["Location"])
            let changed = TestClient.form([("email", "ada@example.org"), ("name", "Grace")])
            let third = try await server.client.post(path, ["Content-Type": changed.type], body: changed.body)
            #expect(third.status == 303)
            #expect(third["Location"] != first["Location"])
            #expect(try await server.store.counts() == [.queued: 2])
        }
    }

    @Test func `a program's key with another request is refused`() async throws {
        try await LiveServer.with { server in
            func send(_ name: String) async throws -> TestClient.Answer {
                try await server.client.post(
                    "/api/v1/recipes/sample/builds",
                    ["Content-Type": "application/json", "Idempotency-Key": "abc"],
                    body: Array(#"{"email":"ada@example.org","name":"\#(name)"}"#.utf8))
            }
            let first = try await send("Ada")
            let again = try await send("Ada")
            #expect(first.status == 202)
            #expect(first["Location"] == again["Location"])
            let other = try await send("Grace")
            #expect(other.status == 422)
            #expect(try JSON(parsing: other.body)["code"] == "idempotency_key_reused")
        }
    }

    @Test(arguments: [
        ("application/x-www-form-urlencoded", "email=a%40b.c&name=x", 415, "unsupported_body"),
        ("multipart/form-data", "--x\r\n", 400, "malformed_form"),
        ("multipart/form-data; boundary=x", "no boundary here", 400, "malformed_form"),
        (
            "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb", 400,
            "malformed_form"
        ),
        ("application/json", "{", 400, "malformed_json"),
    ])
    func `P8: a body that cannot be read gets 400 or 415 and what to do`(
        type: String, body: String, status: Int, code: String
    ) async throws {
        try await LiveServer.with { server in
            let answer = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": type], body: Array(body.utf8))
            #expect(answer.status == status)
            let json = try JSON(parsing: answer.body)
            #expect(json["code"] == .string(code))
            #expect(json["mend"] != .null)
        }
    }

    @Test func `unknown recipes are 404`() async throws {
        try await LiveServer.with { server in
            let form = TestClient.form(Self.ada)
            let answer = try await server.client.post(
                "/recipes/nothing/builds", ["Content-Type": form.type], body: form.body)
            #expect(answer.status == 404)
        }
    }

    @Test func `P6: over its limits the service says so, with Retry-After and the form kept`() async throws {
        var options = LiveServer.Options()
        options.accept = AcceptLimits(waiting: 1, perSourcePerHour: nil, perAddressPerHour: nil)
        try await LiveServer.with(options) { server in
            let form = TestClient.form(Self.ada)
            let headers: KeyValuePairs = ["Content-Type": form.type, "Accept": "application/json"]
            #expect(try await server.client.post("/recipes/sample/builds", headers, body: form.body).status == 202)
            let full = try await server.client.post("/recipes/sample/builds", headers, body: form.body)
            #expect(full.status == 503)
            #expect(full["Retry-After"] == "60")
        }
        options.accept = AcceptLimits(waiting: nil, perSourcePerHour: 1, perAddressPerHour: nil)
        try await LiveServer.with(options) { server in
            let form = TestClient.form(Self.ada)
            let headers: KeyValuePairs = ["Content-Type": form.type, "Accept": "text/html"]
            #expect(try await server.client.post("/recipes/sample/builds", headers, body: form.body).status == 303)
            let many = try await server.client.post("/recipes/sample/builds", headers, body: form.body)
            #expect(many.status == 429)
            #expect(many["Retry-After"] != nil)
            #expect(many.text.contains("notice=") && many.text.contains("name=Ada"))
        }
    }
}
