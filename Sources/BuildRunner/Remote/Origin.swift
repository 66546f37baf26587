import Curl
import Foundation

/// Scheme, host and port of a web address (RFC 6454): whose it is.
struct Origin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int

    /// `nil` for what is no web address, or has a user's name in it.
    init?(_ address: String) {
        guard let parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host?.lowercased(), !host.isEmpty, parts.user == nil
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = parts.port ?? (scheme == "https" ? 443 : 80)
    }
}

extension HTTPAnswer {
    private static let redirects: Set<Int> = [301, 302, 303, 307, 308]

    /// Where the answer to a request for `address` leads; `nil` if it leads nowhere.
    func target(from address: String) -> String? {
        guard Self.redirects.contains(status), let location = headers["location"], let base = URL(string: address)
        else { return nil }
        return URL(string: location, relativeTo: base)?.absoluteString
    }
}
