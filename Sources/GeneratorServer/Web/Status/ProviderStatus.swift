import BuildRunner
import Domain

/// How one system that builds is, as the front door was told: what everybody may know of it.
struct ProviderStatus: Hashable, Sendable {
    /// As recipes name it.
    var name: String
    var isUp: Bool
    /// Since when it is so; `nil` if it was never otherwise.
    var since: Timestamp?
    /// Builds that it may have under way at once; `nil` if that is not known.
    var atOnce: Int?
}

extension ProviderStatus {
    init(_ state: ProviderState, atOnce: Int?) {
        self.init(name: state.name, isUp: !state.isOpen, since: state.since, atOnce: atOnce)
    }
}
