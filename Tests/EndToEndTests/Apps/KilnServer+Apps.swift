import Foundation
import TestSupport
import Testing

/// Kiln with the recipe that makes apps, and nothing else.
extension KilnServer {
    /// What `kiln prepare` left, once for all tests.
    private static let prepared = Task {
        let data = "\(root)/.build/e2e-prepared-app"
        let environment = ["KILN_DATA_DIRECTORY": data, "KILN_RECIPES_DIRECTORY": "\(root)/recipes"]
        let answer = try await run(executable, "prepare", "event-app", environment: environment, within: .seconds(300))
        try #require(answer.code == 0, "kiln prepare: \(answer.text)")
        return data
    }

    /// - Parameters:
    ///   - change: of the recipe's text, for a test that builds elsewhere.
    ///   - settings: more variables of the configuration.
    static func withApps<Value>(
        _ settings: [String: String] = [:], change: (String) -> String = { $0 },
        _ body: (KilnServer) async throws -> Value
    ) async throws -> Value {
        let data = try await prepared.value
        // The tests' events are served on loopback.
        let server = try KilnServer(
            recipes: [],
            ["KILN_NETWORK_ALLOWED": "127.0.0.0/8"].merging(settings) { _, new in new })
        let copied = try await run(
            "sh", "-c",
            """
            mkdir -p "$FOLDER/data" && cp -a "$DATA/prepared" "$FOLDER/data/" && cp -a "$ROOT/recipes/event-app" "$FOLDER/recipes/"
            """, environment: ["FOLDER": server.folder.path, "DATA": data, "ROOT": root])
        try #require(copied.code == 0, "\(copied.text)")
        let recipe = URL(filePath: server.folder.path("recipes/event-app/recipe.yml"))
        let text = try String(contentsOf: recipe, encoding: .utf8)
        try Data(change(text).utf8).write(to: recipe)
        do {
            try await server.start()
            let value = try await body(server)
            await server.end()
            return value
        } catch {
            await server.end()
            let told = server.log.split(separator: "\n").filter { !$0.contains(" INFO request ") }
            Issue.record("the server's log ends with:\n\(told.suffix(60).joined(separator: "\n"))")
            throw error
        }
    }

    /// Submits and waits for the end, which has to be a good one; the app, downloaded.
    func app(_ form: Form, within limit: Duration = .seconds(120)) async throws -> App {
        let build = try await told(submit(form, to: "event-app"), within: limit)
        try #require(build.state == "succeeded", "\(build)")
        return try await app(of: build)
    }

    /// The app of a build that has ended well.
    func app(of build: RemoteBuild) async throws -> App {
        let artifact = try #require(build.artifacts.first { $0.name.hasSuffix(".apk") }, "\(build)")
        let path = folder.path("\(build.id).apk")
        try Data(try await download(artifact)).write(to: URL(filePath: path))
        return App(build: build, artifact: artifact, path: path)
    }

    /// Waits until neither an upload nor a run's folder is left.
    func expectNothingKept() async throws {
        #expect(try await rows("SELECT count(*) FROM builds") == [["0"]])
        #expect(files(in: folder.path("uploads")) == [])
        #expect(files(in: folder.path("data") + "/runs") == [])
    }

    private func files(in folder: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        return names.filter { name in
            let kind =
                try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.type] as? FileAttributeType
            return kind == .typeRegular
        }
    }
}
