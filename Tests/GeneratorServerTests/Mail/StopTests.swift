import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Stopping mails` {
    private static func with(_ test: @Sendable (LiveServer, String) async throws -> Void) async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            try await server.apply(.cancelled, to: build.id)
            try await test(server, "/mail/stop/\(server.signer.sign(.stop(build.id)))")
        }
    }

    private static func isStopped(_ server: LiveServer) async throws -> Bool {
        try await server.store.suppression(of: "Ada@example.org", at: server.clock.now())?.reason == .asked
    }

    @Test func `looking asks, and stops nothing`() async throws {
        try await Self.with { server, path in
            let page = try await server.client.get(path)
            #expect(page.status == 200 && page.text.hasPrefix("notice No more mails?"))
            #expect(page.text.contains("to ada@example.org then") && page.text.contains("action=\(path)"))
            #expect(try await Self.isStopped(server) == false)
        }
    }

    @Test(arguments: [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
        ),
    ])
    func `a mail program's one click stops them at once, from its own site and without a redirection`(
        type: String, body: String
    ) async throws {
        try await Self.with { server, path in
            let answer = try await server.client.post(
                path,
                [
                    "Content-Type": type, "Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example",
                    "Accept": "text/html",
                ], body: Array(body.utf8))
            #expect(answer.status == 200)
            #expect(try await Self.isStopped(server))
        }
    }

    @Test func `the page's button leads to a page that says so, and no build is taken then (P8)`() async throws {
        try await Self.with { server, path in
            let answer = try await server.client.post(path, ["Accept": "text/html"], body: [])
            #expect(answer.status == 303 && answer["Location"] == "/mail/stopped")
            #expect(try await server.client.get("/mail/stopped").text.hasPrefix("notice No more mails\n"))
            let form = TestClient.form([("email", "ADA@example.org"), ("name", "Ada")])
            let page = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "text/html"], body: form.body)
            #expect(page.status == 422)
            #expect(page.text.contains("fault email address_wants_no_mail"))
            let program = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "application/json"], body: form.body)
            let json = try JSON(parsing: program.body)
            #expect(program.status == 422 && json["code"] == "address_wants_no_mail")
            guard case .array(let errors)? = json["errors"] else {
                Issue.record("no errors in \(program.text)")
                return
            }
            #expect(errors.first?["field"] == "email")
        }
    }

    @Test func `a link for something else stops nothing (P4)`() async throws {
        try await Self.with { server, path in
            let build = try await server.makeBuild()
            for token in [server.signer.sign(.confirm(build.id)), "x", String(path.dropFirst(11).dropLast())] {
                #expect(try await server.client.post("/mail/stop/\(token)", [:], body: []).status == 404)
            }
            #expect(try await Self.isStopped(server) == false)
        }
    }

    @Test func `a long body is not read (P6)`() async throws {
        try await Self.with { server, path in
            let answer = try await server.client.post(path, [:], body: [UInt8](repeating: 0x61, count: 5000))
            #expect(answer.status == 413)
            #expect(try await Self.isStopped(server) == false)
        }
    }
}
