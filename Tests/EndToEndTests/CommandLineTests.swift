import Foundation
import TestSupport
import Testing

/// The program's commands as a script sees them: what they print, what they leave, how they end.
@Suite struct CommandLineTests {
    @Test func `kiln build brings the file home, and its exit code tells how it went`() async throws {
        try await KilnServer.running { server in
            func kiln(_ values: [String], _ more: [String] = []) async throws -> (code: Int32, text: String) {
                let sets = values.flatMap { ["--set", $0] }
                let output = server.folder.path("home")
                return try await run(
                    KilnServer.executable,
                    ["build", "quick", "--server", "http://127.0.0.1:\(server.port)", "--output", output]
                        + sets + more)
            }
            let picture = server.folder.path("w.png")
            try Data(Pictures.png(width: 64, height: 64)).write(to: URL(fileURLWithPath: picture))
            let built = try await kiln(["email=ada@example.org", "name=$(id)"], ["--file", "wallpaper=\(picture)"])
            #expect(built.code == 0, "\(built.text)")
            let text = try String(contentsOfFile: server.folder.path("home") + "/out.txt", encoding: .utf8)
            #expect(text.contains("name: $(id)\n") && text.contains("file wallpaper: "))

            let failed = try await kiln(["email=ada@example.org", "name=Ada", "mode=fail"])
            #expect(failed.code == 1)
            #expect(failed.text.contains("this cannot be baked"), "\(failed.text)")

            let refused = try await kiln(["email=nobody", "name=Ada", "mode=best"])
            #expect(refused.code == 2)
            #expect(refused.text.contains("email: ") && refused.text.contains("mode: "), "all at once: \(refused.text)")
            try await server.crash()
            #expect(try await kiln(["email=ada@example.org", "name=Ada"]).code == 3)
        }
    }

    @Test func `kiln build brings every target home, and tells of each how it ended`() async throws {
        try await KilnServer.running(recipes: [.targets]) { server in
            func kiln(_ machines: [String]) async throws -> (code: Int32, text: String) {
                try await run(
                    KilnServer.executable,
                    [
                        "build", "targets", "--server", "http://127.0.0.1:\(server.port)", "--output",
                        server.folder.path("home"), "--set", "email=ada@example.org",
                    ] + machines.flatMap { ["--set", "machines=\($0)"] })
            }
            let both = try await kiln(["amd64", "i386"])
            #expect(both.code == 0, "\(both.text)")
            for machine in ["amd64", "i386"] {
                let text = try String(
                    contentsOfFile: server.folder.path("home") + "/\(machine)/out.txt", encoding: .utf8)
                #expect(text == "for \(machine)\n")
            }
            let part = try await kiln(["amd64", "abacus"])
            #expect(part.code == 1)
            for words in ["amd64: Built.", "abacus: Failed (build): ", "no beads"] {
                #expect(part.text.contains(words), "\(part.text)")
            }
        }
    }

    @Test func `two servers do not share a data directory`() async throws {
        try await KilnServer.running { server in
            let second = try await run(
                KilnServer.executable, ["serve"],
                environment: [
                    "KILN_SERVER_PORT": "0", "KILN_DATA_DIRECTORY": server.folder.path("data"),
                    "KILN_UPLOADS_DIRECTORY": server.folder.path("uploads"),
                    "KILN_RECIPES_DIRECTORY": server.folder.path("recipes"),
                    "KILN_TEMPLATES_DIRECTORY": "\(KilnServer.root)/templates",
                    "KILN_PUBLIC_DIRECTORY": "\(KilnServer.root)/public",
                ])
            #expect(second.code == 1)
            #expect(second.text.contains("already serving"), "\(second.text)")
            #expect(try await server.http.get("/readyz").status == 200)
        }
    }

    @Test func `everything that is wrong with the configuration is told at once`() async throws {
        let answer = try await run(
            KilnServer.executable, ["serve"],
            environment: ["KILN_SERVER_PORT": "http", "KILN_QUEUE_WORKERS": "0", "KILN_MAIL_SERVICE": "pigeon"])
        #expect(answer.code == 78)
        for word in ["KILN_SERVER_PORT", "KILN_QUEUE_WORKERS", "KILN_MAIL_SERVICE"] {
            #expect(answer.text.contains(word), "\(word): \(answer.text)")
        }
    }

    @Test func `kiln check passes the recipe that the tests use, and names a fault's line`() async throws {
        let folder = try TemporaryDirectory()
        try TestRecipe.quick.write(into: folder.path)
        let good = try await run(KilnServer.executable, ["check", folder.path("quick")])
        #expect(good.code == 0, "\(good.text)")
        let path = folder.path("quick") + "/recipe.yml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "retention:", with: "retenton:").utf8).write(
            to: URL(fileURLWithPath: path))
        let bad = try await run(KilnServer.executable, ["check", folder.path("quick")])
        #expect(bad.code == 1)
        #expect(bad.text.contains("recipe.yml:") && bad.text.contains("did you mean `retention`"), "\(bad.text)")
    }
}
