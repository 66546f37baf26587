import BuildRunner
import Domain
import Foundation
import TestSupport
import Testing

struct GitHubWebhookTests {
    /// GitHub's own example, from its page on validating deliveries.
    private static let secret = "It's a Secret to Everybody"
    private static let body = Array("Hello, World!".utf8)
    private static let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    @Test
    func `GitHub's example of a signature is taken`() {
        #expect(GitHubWebhook.verify(body: Self.body, signature: Self.signature, secret: Self.secret))
        let upper = "sha256=" + Self.signature.dropFirst(7).uppercased()
        #expect(GitHubWebhook.verify(body: Self.body, signature: upper, secret: Self.secret))
    }

    @Test(arguments: [
        ("Hello, World!", "It's a secret to everybody", signature), ("Hello, World?", secret, signature),
        ("Hello, World!", secret, String(signature.dropLast())), ("Hello, World!", secret, signature + "00"),
        ("Hello, World!", secret, String(signature.dropFirst(7))), ("Hello, World!", secret, "sha256="),
        ("Hello, World!", secret, ""), ("Hello, World!", secret, signature.replacing("7", with: "g")),
        ("Hello, World!", "", signature), ("Hello, World!", secret, "sha1=" + signature.dropFirst(7)),
    ])
    func `Nothing else is taken`(body: String, secret: String, signature: String) {
        #expect(!GitHubWebhook.verify(body: Array(body.utf8), signature: signature, secret: secret))
    }

    @Test(arguments: [
        ("workflow_run.completed.payload", "workflow_run"), ("workflow_run.requested.payload", "workflow_run"),
        ("workflow_job.queued.payload", "workflow_job"),
        ("workflow_job.completed.success.with-organization.payload", "workflow_job"),
        ("workflow_job.waiting.payload", "workflow_job"),
    ])
    func `GitHub's examples of payloads are understood`(name: String, event: String) throws {
        guard let path = ContractValidator.path(of: "github/webhooks/examples/\(name).json") else { return }
        let body = Array(try Data(contentsOf: URL(filePath: path)))
        let payload = try #require(JSONValue(body))
        let id = event == "workflow_run" ? payload["workflow_run"]?["id"] : payload["workflow_job"]?["run_id"]
        let found = try #require(GitHubWebhook.run(event: event, body: body))
        #expect(found == id?.count.map(String.init))
        let action = try #require(payload["action"]?.string)
        let schema = "github/webhooks/schemas/\(event)/\(action).schema.json"
        let validator = try #require(try ContractValidator.find(schema))
        #expect(validator.problems(of: payload) == [], "the example fits GitHub's schema")
    }

    @Test(arguments: [
        ("ping", #"{"zen":"Keep it logically awesome."}"#), ("push", #"{"workflow_run":{"id":1}}"#),
        ("workflow_run", "{}"), ("workflow_run", "nonsense"), ("workflow_job", #"{"workflow_job":{"run_id":"x"}}"#),
        ("workflow_run", #"{"workflow_run":{"id":-1e400}}"#),
    ])
    func `What is about no run makes nobody look`(event: String, body: String) {
        #expect(GitHubWebhook.run(event: event, body: Array(body.utf8)) == nil)
    }
}
