import Domain

/// How one system that builds is, as the front door was told.
struct ProviderStatus: Hashable, Sendable {
    /// As recipes name it.
    var name: String
    /// Host of its address, for operators; `nil` for this machine.
    var host: String?
    var isUp: Bool
    /// Since when it is so; `nil` if it was never otherwise.
    var since: Timestamp?
    /// What its operator is to know of its being down; no secrets.
    var reason: String?
    /// Builds that it may have under way at once; `nil` if that is not known.
    var atOnce: Int?
}

extension HealthCheck {
    /// One check for each provider at this place of the list, `provider github: api.github.com`.
    static func provider(
        named name: String, host: String, states: @escaping @Sendable () async -> [ProviderStatus]
    ) -> HealthCheck {
        HealthCheck(name: "provider \(name): \(host)") {
            // Not asked yet is not broken.
            guard let state = await states().first(where: { $0.name == name && $0.host == host }) else {
                return .init(passed: true, output: "not used yet")
            }
            let since = state.since.map { " since \($0)" } ?? ""
            if state.isUp { return .init(passed: true, output: "answers" + since) }
            return .init(passed: false, output: "down" + since + (state.reason.map { ": \($0)" } ?? ""))
        }
    }
}
