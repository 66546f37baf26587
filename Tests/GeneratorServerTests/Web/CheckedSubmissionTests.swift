import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// What a recipe's own check says of a submission, as the requester hears it.
@Suite(.timeLimit(.minutes(2))) struct CheckedSubmissionTests {
    private static let script = #"""
        #!/bin/sh
        name=$(cat "$KILN_INPUTS/fields/name")
        [ -e "$KILN_INPUTS/fields/email" ] && exit 4
        case $name in
            die) exit 3 ;;
            sleep) sleep 600 ;;
            wrong) printf '%s' '{"problems": [
                {"field": "name", "where": "letters[0]", "message": "It is <wrong>", "mend": "Take another."},
                {"field": "name", "message": "It is old"}, {"message": "It is late"}]}' ;;
            file) if [ "$(cat "$KILN_INPUTS/files/data")" = "good words" ]; then printf '{}'; else printf '%s' \
                '{"problems": [{"field": "data", "where": "line 1", "message": "Not good"}]}'; fi ;;
            *) printf '{"problems": [], "pictures": []}' ;;
        esac > "$KILN_OUT/findings.json"
        """#

    private static var options: LiveServer.Options {
        let data = FieldName(unchecked: "data")
        var recipe = Recipe.sample(
            fields: Field.sampleFields + [
                Field(name: data, label: "Data", kind: .file(FileRule(accept: ["text/plain"], maxBytes: 1 << 20)))
            ])
        recipe.check = CheckStep(
            script: "check.sh", uses: [.sampleName, data, .sampleEmail], tools: [], limits: recipe.build.limits)
        var options = LiveServer.Options()
        options.recipes = [recipe]
        options.scripts = ["check.sh": script]
        return options
    }

    private static func submit(
        _ name: String, to server: LiveServer, key: String? = nil, accept: String = "application/json",
        file: String? = nil
    ) async throws -> TestClient.Answer {
        let form = TestClient.form(
            [("email", "ada@example.org"), ("name", name)],
            files: file.map { [("data", "data.txt", Array($0.utf8))] } ?? [])
        let path = "/recipes/sample/builds"
        guard let key else {
            return try await server.client.post(
                path, ["Content-Type": form.type, "Accept": accept], body: form.body)
        }
        return try await server.client.post(
            path, ["Content-Type": form.type, "Accept": accept, "Idempotency-Key": key], body: form.body)
    }

    private static func expectNothingLeft(_ server: LiveServer) async throws {
        #expect(try await server.store.builds(before: nil, limit: 9).isEmpty)
        let uploads = try FileManager.default.contentsOfDirectory(atPath: server.folder.path("uploads"))
        #expect(uploads == ["incoming"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: server.folder.path("uploads/incoming")).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: server.folder.path("checks")).isEmpty)
    }

    @Test func `P8: what the check finds is told like every fault of the form, all at once`() async throws {
        try await LiveServer.with(Self.options) { server in
            let answer = try await Self.submit("wrong", to: server, file: "some words")
            #expect(answer.status == 422)
            let problem = try JSON(parsing: answer.body)
            #expect(problem["code"] == "invalid_fields")
            guard case .array(let errors) = problem["errors"], errors.count == 3 else {
                Issue.record("not three errors in \(answer.text)")
                return
            }
            #expect(errors.map { $0["field"] } == ["", "name", "name"], "of the whole first, then by the form")
            #expect(errors.allSatisfy { $0["code"] == "refused_by_check" })
            #expect(errors[1]["message"] == "letters[0]: It is <wrong>. Take another.")
            try await Self.expectNothingLeft(server)

            let page = try await Self.submit("wrong", to: server, accept: "text/html", file: "some words")
            #expect(page.status == 422)
            #expect(page.text.contains("name=wrong"), "what was typed is kept: \(page.text)")
            #expect(page.text.contains("fault name refused_by_check letters[0]: It is <wrong>. Take another."))
            try await Self.expectNothingLeft(server)
        }
    }

    @Test func `the check sees the files, and what passes is a build`() async throws {
        try await LiveServer.with(Self.options) { server in
            #expect(try await Self.submit("file", to: server, file: "bad words").status == 422)
            let answer = try await Self.submit("file", to: server, accept: "text/html", file: "good words")
            #expect(answer.status == 303, "\(answer.text)")
            #expect(try await server.store.builds(before: nil, limit: 9).count == 1)
            let checks = try FileManager.default.contentsOfDirectory(atPath: server.folder.path("checks"))
            #expect(checks.isEmpty)
        }
    }

    @Test func `a check that fails is 503 for the requester, and a line for the operator`() async throws {
        try await LiveServer.with(Self.options) { server in
            let answer = try await Self.submit("die", to: server, file: "some words")
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "60")
            let problem = try JSON(parsing: answer.body)
            #expect(problem["code"] == "checks_unavailable")
            #expect(server.log.lines.contains { $0.contains("A recipe's check failed") && $0.contains("exited(3)") })
            try await Self.expectNothingLeft(server)
        }
    }

    @Test func `a submission that is found by its key is not looked through again`() async throws {
        try await LiveServer.with(Self.options) { server in
            let first = try await Self.submit("Ada", to: server, key: "once")
            #expect(first.status == 202, "\(first.text)")
            // From now on every check fails.
            try Data("#!/bin/sh\nexit 3\n".utf8).write(
                to: URL(filePath: server.folder.path("recipes/sample/check.sh")))
            let again = try await Self.submit("Ada", to: server, key: "once")
            #expect(again.status == 202)
            let ids = try [first, again].map { try JSON(parsing: $0.body)["id"] }
            #expect(ids[0] == ids[1])
            #expect(try await Self.submit("Ada", to: server).status == 503)
        }
    }

    @Test func `who may not have a build now has nothing looked through (P6)`() async throws {
        var options = Self.options
        options.accept.perSourcePerHour = 1
        try await LiveServer.with(options) { server in
            let first = try await Self.submit("Ada", to: server)
            #expect(first.status == 202)
            let second = try await Self.submit("die", to: server)
            #expect(second.status == 429)
        }
    }

    @Test func `what nobody waits for any more is not looked through to its end`() async throws {
        var options = Self.options
        options.recipes[0].check?.limits.time = .seconds(3600)
        try await LiveServer.with(options) { server in
            let body = #"{"email":"ada@example.org","name":"sleep"}"#
            let checks = server.folder.path("checks")
            do {
                let connection = try RawConnection(port: server.port)
                try await connection.send(
                    "POST /recipes/sample/builds HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
                try await until { (try? FileManager.default.contentsOfDirectory(atPath: checks).isEmpty) == false }
                connection.resetAtTheEnd()
            }
            try await until { try FileManager.default.contentsOfDirectory(atPath: checks).isEmpty }
            try await Self.expectNothingLeft(server)
        }
    }

    @Test func `programs are told by the API too`() async throws {
        try await LiveServer.with(Self.options) { server in
            let answer = try await server.client.post(
                "/api/v1/builds", ["Content-Type": "application/json"],
                body: Array(#"{"recipe":"sample","inputs":{"email":"ada@example.org","name":"wrong"}}"#.utf8))
            #expect(answer.status == 422)
            #expect(answer.text.contains("letters[0]: It is"))
        }
    }
}
