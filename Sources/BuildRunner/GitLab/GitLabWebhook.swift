import Foundation

/// What GitLab's webhooks say. They only make Kiln look sooner: what is true is asked of GitLab.
package enum GitLabWebhook {
    /// Whether the header `X-Gitlab-Token` is the secret that the operator gave GitLab; takes as long for a wrong one.
    package static func verify(token: String?, secret: String) -> Bool {
        token.map { WebhookProof.isSecret($0, secret) } ?? false
    }

    /// The pipeline that an event is about, as `Run.id` names it; `nil` for other events.
    ///
    /// - Parameter event: the header `X-Gitlab-Event`.
    package static func run(event: String, body: [UInt8]) -> String? {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else { return nil }
        return switch event {
        case "Pipeline Hook": document.object_attributes?.id.map { String($0) }
        case "Job Hook": document.pipeline_id.map { String($0) }
        default: nil
        }
    }

    private struct Document: Decodable {
        struct Attributes: Decodable {
            var id: Int64?
        }

        var object_attributes: Attributes?
        var pipeline_id: Int64?
    }
}
