import Domain
import NIOConcurrencyHelpers

/// The log-in cookies of this process, by master and user. A session is good for a week; one that has run out is renewed
/// by who meets its 403.
final class BuildbotSessions: Sendable {
    private struct Key: Hashable {
        var baseURL: String
        var user: String?
    }

    private let cookies = NIOLockedValueBox<[Key: String]>([:])

    /// `name=value`, as it is sent back.
    subscript(settings: BuildbotSettings) -> String? {
        get { cookies.withLockedValue { $0[Key(baseURL: settings.baseURL, user: settings.user)] } }
        set { cookies.withLockedValue { $0[Key(baseURL: settings.baseURL, user: settings.user)] = newValue } }
    }
}
