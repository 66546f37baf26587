import BuildRunner
import Domain
import HTTPTypes
import Recipes

extension Parts {
    /// The webhooks that are taken in: of each provider for which a recipe names a webhook secret.
    func webhooks() -> [String: InboundWebhook] {
        let candidates: [(ProviderSettings.Name, Reading)] = [
            (.github, Self.github), (.gitlab, Self.gitlab), (.gitea, Self.gitea),
        ]
        let (recipes, secrets) = (recipes.recipes, secrets)
        var webhooks: [String: InboundWebhook] = [:]
        for (provider, reading) in candidates {
            let names = Set(recipes.compactMap { $0.build.settings(at: provider)?.webhookSecret })
            guard !names.isEmpty else { continue }
            webhooks[provider.rawValue] = InboundWebhook(
                secrets: { names.compactMap { secrets.value(of: $0) } },
                isSigned: { headers in reading.signature.contains { headers[$0] != nil } },
                isGenuine: reading.isGenuine, subject: reading.subject)
        }
        return webhooks
    }

    private struct Reading {
        /// The headers of which one carries the signature.
        var signature: [HTTPField.Name]
        var isGenuine: @Sendable (HTTPFields, [UInt8], String) -> Bool
        var subject: @Sendable (HTTPFields, [UInt8]) -> InboundWebhook.Subject?
    }

    private static let github = Reading(
        signature: [.githubSignature],
        isGenuine: { headers, body, secret in
            headers[.githubSignature].map { GitHubWebhook.verify(body: body, signature: $0, secret: secret) } ?? false
        },
        subject: { headers, body in
            GitHubWebhook.run(event: headers[.githubEvent] ?? "", body: body).map { .init(runID: $0) }
        })

    private static let gitlab = Reading(
        signature: [.gitlabToken],
        isGenuine: { headers, _, secret in GitLabWebhook.verify(token: headers[.gitlabToken], secret: secret) },
        subject: { headers, body in
            GitLabWebhook.run(event: headers[.gitlabEvent] ?? "", body: body).map { .init(runID: $0) }
        })

    private static let gitea = Reading(
        signature: [.giteaSignature],
        isGenuine: { headers, body, secret in
            GiteaWebhook.verify(body: body, signature: headers[.giteaSignature], secret: secret)
        },
        subject: { headers, body in
            GiteaWebhook.run(event: headers[.giteaEvent] ?? "", body: body).map { .init(runID: $0) }
        })
}

extension ProviderSettings {
    fileprivate var webhookSecret: SecretName? {
        switch self {
        case .github(let settings): settings.webhookSecret
        case .gitlab(let settings): settings.webhookSecret
        case .gitea(let settings): settings.webhookSecret
        case .local, .travis, .jenkins, .buildbot, .webhook: nil
        }
    }
}
