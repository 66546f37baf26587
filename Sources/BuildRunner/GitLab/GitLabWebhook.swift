import Foundation

/// What GitLab's webhooks say. They only make Kiln look sooner: what is true is asked of GitLab.
package enum GitLabWebhook {
    /// Whether the header `X-Gitlab-Token` is the secret that the operator gave GitLab; takes as long for a wrong one.
    package static func verify(token: String?, secret: String) -> Bool {
        guard let token, !secret.isEmpty else { return false }
        return ConstantTime.equal(Array(token.utf8), Array(secret.utf8))
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

enum ConstantTime {
    /// Compares as long as the first is, wherever they differ.
    static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        var difference: UInt8 = one.count == other.count ? 0 : 1
        for (place, byte) in one.enumerated() {
            difference |= byte ^ (other.isEmpty ? 1 : other[place % other.count])
        }
        return difference == 0
    }
}
