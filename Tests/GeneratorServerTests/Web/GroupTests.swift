import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// A submission of several targets: one page, one line, one stream.
@Suite struct `Groups` {
    static func recipe() -> Recipe {
        var recipe = Recipe.sample()
        let name = FieldName(unchecked: "architecture")
        let choices = [Choice(value: "amd64", label: "64-bit PC"), Choice(value: "i386", label: "32-bit PC")]
        recipe.fields.append(Field(name: name, label: "Architecture", kind: .multichoice(choices, default: [])))
        recipe.build.targets = name
        return recipe
    }

    static var options: LiveServer.Options {
        var options = LiveServer.Options()
        options.recipes = [recipe()]
        return options
    }

    /// The lead and the other build of one submission.
    static func submit(_ server: LiveServer) async throws -> (lead: BuildID, other: BuildID) {
        let form = TestClient.form(
            `Submissions`.ada + [("architecture", "amd64"), ("architecture", "i386")], files: [])
        let answer = try await server.client.post(
            "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "application/json"], body: form.body)
        let json = try JSON(parsing: answer.body)
        guard answer.status == 202, case .string(let id) = json["id"] else { throw Unaccepted(answer: answer.text) }
        let group = try await server.store.group(of: BuildID(unchecked: id))
        return (try #require(group.first).id, try #require(group.last).id)
    }

    struct Unaccepted: Error { var answer: String }

    static func now(_ server: LiveServer, _ id: BuildID) async throws -> String {
        try await server.client.get("/now?build=\(id)").text
    }

    @Test func `the lead's page tells of all, and a member's leads back to it`() async throws {
        try await LiveServer.with(Self.options) { server in
            let (lead, other) = try await Self.submit(server)
            let page = try await server.client.get("/builds/\(lead)", ["Accept": "text/html"]).text
            #expect(page.contains("target=64-bit PC lead= live=true"))
            #expect(page.contains("targets=64-bit PC queued /builds/\(lead); 32-bit PC queued /builds/\(other)"))
            let member = try await server.client.get("/builds/\(other)", ["Accept": "text/html"]).text
            #expect(member.contains("target=32-bit PC lead=/builds/\(lead) live=true\ntargets=\n"))
        }
    }

    @Test func `the line and the page say how many of how many have ended, to the last`() async throws {
        try await LiveServer.with(Self.options) { server in
            let (lead, other) = try await Self.submit(server)
            #expect(try await Self.now(server, lead) == "queued 0 of 2 ended\n")
            _ = try await server.finish(lead, product: [1, 2, 3])
            #expect(try await Self.now(server, lead) == "queued 50% 1 of 2 ended\n")
            let attempt = try await server.start(other)
            try await server.apply(.phaseChanged(Phase(label: "Packing", percent: 40), of: attempt), to: other)
            #expect(try await Self.now(server, lead) == "running 70% 1 of 2 ended\n")
            #expect(try await Self.now(server, other) == "running 40% Packing\n")
            let page = try await server.client.get("/builds/\(lead)", ["Accept": "text/html"]).text
            #expect(page.contains("1 of 2 has ended") && page.contains("live=true"))
            try await server.apply(.ended(Failure(kind: .build, message: "It broke."), of: attempt), to: other)
            #expect(try await Self.now(server, lead) == "succeeded 100% 2 of 2 ended, 1 failed\n")
            let last = try await server.client.get("/builds/\(lead)", ["Accept": "text/html"]).text
            #expect(last.contains("1 of 2 is ready") && last.contains("live=false"))
            let member = try JSON(parsing: try await server.client.get("/api/v1/builds/\(other)").body)
            guard case .array(let mails) = member["deliveries"] else { throw Unaccepted(answer: "no deliveries") }
            #expect(mails.map { $0["to"] } == [.string("ada@example.org")], "the mail of all")
        }
    }

    @Test func `as JSON the lead lists its targets, and a member names the lead`() async throws {
        try await LiveServer.with(Self.options) { server in
            let (lead, other) = try await Self.submit(server)
            _ = try await server.start(other)
            let json = try JSON(parsing: try await server.client.get("/api/v1/builds/\(lead)").body)
            #expect(json["state"] == .string("queued") && json["target"] == .string("amd64"))
            guard case .array(let targets) = json["targets"] else {
                Issue.record("no targets")
                return
            }
            #expect(targets.map { $0["id"] } == [.string(lead.text), .string(other.text)])
            #expect(targets.map { $0["target"] } == [.string("amd64"), .string("i386")])
            #expect(targets.map { $0["state"] } == [.string("queued"), .string("running")])
            #expect(targets[1]["phase"]?["label"] == .string("Building"))
            #expect(targets[1]["url"] == .string("http://127.0.0.1:\(server.port)/builds/\(other)"))
            #expect(json["links"]?["group"] == .null)
            let member = try JSON(parsing: try await server.client.get("/api/v1/builds/\(other)").body)
            #expect(member["target"] == .string("i386") && member["targets"] == .null)
            #expect(member["links"]?["group"] == .string("http://127.0.0.1:\(server.port)/api/v1/builds/\(lead)"))
        }
    }

    @Test func `the lead's stream tells of every member and ends with the last`() async throws {
        try await LiveServer.with(Self.options) { server in
            let (lead, other) = try await Self.submit(server)
            let connection = try RawConnection(port: server.port)
            try await connection.send("GET /builds/\(lead)/events HTTP/1.1\r\nHost: kiln.example\r\n\r\n")
            _ = try await connection.receive { $0.contains("event: state") && $0.contains("id: 2:0") }
            _ = try await server.finish(lead, product: [1, 2, 3])
            let ready = try await connection.receive { $0.contains(#""state":"succeeded""#) }
            #expect(!ready.contains("event: end"), "one is still under way")
            let attempt = try await server.start(other)
            _ = try await connection.receive { $0.contains(#""state":"running""#) }
            server.clock.advance(by: .seconds(60))
            try await server.apply(.ended(Failure(kind: .build, message: "It broke."), of: attempt), to: other)
            server.clock.advance(by: .seconds(60))
            try await server.appendLog("x\n", to: lead)
            let end = try await connection.receive { $0.contains("event: end") }
            #expect(end.contains(#""state":"failed""#))
        }
    }

    @Test func `what is told of all is not told again, and a member's end is told to whom it is new`() async throws {
        try await LiveServer.with(Self.options) { server in
            let (lead, other) = try await Self.submit(server)
            _ = try await server.finish(lead, product: [1, 2, 3])
            let page = try await server.client.get("/builds/\(lead)", ["Accept": "text/html"]).text
            let after = try #require(page.split(separator: "\n").first { $0.hasPrefix("after=") }).dropFirst(6)
            try await server.apply(.cancelled, to: other)
            server.clock.advance(by: .seconds(60))
            let events = try await server.client.get("/builds/\(lead)/events?after=\(after)")
            #expect(events.status == 200 && events.text.contains("event: state"))
            let told = try await server.client.get("/builds/\(lead)", ["Accept": "text/html"]).text
            let all = try #require(told.split(separator: "\n").first { $0.hasPrefix("after=") }).dropFirst(6)
            #expect(try await server.client.get("/builds/\(lead)/events?after=\(all)").status == 204)
        }
    }

    @Test func `cancelling the lead cancels all, also when it has ended itself`() async throws {
        try await LiveServer.with(Self.options) { server in
            let (lead, other) = try await Self.submit(server)
            _ = try await server.finish(lead, product: [1, 2, 3])
            let json = try JSON(parsing: try await server.client.get("/api/v1/builds/\(lead)").body)
            #expect(json["links"]?["cancel"] != .null && json["links"]?["rebuild"] == .null)
            let answer = try await server.client.post("/api/v1/builds/\(lead)/cancel", [:], body: [])
            #expect(answer.status == 200)
            #expect(try await server.store.build(other)?.state == .cancelled)
            #expect(try await server.store.build(lead)?.state == .succeeded)
            #expect(try await Self.now(server, lead) == "succeeded 100% 2 of 2 ended\n")
        }
    }
}
