import Foundation
import TestSupport
import Testing

/// An app of an event's API address: fetched through the guard, bounded, kept with the build, checked like a zip.
@Suite struct AppEndpointTests {
    private func end(_ server: KilnServer, _ endpoint: String) async throws -> RemoteBuild {
        let answer = try await server.http.post(
            "/recipes/event-app/builds", EventData.form(nil, [("endpoint", endpoint)]), patience: 60)
        try #require(answer.status == 202, "\(answer.text)")
        let id = try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
        return try await server.told(id, within: .seconds(240))
    }

    @Test func `an address makes an app with all that the API has, pictures too`() async throws {
        let api = try await EventAPI("small")
        try await KilnServer.withApps { server in
            let app = try await server.app(of: try await end(server, api.url))
            let facts = try await app.facts()
            #expect(facts.label == "Tiny Days")
            #expect(facts.entries.keys.count { $0.hasPrefix("assets/site/sessions/") } == 3)
            #expect(facts.entries.keys.contains { $0.hasPrefix("assets/site/pictures/") }, "the speaker's photo")

            // With a slash at its end it is the same address, and the key is that of the event.
            let again = try await server.app(of: try await end(server, api.url + "/"))
            #expect(try await again.facts().certificate == facts.certificate)
            let text = try await server.http.get("/builds/\(app.build.id)").text
            #expect(text.contains("127.0.0.1"), "the page says where the data came from")
        }
    }

    @Test(arguments: [
        ("/sessions=hang", ["sessions"]), ("/event=status 404", ["event", "404"]),
        ("/event=redirect http://169.254.169.254/latest", ["/event", "not a public one"]),
        ("/speakers=redirect http://10.0.0.1/speakers", ["/speakers", "not a public one"]),
        ("/sessions=announced", ["sessions"]), ("/tracks=endless", ["tracks"]), ("/event=html", ["event"]),
        ("/speakers=cut", ["speakers"]),
    ]) func `an address that misbehaves ends as input, named, and nothing is left (P6, P8)`(
        fault: String, words: [String]
    ) async throws {
        let api = try await EventAPI("small", faults: [fault])
        // A shorter time than that of the recipe, for the test's sake.
        let hasty = { (text: String) in text.replacing(/(?m)^(fetch:(?:\n  .*)*?\n  time:) \S+/) { "\($0.1) 6s" } }
        try await KilnServer.withApps(change: hasty) { server in
            let build = try await end(server, api.url)
            #expect(build.state == "failed" && build.failure?.kind == "input", "\(fault): \(build)")
            let message = build.failure?.message ?? ""
            for word in words { #expect(message.contains(word), "\(fault): \(message)") }
            #expect(server.mail.messages(about: build.id).count == 1, "P2")
            #expect(build.artifacts.isEmpty)
            let peak = try server.peakMemory()
            #expect(peak < 200 << 20, "P6: \(peak)")
        }
    }

    @Test(arguments: ["http://169.254.169.254/api", "http://[::1]:8080/", "ftp://example.org/", "http://10.1.2.3/v1"])
    func `an address that leads inside is refused or fails as input, named`(address: String) async throws {
        try await KilnServer.withApps(["KILN_NETWORK_ALLOWED": "192.0.2.0/24"]) { server in
            let answer = try await server.http.post(
                "/recipes/event-app/builds", EventData.form(nil, [("endpoint", address)]), patience: 60)
            guard answer.status == 202 else {
                #expect(answer.status == 422 && answer.faults["endpoint"] != nil, "\(answer.text)")
                return
            }
            let id = try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
            let build = try await server.told(id)
            #expect(build.failure?.kind == "input", "\(build)")
            let host = try #require(URL(string: address)?.host())
            #expect(build.failure?.message.contains(host) == true, "\(build)")
        }
    }
}
