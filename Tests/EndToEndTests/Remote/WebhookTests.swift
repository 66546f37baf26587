import Foundation
import Glibc
import TestSupport
import Testing

/// The service of an operator's own, as docs/providers/webhook.md shows it: its receiver and its job are taken from there.
@Suite struct WebhookTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    /// The receiver in a folder of its own, ended with its owner.
    private final class Receiver: Sendable {
        let folder = try? TemporaryDirectory()
        let port: Int
        private let child: Child

        init() throws {
            let folder = try #require(folder)
            port = try KilnServer.freePort()
            let guide = try String(contentsOfFile: "\(KilnServer.root)/docs/providers/webhook.md", encoding: .utf8)
            let receiver = try Self.block("python", of: guide).replacingOccurrences(of: "8090", with: "\(port)")
            let image = """
                #!/bin/sh
                echo "$KILN_ATTEMPT" >> "${0%/*}/starts"
                [ "$2" != hold ] || sleep 60
                [ "$2" != bad ] || { echo "error: no clay of the kind '$2'"; exit 1; }
                echo "baked $2" > "$4"
                """
            let job = try Self.block("sh", of: guide).replacingOccurrences(
                of: "--theme \"$theme\"", with: "--theme \"$theme\" --output image.iso")
            for (name, text) in ["receiver": receiver, "build": job, "make-image": image] {
                try text.write(toFile: folder.path(name + ".text"), atomically: true, encoding: .utf8)
            }
            // Copied by a program of one thread: what this process writes may stay open in another test's child, and a
            // file that is open for writing cannot be started.
            let start = """
                cd '\(folder.path)'
                for name in receiver build make-image; do cp $name.text $name && chmod 755 $name; done
                exec python3 receiver
                """
            let path = "\(KilnServer.root)/scripts:\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
            child = try Child(
                ["sh", "-euc", start],
                environment: ["PATH": path, "BUILDER_SECRET": WebhookTests.secret, "TMPDIR": folder.path],
                output: folder.path("words"))
        }

        deinit { kill(-child.id, SIGKILL) }

        var starts: Int {
            guard let data = folder.flatMap({ FileManager.default.contents(atPath: $0.path("starts")) }) else {
                return 0
            }
            return String(decoding: data, as: UTF8.self).split(separator: "\n").count
        }

        private static func block(_ language: String, of guide: String) throws -> String {
            let parts = guide.components(separatedBy: "```\(language)\n")
            let last = try #require(parts.count > 1 ? parts.last : nil)
            return try #require(last.components(separatedBy: "\n```").first)
        }
    }

    private static func recipe(port: Int) -> TestRecipe {
        TestRecipe(
            id: "hook",
            files: [
                "recipe.yml": """
                id: hook
                title: Hook
                summary: An image that a service of one's own makes.
                fields:
                  - {name: email, type: email, label: Your address, required: true, private: true}
                  - {name: theme, type: text, label: Theme, required: true}
                build:
                  provider: webhook
                  webhook: {url: "http://127.0.0.1:\(port)/kiln", secret: BUILDER}
                  parameters:
                    - {name: theme, value: "{{theme}}"}
                watch: {interval: 1s}
                artifacts:
                  - {match: image.iso, max_bytes: 1 MiB}
                retention: 1h
                """
            ])
    }

    private func running(_ body: (KilnServer, Receiver) async throws -> Void) async throws {
        let receiver = try Receiver()
        _ = try await until("the receiver listens") { try? await HTTP(port: receiver.port).get("/") }
        try await KilnServer.running(
            recipes: [Self.recipe(port: receiver.port)], ["KILN_SECRET_BUILDER": Self.secret]
        ) { try await body($0, receiver) }
    }

    private func submit(_ theme: String, to server: KilnServer) async throws -> String {
        try await server.submit(Form([("email", "ada@example.org"), ("theme", theme)]), to: "hook")
    }

    @Test func `the guide's receiver builds, and its job delivers (P2, P3, P5)`() async throws {
        try await running { server, receiver in
            let theme = "dark'; touch broken; '$(touch broken)"
            let build = try await server.told(submit(theme, to: server))
            let log = try await server.http.get("/builds/\(build.id)/log").text
            #expect(build.state == "succeeded" && build.run?.provider == "webhook", "\(build) \(log)")
            let bytes = try await server.download(#require(build.artifacts.first))
            #expect(String(decoding: bytes, as: UTF8.self) == "baked \(theme)\n")
            let broken = receiver.folder?.path("broken") ?? ""
            #expect(!FileManager.default.fileExists(atPath: broken), "P5")
            #expect(receiver.starts == 1, "P3")
            #expect(server.mail.messages(about: build.id).count == 1, "P2")
        }
    }

    @Test func `what the guide's job says of its failure is told`() async throws {
        try await running { server, _ in
            let build = try await server.told(submit("bad", to: server))
            #expect(build.state == "failed" && build.failure?.kind == "build", "\(build)")
            let page = try await server.http.get("/builds/\(build.id)").text
            #expect(page.contains("no clay of the kind"), "the first real error")
        }
    }

    @Test func `a run at the guide's receiver is cancelled`() async throws {
        try await running { server, receiver in
            let id = try await submit("hold", to: server)
            _ = try await until("it runs", within: .seconds(240)) { receiver.starts == 1 ? true : nil }
            _ = try await until("Kiln knows") { try await server.build(id).state == "running" ? true : nil }
            #expect(try await server.http.post("/builds/\(id)/cancel").status == 200)
            #expect(try await server.told(id).state == "cancelled")
            #expect(server.mail.messages(about: id).count == 1)
        }
    }
}
