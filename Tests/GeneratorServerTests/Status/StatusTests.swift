import Domain
import HTTPTypes
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Status` {
    private static let since = Timestamp(milliseconds: 1_795_254_310_042)

    private static func options(_ asked: NIOLockedValueBox<Int> = .init(0)) -> LiveServer.Options {
        var options = LiveServer.Options()
        options.providerStates = {
            asked.withLockedValue { $0 += 1 }
            return [
                ProviderStatus(name: "github", isUp: false, since: since, atOnce: 10),
                ProviderStatus(name: "local", isUp: true, since: nil, atOnce: 1),
            ]
        }
        return options
    }

    @Test func `everybody sees what is up and how long it takes, and nothing else`() async throws {
        try await LiveServer.with(Self.options()) { server in
            let first = try await server.makeBuild()
            _ = try await server.makeBuild()
            _ = try await server.start(first.id)
            let answer = try await server.client.get("/status", ["Accept": "application/json"])
            #expect(answer.status == 200)
            let json = try JSON(parsing: answer.body)
            guard case .array(let providers) = json["providers"], providers.count == 2 else {
                Issue.record("no providers in \(answer.text)")
                return
            }
            #expect(providers[0]["name"] == "github" && providers[0]["up"] == false)
            #expect(providers[0]["expected_wait_seconds"] == .null, "nobody can start one")
            #expect(providers[0]["since"] == .string(Self.since.description))
            #expect(providers[1]["waiting"] == 1 && providers[1]["under_way"] == 1)
            #expect(providers[1]["expected_wait_seconds"] == .null, "no history")
            let page = try await server.client.get("/status", ["Accept": "text/html"])
            #expect(page.text == "status\ngithub up=false waiting=0\nlocal up=true waiting=1\n")
            for text in [answer.text, page.text] {
                #expect(!text.contains(first.id.text))
            }
        }
    }

    @Test func `the wait is what builds took, for as many as stand before`() async throws {
        try await LiveServer.with(Self.options()) { server in
            let done = try await server.makeBuild()
            let attempt = try await server.start(done.id)
            server.clock.advance(by: .seconds(40))
            try await server.apply(.runSucceeded(of: attempt), to: done.id)
            try await server.apply(.collected([], of: attempt, needsVerification: false), to: done.id)
            func wait() async throws -> JSON? {
                server.clock.advance(by: .seconds(3))
                let json = try JSON(
                    parsing: try await server.client.get("/status", ["Accept": "application/json"]).body)
                guard case .array(let providers) = json["providers"] else { return nil }
                return providers.first { $0["name"] == "local" }?["expected_wait_seconds"]
            }
            #expect(try await wait() == 0)
            for _ in 0..<3 { _ = try await server.makeBuild() }
            #expect(try await wait() == 120)
        }
    }

    @Test func `P6: however many look, the store and the providers are asked now and then`() async throws {
        let asked = NIOLockedValueBox(0)
        try await LiveServer.with(Self.options(asked)) { server in
            for _ in 0..<20 { _ = try await server.client.get("/status") }
            #expect(asked.withLockedValue { $0 } == 1)
            server.clock.advance(by: .seconds(3))
            _ = try await server.client.get("/status")
            #expect(asked.withLockedValue { $0 } == 2)
        }
    }

    @Test func `the metrics say it to machines`() async throws {
        try await LiveServer.with(Self.options()) { server in
            _ = try await server.makeBuild()
            let metrics = try await server.client.get("/metrics").text
            #expect(metrics.contains("kiln_provider_up{provider=\"github\"} 0\n"))
            #expect(metrics.contains("kiln_provider_up{provider=\"local\"} 1\n"))
            #expect(metrics.contains("kiln_builds_waiting{provider=\"local\"} 1\n"))
        }
    }

    @Test func `a server that can build nothing says so`() async throws {
        var options = LiveServer.Options()
        options.recipes = []
        try await LiveServer.with(options) { server in
            let answer = try await server.client.get("/status", ["Accept": "application/json"])
            #expect(try JSON(parsing: answer.body)["providers"] == [])
        }
    }
}

@Suite struct `Webhooks` {
    /// Signed by naming the secret; about the run and the key that the body names.
    private static func options(_ tried: NIOLockedValueBox<[String]> = .init([])) -> LiveServer.Options {
        var options = LiveServer.Options()
        options.webhooks["local"] = InboundWebhook(
            secrets: { ["key-one", "key-two"] }, isSigned: { $0[.authorization] != nil },
            isGenuine: { headers, body, secret in
                tried.withLockedValue { $0.append(secret) }
                return headers[.authorization] == secret
            },
            subject: { _, body in
                let words = String(decoding: body, as: UTF8.self).split(separator: " ").map(String.init)
                return words.first.map { .init(runID: $0) }
            })
        options.webhooks["gitlab"] = InboundWebhook(
            secrets: { [] }, isSigned: { _ in true }, isGenuine: { _, _, _ in true }, subject: { _, _ in nil })
        return options
    }

    private static func isDue(_ server: LiveServer) async throws -> Bool {
        try await server.store.nextActionAt().map { $0 <= server.clock.now() } ?? false
    }

    @Test(arguments: ["run-1"])
    func `a genuine one makes Kiln look at the run that it names`(body: String) async throws {
        try await LiveServer.with(Self.options()) { server in
            let build = try await server.makeBuild()
            _ = try await server.start(build.id)
            let now = server.clock.now()
            for claimed in try await server.store.claimDue(limit: 1, leaseFor: .seconds(30), at: now) {
                try await server.store.settle(
                    .release(claimed.lease, nextActionAt: now + .seconds(3600)), of: build.id, at: now)
            }
            #expect(try await Self.isDue(server) == false)
            let bytes = Array(body.utf8)
            let forged = try await server.client.post("/webhooks/local", ["Authorization": "third"], body: bytes)
            #expect(forged.status == 401)
            #expect(try await Self.isDue(server) == false)
            let answer = try await server.client.post("/webhooks/local", ["Authorization": "key-two"], body: bytes)
            #expect(answer.status == 202 && answer.body.isEmpty)
            #expect(try await Self.isDue(server))
            #expect(try await server.store.build(build.id)?.state.name == .running, "it decides nothing")
        }
    }

    @Test func `every secret is tried, and strangers learn nothing`() async throws {
        let tried = NIOLockedValueBox<[String]>([])
        try await LiveServer.with(Self.options(tried)) { server in
            let unknown = try await server.client.post(
                "/webhooks/local", ["Authorization": "key-one"], body: Array("none nothing-1".utf8))
            #expect(unknown.status == 202)
            #expect(tried.withLockedValue { $0 } == ["key-one", "key-two"])
            let unsigned = try await server.client.post("/webhooks/local", body: [1])
            #expect(unsigned.status == 401)
            let nobody = try await server.client.post("/webhooks/gitlab", body: [1])
            #expect(nobody.status == 401)
            #expect(try await server.client.post("/webhooks/travis", body: [1]).status == 404)
            #expect(tried.withLockedValue { $0.count } == 2, "unsigned bodies are not read")
            #expect(!server.log.lines.contains { $0.contains("key-") })
        }
    }

    @Test func `P6: one that is too large is refused before it is read`() async throws {
        try await LiveServer.with(Self.options()) { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST /webhooks/local HTTP/1.1\r\nHost: a\r\nAuthorization: key-one\r\nContent-Length: 5242881\r\n"
                    + "Connection: close\r\n\r\n")
            #expect(try await connection.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func `P6: what all of them hold is bounded`() {
        let budget = ByteBudget(most: 100)
        #expect(budget.take(60) && !budget.take(41) && budget.take(40))
        budget.giveBack(60)
        #expect(budget.take(60))
    }
}
