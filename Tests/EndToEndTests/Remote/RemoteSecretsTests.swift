import Foundation
import TestSupport
import Testing

/// P7 at a real Buildbot: what a careless job writes.
@Suite(.enabled(if: BuildbotHost.tools != nil)) struct RemoteSecretsTests {
    @Test func `tokens, capabilities and passwords are shown nowhere (P7)`() async throws {
        let buildbot = try await BuildbotHost.shared
        let settings = BuildbotHost.settings.merging(["KILN_LOG_LEVEL": "trace"]) { $1 }
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], settings) { server in
            var secrets = ["ci-secret"]
            var ids: [String] = []
            for mode in ["secrets", "report", "complain"] {
                let name = "\(mode)-\(UUID().uuidString.prefix(8))"
                let form = RemoteBuildTests.form(name, mode).with("data", file: "notes.txt", Array("notes\n".utf8))
                let id = try await server.submit(form, to: "remote")
                ids.append(id)
                if mode != "complain" {
                    let document = try await RemoteReportTests.document(of: id, at: buildbot)
                    let links = [document.bundle.url] + document.inputs.map(\.url)
                    secrets.append(document.callback.token)
                    secrets += try links.map { try Self.capability(in: $0) }
                }
                try buildbot.letGo(name)
                _ = try await server.told(id)
            }
            #expect(secrets.count == 7 && Set(secrets).count >= 6, "\(secrets.count) secrets are looked for")

            var shown = ["the server's log": server.log]
            for (number, mail) in server.mail.messages.enumerated() { shown["mail \(number)"] = mail.plain }
            var paths = ["/", "/status", "/health-check", "/metrics", "/api/v1/builds"]
            for id in ids {
                paths += ["/builds/\(id)", "/builds/\(id)/log", "/builds/\(id)/events", "/api/v1/builds/\(id)"]
            }
            for path in paths { shown[path] = try await server.http.get(path).text }
            for (place, text) in shown {
                for secret in secrets { #expect(!text.contains(secret), "P7: \(secret.prefix(8))... in \(place)") }
            }
            let log = try await server.http.get("/builds/\(ids[0])/log").text
            #expect(log.contains("the password is "), "the lines themselves are kept: \(log)")

            // At Buildbot stands the address alone, and there under its own name.
            let requests = try await buildbot.http.get("/api/v2/buildrequests?property=*").text
            for id in ids { #expect(!requests.contains(id), "nothing there leads to the build's page") }
            for secret in secrets where secrets.dropFirst().contains(secret) {
                let places = requests.components(separatedBy: secret).count - 1
                #expect(places <= 1, "P7: \(secret.prefix(8))... \(places) times among Buildbot's properties")
            }
        }
    }

    private static func capability(in link: String) throws -> String {
        let parts = try #require(URL(string: link)).pathComponents
        let place = try #require(parts.firstIndex(of: "uploads"))
        return try #require(parts.dropFirst(place + 1).first)
    }
}
