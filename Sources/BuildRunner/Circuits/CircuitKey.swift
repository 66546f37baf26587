import Domain

/// What can be down as one: a provider at one address, as it answers to the same settings. A recipe whose token ran out is
/// refused there for as long as that lasts; another recipe's builds do not wait for it.
package struct CircuitKey: Hashable, Sendable {
    package let provider: String
    /// The configured base address, without what may be secret in it.
    package let address: String
    private let settings: ProviderSettings

    /// `nil` for this machine itself.
    init?(_ settings: ProviderSettings) {
        guard let address = settings.address else { return nil }
        provider = settings.name.rawValue
        self.address = address
        self.settings = settings
    }

    /// The one of the provider at which a build is or is to be; `nil` if nothing of its recipe says where that is.
    init?(provider: String, of recipe: Recipe) {
        guard let settings = recipe.build.providers.first(where: { $0.name.rawValue == provider }) else { return nil }
        self.init(settings)
    }
}

extension ProviderSettings {
    /// Scheme, host and port of where its calls go; `nil` for this machine.
    fileprivate var address: String? {
        let url: String
        switch self {
        case .local: return nil
        case .github(let settings): url = settings.baseURL
        case .gitlab(let settings): url = settings.baseURL
        case .gitea(let settings): url = settings.baseURL
        case .travis(let settings): url = settings.baseURL
        case .jenkins(let settings): url = settings.baseURL
        case .buildbot(let settings): url = settings.baseURL
        case .webhook(let settings): url = settings.url
        }
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[1].isEmpty else { return url }
        let authority = parts[2].prefix { $0 != "?" && $0 != "#" }
        // What stands before an @ is a user's name and password (P7).
        return "\(parts[0])//\(authority.split(separator: "@").last ?? "")"
    }
}
