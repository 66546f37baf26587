import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Requests to the old generator's API` {
    @Test(arguments: ["application/json", "text/plain", "application/x-www-form-urlencoded", nil] as [String?])
    func `an app is asked for as before, whatever the content type says`(type: String?) async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let body = #"{"email":"ada@example.org","endpoint":"https://event.example/1","app_name":"Old"}"#
            let answer =
                if let type { try await server.generate(body, ["Content-Type": type]) } else {
                    try await server.generate(body, [:])
                }
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["Content-Type"] == "application/json")
            let json = try JSON(parsing: answer.body)
            guard case .string(let id)? = json["identifier"],
                let build = try await server.store.build(BuildID(unchecked: id))
            else {
                Issue.record("no build in \(answer.text)")
                return
            }
            let moment = HTTPDate.text(server.clock.now())
            #expect(
                answer.text
                    == #"{"status":"ok","identifier":"\#(id)","started_at":"\#(moment)","task_id":"\#(id)"}"#)
            #expect(build.recipe.text == "event" && build.address == "ada@example.org")
            #expect(build.inputs[.endpoint] == .text("https://event.example/1"))
            #expect(build.inputs[FieldName(unchecked: "color")] == .text("#2f5d62"), "the form's default")
            #expect(answer["Set-Cookie"]?.hasPrefix("kiln_builds=\(id);") == true)
        }
    }

    @Test(
        arguments: [
            ("", "invalid data", []), ("{", "invalid data", []), ("{}", "invalid data", []), ("[]", "invalid data", []),
            ("null", "invalid data", []), ("\"x\"", "invalid data", []), ("email=a@b.c", "invalid data", []),
            (#"{"endpoint":"https://a.example"}"#, "Valid Email is required", ["email missing"]),
            (#"{"email":null,"endpoint":null}"#, "Valid Email is required", ["email missing", "endpoint missing"]),
            (
                #"{"email":"nobody","endpoint":"ftp:x"}"#, "Valid Email is required",
                ["email not_an_address", "endpoint not_a_web_address"]
            ),
            (#"{"email":7,"endpoint":"https://a.example"}"#, "Valid Email is required", ["email not_an_address"]),
            (
                #"{"email":["a@b.example","c@d.example"],"endpoint":"https://a.example"}"#, "Valid Email is required",
                ["email repeated"]
            ),
            (
                #"{"email":{"a":1},"endpoint":"https://a.example"}"#, "Valid Email is required", ["email wrong_part"]
            ),
            (#"{"email":"a@b.example"}"#, "Valid endpoint URL is required", ["endpoint missing"]),
            (#"{"email":"a@b.example","endpoint":""}"#, "Valid endpoint URL is required", ["endpoint missing"]),
            (
                #"{"email":"a@b.example","endpoint":"file:///etc/passwd"}"#, "Valid endpoint URL is required",
                ["endpoint not_a_web_address"]
            ),
            (
                #"{"email":"a@b.example\r\nBcc: c@d.example","endpoint":"https://a.example"}"#,
                "Valid Email is required", ["email forbidden_characters"]
            ),
        ] as [(String, String, [String])])
    func `P8: what is wrong has the old words, and every fault beside them`(
        body: String, message: String, faults: [String]
    ) async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let answer = try await server.generate(body)
            #expect(answer.status == 400)
            let json = try JSON(parsing: answer.body)
            #expect(json["status"] == "error" && json["code"] == 400)
            #expect(json["message"] == .string(message))
            guard case .array(let errors) = json["errors"] ?? [] else { throw WebError.incident }
            #expect(errors.map { "\($0["field"]?.plain ?? "") \($0["code"]?.plain ?? "")" } == faults)
            #expect(try await server.store.counts() == [:])
        }
    }

    @Test func `P6: a body that is too large is refused`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let answer = try await server.generate(String(repeating: " ", count: 100_000))
            #expect(answer.status == 413)
            #expect(try JSON(parsing: answer.body)["reason"] == "too_large")
        }
    }

    @Test func `the same key is the same app, and another request with it is refused`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let first = try await server.generate(Self.request("1"), ["Idempotency-Key": "abc"])
            let again = try await server.generate(Self.request("1"), ["Idempotency-Key": "abc"])
            #expect(first.status == 200 && first.text == again.text)
            let other = try await server.generate(Self.request("2"), ["Idempotency-Key": "abc"])
            #expect(other.status == 422)
            #expect(try JSON(parsing: other.body)["reason"] == "idempotency_key_reused")
            let bad = try await server.generate(Self.request("1"), ["Idempotency-Key": "ä"])
            #expect(bad.status == 400)
            #expect(try await server.store.counts() == [.queued: 1])
        }
    }

    @Test func `P6: too many of one address get 429, a full queue 503, both with Retry-After`() async throws {
        var options = LiveServer.generatorOptions
        options.accept = AcceptLimits(waiting: 2, perSourcePerHour: nil, perAddressPerHour: 1)
        try await LiveServer.with(options) { server in
            #expect(try await server.generate().status == 200)
            let many = try await server.generate()
            #expect(many.status == 429 && many["Retry-After"] == "3600")
            #expect(try JSON(parsing: many.body)["status"] == "error")
            #expect(try JSON(parsing: many.body)["reason"] == "too_many_for_address")
            _ = try await server.makeBuild()
            let full = try await server.generate()
            #expect(full.status == 503 && full["Retry-After"] == "60")
            #expect(try JSON(parsing: full.body)["reason"] == "queue_full")
        }
    }

    @Test(arguments: [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")])
    func `a browser's post from another site is refused`(header: String, value: String) async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let answer = try await server.client.post(
                "/api/v2/generate", [header: value, "Accept": "text/html"], body: Array(Self.request("1").utf8))
            #expect(answer.status == 403)
            #expect(try JSON(parsing: answer.body)["status"] == "error", "no page, whatever is preferred")
            #expect(try await server.store.counts() == [:])
        }
    }

    @Test func `methods are answered as elsewhere`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let get = try await server.client.get("/api/v2/generate")
            #expect(get.status == 405 && get["Allow"] == "OPTIONS, POST")
            #expect(try JSON(parsing: get.body)["status"] == "error")
            let options = try await server.client.send("OPTIONS", "/api/v2/app/x/download")
            #expect(options.status == 204 && options["Allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test(arguments: [true, false])
    func `without a recipe for it there is nothing`(isOffered: Bool) async throws {
        var options = LiveServer.generatorOptions
        if isOffered { options.recipes.removeLast() } else { options.recipes[1].isOffered = false }
        try await LiveServer.with(options) { server in
            let answer = try await server.generate()
            #expect(answer.status == 404)
            let json = try JSON(parsing: answer.body)
            #expect(json["status"] == "error" && json["code"] == 404)
        }
    }

    @Test func `an address that nothing is sent to is said to be so`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let now = server.clock.now()
            try await server.store.suppress(
                Suppression(
                    address: "ada@example.org", reason: .asked, words: nil, since: now, until: now + .seconds(60)))
            let answer = try await server.generate()
            #expect(answer.status == 422)
            #expect(try JSON(parsing: answer.body)["reason"] == "address_wants_no_mail")
        }
    }

    static func request(_ event: String) -> String {
        #"{"email":"ada@example.org","endpoint":"https://event.example/\#(event)"}"#
    }
}

extension JSON {
    /// A string's text.
    var plain: String? { if case .string(let text) = self { text } else { nil } }
}
