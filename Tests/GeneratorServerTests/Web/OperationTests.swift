import Domain
import Intake
import Mailer
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Operation` {
    @Test func `the health check names every checker, and is 503 when one fails`() async throws {
        let isWell = NIOLockedValueBox(true)
        let runs = NIOLockedValueBox(0)
        var options = LiveServer.Options()
        options.health = [
            HealthCheck(name: "database") {
                runs.withLockedValue { $0 += 1 }
                return .init(passed: true, output: "answers")
            },
            HealthCheck(name: "sandbox") {
                let passed = isWell.withLockedValue { $0 }
                return .init(passed: passed, output: passed ? "works" : "refused by the kernel")
            },
        ]
        try await LiveServer.with(options) { server in
            for _ in 0..<5 {
                let answer = try await server.client.get("/health-check")
                #expect(answer.status == 200)
                let json = try JSON(parsing: answer.body)
                #expect(json["status"] == "success")
                guard case .array(let results) = json["results"], results.count == 2 else {
                    Issue.record("no results in \(answer.text)")
                    return
                }
                #expect(results[0]["checker"] == "database" && results[0]["passed"] == true)
                #expect(results[0]["timestamp"] != nil && results[0]["expires"] != nil)
            }
            #expect(runs.withLockedValue { $0 } == 1)
            isWell.withLockedValue { $0 = false }
            server.clock.advance(by: .seconds(6))
            let failed = try await server.client.get("/health-check")
            #expect(failed.status == 503)
            #expect(failed.text.contains("refused by the kernel") && failed.text.contains(#""status":"failure""#))
        }
    }

    @Test func `the metrics are Prometheus text, by route and without ids`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            _ = try await server.client.get("/builds/\(build.id)")
            let answer = try await server.client.get("/metrics")
            #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.contains("kiln_builds{state=\"queued\"} 1\n"))
            let route = #"kiln_http_requests_total{method="GET",route="/builds/{id}",status="200"} 1"#
            #expect(answer.text.contains(route))
            #expect(!answer.text.contains(build.id.text))
            for line in answer.text.split(separator: "\n") where !line.hasPrefix("#") {
                #expect(line.wholeMatch(of: /[a-z_]+(\{.*\})? [0-9.e+-]+/) != nil, "\(line)")
            }
        }
    }

    @Test func `the metrics tell of the outbox and of each way out`() async throws {
        var options = LiveServer.Options()
        options.mailLines = {
            let since = Timestamp(milliseconds: 0)
            return [
                MailLineStatus(
                    name: "smtp://mail.example.org:587", isUp: false, since: since, fault: "away", retryAt: since,
                    answeredAt: nil, counts: [.notNow: 3]),
                MailLineStatus(
                    name: "sendgrid", isUp: true, since: since, fault: nil, retryAt: nil, answeredAt: since,
                    counts: [.accepted: 7]),
            ]
        }
        try await LiveServer.with(options) { server in
            let text = try await server.client.get("/metrics").text
            #expect(text.contains(#"kiln_mail_transport_up{transport="smtp://mail.example.org:587"} 0"#))
            #expect(text.contains(#"kiln_mail_transport_up{transport="sendgrid"} 1"#))
            #expect(text.contains(#"kiln_mails_total{transport="sendgrid",outcome="accepted"} 7"#))
            #expect(text.contains(#"kiln_mails_total{transport="smtp://mail.example.org:587",outcome="notNow"} 3"#))
            #expect(text.contains("kiln_outbox_waiting 0\n") && text.contains("kiln_mail_bounced 0\n"))
            #expect(text.contains("kiln_outbox_oldest_seconds 0\n"))
        }
    }

    @Test func `files of public are kept for good under their version, and nothing else is there`() async throws {
        let style = PublicFile(contentType: "text/css; charset=utf-8", bytes: Array("body{}".utf8))
        var options = LiveServer.Options()
        options.publicFiles = PublicFiles(files: ["style.css": style, "icons/a.svg": style])
        try await LiveServer.with(options) { server in
            let url = AssetIndex(digests: ["style.css": style.digest])["style.css"]
            let kept = try await server.client.get(url)
            #expect(kept.text == "body{}" && kept["Content-Type"] == "text/css; charset=utf-8")
            #expect(kept["Cache-Control"] == "public, max-age=31536000, immutable")
            let plain = try await server.client.get("/public/style.css")
            #expect(plain["Cache-Control"] == "public, max-age=0, must-revalidate")
            let tag = try #require(plain["ETag"])
            #expect(try await server.client.get("/public/style.css", ["If-None-Match": tag]).status == 304)
            #expect(try await server.client.get("/public/icons/a.svg").status == 200)
            for path in ["/public/../kiln.db", "/public/%2e%2e/kiln.db", "/public//etc/passwd", "/public/none.css"] {
                #expect(try await server.client.get(path).status == 404, "\(path)")
            }
            #expect(try await server.client.get("/robots.txt").text.contains("Disallow: /builds/"))
        }
    }
}

@Suite struct `Controls` {
    @Test func `the requester cancels`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let answer = try await server.client.post("/builds/\(build.id)/cancel")
            #expect(answer.status == 303 && answer["Location"] == "/builds/\(build.id)")
            #expect(try await server.store.build(build.id)?.state == .cancelled)
            let again = try await server.client.post("/api/v1/builds/\(build.id)/cancel")
            #expect(again.status == 200)
            #expect(try JSON(parsing: again.body)["state"] == "cancelled")
        }
    }

    @Test func `P4: building again copies the files, so that each build has its own`() async throws {
        var recipe = Recipe.sample()
        let file = FieldName(unchecked: "file")
        recipe.fields.append(
            Field(name: file, label: "File", kind: .file(FileRule(accept: ["text/plain"], maxBytes: 1000))))
        var options = LiveServer.Options()
        options.recipes = [recipe]
        try await LiveServer.with(options) { server in
            let form = TestClient.form(`Submissions`.ada, files: [("file", "a.txt", Array("text\n".utf8))])
            let first = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type], body: form.body)
            let path = try #require(first["Location"])
            let early = try await server.client.post(path + "/rebuild")
            #expect(early.status == 409)
            let id = BuildID(unchecked: String(path.dropFirst(8)))
            try await server.apply(.cancelled, to: id)
            let second = try await server.client.post(path + "/rebuild")
            #expect(second.status == 303 && second["Location"] != path)
            let new = BuildID(unchecked: String(try #require(second["Location"]).dropFirst(8)))
            let old = try #require(try await server.store.build(id)?.inputs.uploads.first)
            let copy = try #require(try await server.store.build(new)?.inputs.uploads.first)
            #expect(old.id != copy.id && old.sha256 == copy.sha256)
            await server.uploads.remove([old.id])
            #expect(try await server.uploads.open(copy.id).read(from: 0, count: 10) == Array("text\n".utf8))
            let gone = try await server.client.post(path + "/rebuild")
            #expect(gone.status == 410)
        }
    }

    @Test func `a build of a recipe that has changed is not repeated blindly`() async throws {
        try await LiveServer.with { server in
            var old = Recipe.sample()
            old.digest = String(repeating: "1", count: 64)
            let build = try await server.makeBuild(recipe: old)
            try await server.apply(.cancelled, to: build.id)
            let answer = try await server.client.post("/builds/\(build.id)/rebuild")
            #expect(answer.status == 409)
            #expect(try JSON(parsing: answer.body)["code"] == "recipe_changed")
            let json = try JSON(parsing: try await server.client.get("/api/v1/builds/\(build.id)").body)
            #expect(json["links"]?["rebuild"] == .null)
        }
    }
}

@Suite struct `API` {
    @Test func `recipes say what can be asked for`() async throws {
        try await LiveServer.with { server in
            let list = try JSON(parsing: try await server.client.get("/api/v1/recipes").body)
            guard case .array(let recipes) = list["recipes"] else {
                Issue.record("no recipes")
                return
            }
            #expect(recipes.map { $0["id"] } == ["sample"])
            let one = try JSON(parsing: try await server.client.get("/api/v1/recipes/sample").body)
            #expect(one["form"]?["properties"]?["name"] != nil)
            let answer = try await server.client.get("/api/v1/recipes/none", ["Accept": "text/html"])
            #expect(answer.status == 404 && answer["Content-Type"] == "application/problem+json")
        }
    }

    @Test func `every path of the description is there`() async throws {
        try await LiveServer.with { server in
            let json = try JSON(parsing: try await server.client.get("/api/v1/openapi.json").body)
            guard case .object(let paths) = json["paths"] else {
                Issue.record("no paths")
                return
            }
            #expect(paths.count >= 8)
            for path in paths {
                let concrete = path.name.replacing("{id}", with: "00000000000000000000000000")
                #expect(try await server.client.send("OPTIONS", concrete).status == 204, "\(path.name)")
            }
        }
    }

    @Test func `a build has every member, absent ones as null`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let json = try JSON(parsing: try await server.client.get("/api/v1/builds/\(build.id)").body)
            guard case .object(let members) = json else {
                Issue.record("no object")
                return
            }
            #expect(
                Set(members.map(\.name)) == [
                    "id", "recipe", "state", "phase", "queue", "created_at", "started_at", "finished_at", "inputs",
                    "artifacts", "failure", "deliveries", "run", "target", "targets", "links", "language", "confirm_by",
                    "number",
                ])
            #expect(json["started_at"] == .null && json["run"] == .null && json["phase"] == .null)
            #expect(json["target"] == .null && json["targets"] == .null && json["confirm_by"] == .null)
            #expect(json["language"] == "en")
            #expect(json["created_at"] == .string(build.createdAt.description))
        }
    }
}
