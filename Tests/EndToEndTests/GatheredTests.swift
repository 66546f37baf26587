import Domain
import Foundation
import Glibc
import TestSupport
import Testing

/// A recipe that checks and fetches, through the whole of a real server.
@Suite struct GatheredTests {
    private static let settings = ["KILN_NETWORK_ALLOWED": "127.0.0.1/32"]

    private static func host() async throws -> PlayerServer {
        try await PlayerServer { request in
            request.path == "/api/event" ? .json("{}") : .init(404)
        }
    }

    private static func form(_ title: String, _ host: PlayerServer) -> Form {
        Form([("email", "ada@example.org"), ("title", title), ("endpoint", "\(host.url)/api?key=s3cret")])
    }

    @Test func `what lies at an address becomes a part of the build, and a rebuild fetches it anew`() async throws {
        let host = try await Self.host()
        try await KilnServer.running(recipes: [.gathered], Self.settings) { server in
            let id = try await server.submit(Self.form("Unconf", host), to: "gathered")
            let build = try await server.told(id)
            #expect(build.state == "succeeded", "\(build)")
            let text = String(decoding: try await server.download(try #require(build.artifacts.first)), as: UTF8.self)
            #expect(text.contains("documents/event") && !text.contains("documents/rooms"))
            let page = try await server.http.get("/builds/\(id)", ["Accept": "text/html"]).text
            #expect(page.contains("Fetched data"))
            #expect(page.contains("Fetched 1 document"))
            let answer = try await server.http.post("/builds/\(id)/rebuild")
            #expect([202, 303].contains(answer.status))
            _ = try await until("it is fetched again") {
                host.requests.count { $0.path == "/api/event" } == 2 ? true : nil
            }
            #expect(!server.log.contains("s3cret"), "P7")
        }
    }

    @Test func `the check's faults are the form's, and nothing is left of them (P8)`() async throws {
        let host = try await Self.host()
        try await KilnServer.running(recipes: [.gathered], Self.settings) { server in
            let answer = try await server.http.post("/recipes/gathered/builds", Self.form("bad", host))
            #expect(answer.status == 422)
            #expect(answer.text.contains("No event is called so. Name another."))
            #expect(try await server.rows("SELECT id FROM builds").isEmpty)
            #expect(host.requests.isEmpty)
        }
    }

    @Test func `a build survives a crash between keeping what was fetched and saying so (P1, P3)`() async throws {
        let host = try await Self.host()
        let fault = FaultPoint.afterFetchBeforeRecord.rawValue
        try await KilnServer.running(recipes: [.gathered], Self.settings, fault: fault) { server in
            _ = try? await server.http.post("/recipes/gathered/builds", Self.form("Unconf", host))
            #expect(try await server.gone() == 128 + SIGKILL, "it died at the point")
            let ids = try await server.rows("SELECT id FROM builds").map { $0[0] }
            try #require(ids.count == 1, "P1: the build is there")
            #expect(try await server.rows("SELECT id FROM uploads").isEmpty)
            try await server.start()
            #expect(try await server.told(ids[0]).state == "succeeded")
            #expect(try await server.rows("SELECT id FROM uploads").count == 1)
            try await server.expectOneRunAndOneMail(ids[0])
        }
    }

    @Test func `an address inside is refused where the operator allows none`() async throws {
        let host = try await Self.host()
        try await KilnServer.running(recipes: [.gathered]) { server in
            let id = try await server.submit(Self.form("Unconf", host), to: "gathered")
            let build = try await server.told(id)
            #expect(build.failure?.kind == "input")
            #expect(build.failure?.message.contains("not a public one") == true)
            #expect(build.failure?.message.contains("s3cret") == false, "P7")
            #expect(host.requests.isEmpty)
        }
    }
}
