import BuildRunner
import Domain
import HTTPTypes

extension InboundWebhook {
    /// Those of all providers that send any, with the secrets that the recipes name for them.
    ///
    /// - Parameters:
    ///   - recipes: all that are installed, also those that are no longer offered: their builds still end.
    ///   - secret: the value of a named secret.
    static func all(
        recipes: @escaping @Sendable () -> [Recipe], secret: @escaping @Sendable (SecretName) -> String?
    ) -> [String: InboundWebhook] {
        let secrets: @Sendable (ProviderSettings.Name) -> @Sendable () -> [String] = { provider in
            {
                let names = Set(recipes().flatMap(\.build.providers).filter { $0.name == provider }.compactMap(\.webhookSecret))
                return names.compactMap(secret)
            }
        }
        return [
            ProviderSettings.Name.gitlab.rawValue: .gitlab(secrets: secrets(.gitlab))
        ]
    }

    static func gitlab(secrets: @escaping @Sendable () -> [String]) -> InboundWebhook {
        InboundWebhook(
            secrets: secrets, isSigned: { $0[.gitlabToken] != nil },
            isGenuine: { headers, _, secret in GitLabWebhook.verify(token: headers[.gitlabToken], secret: secret) },
            subject: { headers, body in
                GitLabWebhook.run(event: headers[.gitlabEvent] ?? "", body: body).map { Subject(runID: $0, key: nil) }
            })
    }
}

extension ProviderSettings {
    /// What signs the webhooks that this provider sends; `nil`: it sends none.
    fileprivate var webhookSecret: SecretName? {
        switch self {
        case .github(let settings): settings.webhookSecret
        case .gitlab(let settings): settings.webhookSecret
        case .gitea(let settings): settings.webhookSecret
        case .local, .travis, .jenkins, .buildbot, .webhook: nil
        }
    }
}
