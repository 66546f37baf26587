import Foundation
import TestSupport
import Testing

/// The job file that ships, its steps done for real: the app is the one that is made here, but for signature and version.
@Suite struct AppAtCITests {
    private static let jobFile = "\(KilnServer.root)/recipes/event-app/ci/github.yml"

    /// The recipe with a CI instead of this machine.
    private static func elsewhere(_ url: String, _ recipe: String) -> String {
        recipe.replacing(
            /(?m)^build:\n(  provider: .*\n)?/,
            with: """
                build:
                  provider: github
                  github: {url: "\(url)/api/v3", repository: ada/apps, workflow: github.yml, token: ACTIONS}

                """)
    }

    @Test func `a CI makes the same app, which Kiln signs (P3, P5, P7)`() async throws {
        let repository = try TemporaryDirectory()
        let copied = try await run(
            "sh", "-c", "mkdir -p \"$TO/recipes\" && cp -a \"$FROM\" \"$TO/recipes/\"",
            environment: ["TO": repository.path("."), "FROM": "\(KilnServer.root)/recipes/event-app"])
        try #require(copied.code == 0, "\(copied.text)")
        let actions = try await ActionsHost(
            Self.jobFile, repository: repository.path("."), leaving: ["Install what the scripts call"])

        // A name that a careless job file would run.
        let zip = try await EventData.zip("name:$(touch pwned) `id` \"; exit 1 #")
        let values = [("color", "#8b1e3f"), ("kind", "debug")]
        let local = try await KilnServer.withApps { server in
            let app = try await server.app(EventData.form(zip, values))
            let kept = repository.path("local.apk")
            try FileManager.default.copyItem(atPath: app.path, toPath: kept)
            return App(build: app.build, artifact: app.artifact, path: kept)
        }
        try await KilnServer.withApps(
            ActionsHost.settings, change: { Self.elsewhere(actions.url, $0) }
        ) { server in
            let app = try await server.app(EventData.form(zip, values), within: .seconds(240))
            #expect(app.build.run?.provider == "github", "\(app.build)")
            let differences = try await local.differences(from: app)
            #expect(differences == "")
            let (here, there) = (try await local.facts(), try await app.facts())
            #expect(here.package == there.package && here.label == there.label)
            #expect(there.schemes == [1, 2, 3], "signed by Kiln")
            #expect(there.version_code > 0)
            #expect(there.version_name.prefix(11) == here.version_name.prefix(11), "the day: \(there.version_name)")
            #expect(try await server.rows("SELECT count(*) FROM runs") == [["1"]], "P3")

            let log = try await server.http.get("/builds/\(app.build.id)/log").text
            #expect(log.contains("==> 100"), "the script's own log: \(log)")
            #expect(!log.contains("/uploads/"), "P7: the run's address is in no log")
            let page = try await server.http.get("/builds/\(app.build.id)").text
            #expect(page.contains("screen.png"), "verified here")
        }
    }
}
