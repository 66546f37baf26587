import Foundation
import TestSupport
import Testing

/// The client of docs/moving-from-open-event.md, run as it stands there against a real server.
@Suite struct GeneratorClientTests {
    private static let page = "\(KilnServer.root)/docs/moving-from-open-event.md"

    private static func client() throws -> String {
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let behind = try #require(text.components(separatedBy: "<!-- client -->\n\n```python\n").dropFirst().first)
        return try #require(behind.components(separatedBy: "\n```").first)
    }

    private static func run(
        _ server: KilnServer, _ endpoint: String, into file: String
    ) async throws -> (code: Int32, text: String) {
        let script = server.folder.path("client.py")
        try Data(try client().utf8).write(to: URL(fileURLWithPath: script))
        return try await EndToEndTests.run(
            "python3", "-u", script, "http://127.0.0.1:\(server.port)", "ada@example.org", endpoint, file)
    }

    @Test func `an old client starts an app, sees its phases, and fetches it`() async throws {
        try await KilnServer.running(recipes: [.quick, .generator]) { server in
            let file = server.folder.path("conference.apk")
            let ended = try await Self.run(server, "https://event.example/api/v1/events/4", into: file)
            #expect(ended.code == 0, "\(ended.text)")
            let seen = Set(ended.text.split(separator: "\n").map(String.init))
            #expect(seen.contains("Writing the pages"), "\(ended.text)")
            #expect(seen.isSubset(of: ["PENDING", "STARTED", "Writing the pages", "Collecting the files"]))
            let packed = try await EndToEndTests.run("unzip", "-t", file)
            #expect(packed.code == 0 && packed.text.contains("AndroidManifest.xml"), "\(packed.text)")
            #expect(try await server.rows("SELECT count(*) FROM builds") == [["1"]])
        }
    }

    @Test func `an old client hears why there is no app`() async throws {
        try await KilnServer.running(recipes: [.generator]) { server in
            let ended = try await Self.run(server, "https://event.example/wrong", into: server.folder.path("x"))
            #expect(ended.code == 1)
            #expect(ended.text.contains("event: [0].name: this is needed"), "\(ended.text)")
        }
    }

    @Test func `an old client's app waits until its address is confirmed`() async throws {
        try await KilnServer.running(recipes: [.generator], ["KILN_MAIL_CONFIRM": "true"]) { server in
            async let running = Self.run(
                server, "https://event.example/api/v1/events/4", into: server.folder.path("app"))
            let mail = try await until("the mail that asks") { server.mail.messages.first }
            #expect(try await server.rows("SELECT state FROM builds") == [["queued"]])
            let link = try #require(mail.plain.firstMatch(of: /\/confirm\/[A-Za-z0-9._~-]+/))
            #expect(try await server.press(String(link.output)).status == 303)
            let ended = try await running
            #expect(ended.code == 0, "\(ended.text)")
            #expect(ended.text.contains("PENDING"))
        }
    }

    @Test func `what is sent twice with one key is one app`() async throws {
        try await KilnServer.running(recipes: [.generator]) { server in
            let body = Array(#"{"email": "ada@example.org", "endpoint": "https://event.example/4"}"#.utf8)
            var ids: Set<String> = []
            for _ in 0..<3 {
                let answer = try await server.http.send(
                    "POST", "/api/v2/generate", ["Content-Length": "\(body.count)", "Idempotency-Key": "k"], body: body)
                #expect(answer.status == 200, "\(answer.text)")
                ids.insert("\(try answer.json()["identifier"] ?? "")")
            }
            #expect(ids.count == 1)
        }
    }
}
