/// What a recipe says of one provider that its builds can run at. Secrets are named here, never held: `SecretName`.
package enum ProviderSettings: Hashable, Sendable {
    /// This machine; the script and its limits stand in the build step.
    case local
    case github(GitHubSettings)
    case gitlab(GitLabSettings)
    case gitea(GiteaSettings)
    case travis(TravisSettings)
    case jenkins(JenkinsSettings)
    case buildbot(BuildbotSettings)
    case webhook(WebhookSettings)

    package enum Name: String, Hashable, Sendable, CaseIterable {
        case local, github, gitlab, gitea, travis, jenkins, buildbot, webhook
    }

    package var name: Name {
        switch self {
        case .local: .local
        case .github: .github
        case .gitlab: .gitlab
        case .gitea: .gitea
        case .travis: .travis
        case .jenkins: .jenkins
        case .buildbot: .buildbot
        case .webhook: .webhook
        }
    }

    /// Where it is asked; `nil`: on this machine.
    package var baseURL: String? {
        switch self {
        case .local: nil
        case .github(let settings): settings.baseURL
        case .gitlab(let settings): settings.baseURL
        case .gitea(let settings): settings.baseURL
        case .travis(let settings): settings.baseURL
        case .jenkins(let settings): settings.baseURL
        case .buildbot(let settings): settings.baseURL
        case .webhook(let settings): settings.url
        }
    }

    /// The secrets that it names.
    package var secrets: [SecretName] {
        switch self {
        case .local: []
        case .github(let settings):
            switch settings.credential {
            case .token(let token): [token] + [settings.webhookSecret].compactMap { $0 }
            case .app(_, _, let key): [key] + [settings.webhookSecret].compactMap { $0 }
            }
        case .gitlab(let settings): [settings.token, settings.triggerToken, settings.webhookSecret].compactMap { $0 }
        case .gitea(let settings): [settings.token, settings.webhookSecret].compactMap { $0 }
        case .travis(let settings): [settings.token]
        case .jenkins(let settings): [settings.token]
        case .buildbot(let settings): [settings.password].compactMap { $0 }
        case .webhook(let settings): [settings.secret]
        }
    }
}

/// The name under which the operator keeps a secret: `KILN_SECRET_<name>` or a file in `secrets.directory`.
package struct SecretName: Hashable, Sendable, CustomStringConvertible {
    package var text: String

    /// - Parameter text: a letter, then letters, digits and `_`.
    package init(_ text: String) { self.text = text }

    package var description: String { text }
}

/// `owner/name`, as GitHub, Gitea, Forgejo and Travis write it.
package struct RepositorySlug: Hashable, Sendable, CustomStringConvertible {
    package var owner: String
    package var name: String

    /// `nil` for what is not two path segments of letters, digits, `-`, `_` and `.`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(Self.isSegment) else { return nil }
        owner = String(parts[0])
        name = String(parts[1])
    }

    package var description: String { "\(owner)/\(name)" }

    private static func isSegment(_ text: Substring) -> Bool {
        guard (1...100).contains(text.utf8.count), text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
