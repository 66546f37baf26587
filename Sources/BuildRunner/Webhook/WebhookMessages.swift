import Domain
import Foundation

/// The documents that go to an operator's own service, and what it answers; docs/providers/webhook.md describes them.
enum WebhookMessages {
    /// `trigger`: everything that the service needs to start a run.
    struct Trigger: Encodable {
        struct Input: Encodable {
            var field: String
            var name: String
            var url: String
            var sha256: String
            var bytes: Int64
            var contentType: String

            enum CodingKeys: String, CodingKey {
                case field, name, url, sha256, bytes
                case contentType = "content_type"
            }
        }

        struct Callback: Encodable {
            var url: String
            var token: String
        }

        var event = WebhookEvent.trigger.rawValue
        var build: String
        var attempt: String
        var recipe: String
        /// In the recipe's order.
        var parameters: [Parameter]
        var inputs: [Input]
        /// The run's folder in Kiln: `<folder>/build.json`, `<folder>/inputs.tar.gz`.
        var folder: String
        var bundle: String
        var callback: Callback
        var page: String

        struct Parameter: Encodable {
            var name: String
            var value: String
        }

        init(_ order: BuildOrder, as attempt: Attempt, tools: RemoteTools) {
            let links = tools.links
            build = order.build.id.text
            self.attempt = attempt.publicKey
            recipe = order.recipe.id.text
            parameters = tools.parameters(of: order, as: attempt).values.map {
                Parameter(name: $0.name, value: $0.value)
            }
            inputs = order.build.inputs.values.compactMap { value in
                guard case .upload(let upload) = value.content else { return nil }
                return Input(
                    field: value.field.text, name: upload.name, url: links.upload(upload, order, attempt),
                    sha256: upload.sha256, bytes: upload.bytes, contentType: upload.contentType)
            }
            folder = links.folder(order, attempt)
            bundle = "\(folder)/inputs.tar.gz"
            callback = Callback(url: links.callback(order.build.id), token: links.token(attempt))
            page = links.page(order.build.id)
        }
    }

    /// `find` and `cancel`: which run is meant.
    struct Question: Encodable {
        var event: String
        var build: String
        var attempt: String
        /// The service's own name for it, where Kiln knows it.
        var run: String?
    }

    /// `check`: nothing is to happen.
    struct Check: Encodable {
        var event = WebhookEvent.check.rawValue
        var recipe: String
    }

    struct Answer: Decodable {
        var run: FoundRun
    }

    struct FoundRun: Decodable {
        enum State: String, Decodable {
            case queued, running, succeeded, failed, cancelled, gone
        }

        var id: String
        var url: String?
        /// `nil`: the run reports by callback alone.
        var state: State?
        var message: String?
        var phase: String?
        var percent: Int?
    }
}

/// What a request is about: `Kiln-Event`.
enum WebhookEvent: String, Sendable {
    case trigger, find, cancel, check
}
