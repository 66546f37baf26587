/// What people call a provider.
package enum ProviderWords {
    /// By itself: `GitHub Actions`.
    package static func name(_ provider: String) -> String {
        switch ProviderSettings.Name(rawValue: provider) {
        case .local: "This machine"
        case .github: "GitHub Actions"
        case .gitlab: "GitLab CI"
        case .gitea: "Gitea Actions"
        case .travis: "Travis CI"
        case .jenkins: "Jenkins"
        case .buildbot: "Buildbot"
        case .webhook: "Own service"
        case nil: provider
        }
    }

    /// After `at`: `GitHub`.
    package static func place(_ provider: String) -> String {
        switch ProviderSettings.Name(rawValue: provider) {
        case .local: "this machine"
        case .github: "GitHub"
        case .gitlab: "GitLab"
        case .gitea: "Gitea"
        case .travis: "Travis CI"
        case .jenkins: "Jenkins"
        case .buildbot: "Buildbot"
        case .webhook: "the build service"
        case nil: provider
        }
    }
}

extension Run {
    /// `url` where a person's browser may follow it: an address of the web and nothing else (P5).
    package var webAddress: String? {
        guard let url, url.utf8.count <= 2000 else { return nil }
        let start = url.prefix(8).lowercased()
        guard start.hasPrefix("https://") || start.hasPrefix("http://"),
            url.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else { return nil }
        return url
    }
}
