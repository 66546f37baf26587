import Foundation

/// Webhooks of GitHub: they make Kiln look at a run at once. What they say decides nothing.
package enum GitHubWebhook {
    /// Whether GitHub signed these bytes with the secret (`X-Hub-Signature-256`); takes the same time wherever it
    /// differs.
    package static func verify(body: [UInt8], signature: String?, secret: String) -> Bool {
        let prefix = "sha256="
        guard let signature, signature.hasPrefix(prefix) else { return false }
        return WebhookProof.isSigned(body, signature.dropFirst(prefix.count), secret: secret)
    }

    /// The run that a webhook is about, as `Run.id` names it.
    ///
    /// - Parameter event: `X-GitHub-Event`.
    /// - Returns: `nil` for what is about no run (`ping`), and for what is not understood.
    package static func run(event: String, body: [UInt8]) -> String? {
        struct Payload: Decodable {
            struct Run: Decodable {
                var id: Int64
            }

            struct Job: Decodable {
                var run_id: Int64
            }

            var workflow_run: Run?
            var workflow_job: Job?
        }
        guard ["workflow_run", "workflow_job"].contains(event),
            let payload = try? JSONDecoder().decode(Payload.self, from: Data(body))
        else { return nil }
        switch event {
        case "workflow_run":
            guard let run = payload.workflow_run else { return nil }
            return String(run.id)
        default:
            return payload.workflow_job.map { String($0.run_id) }
        }
    }
}
