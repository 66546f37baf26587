import Foundation

/// What webhooks of Gitea and Forgejo say. They only make Kiln look sooner: what is true is asked of the server.
package enum GiteaWebhook {
    /// Whether the header `X-Gitea-Signature` is the HMAC-SHA256 (hexadecimal) of the body as it came.
    package static func verify(body: [UInt8], signature: String?, secret: String) -> Bool {
        signature.map { WebhookProof.isSigned(body, $0, secret: secret) } ?? false
    }

    /// The run that an event is about, as `Run.id` names it; `nil` for other events.
    ///
    /// - Parameter event: the header `X-Gitea-Event`.
    package static func run(event: String, body: [UInt8]) -> String? {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else { return nil }
        let id: Int64? =
            switch event {
            case "workflow_run": document.workflow_run?.id
            case "workflow_job": document.workflow_job?.run_id
            // Forgejo.
            case "action_run_failure", "action_run_success", "action_run_recover": document.run?.id
            default: nil
            }
        return id.map { String($0) }
    }

    private struct Document: Decodable {
        struct Numbered: Decodable {
            var id: Int64?
            var run_id: Int64?
        }

        var workflow_run: Numbered?
        var workflow_job: Numbered?
        var run: Numbered?
    }
}
