import Domain
import Foundation

/// Whether the jobs of CIs can come back to Kiln: what the first remote build of a new server fails at.
enum PublicAddress {
    /// The CIs on other machines that are told to come to an address which is their own machine's there; sorted.
    static func misled(by publicURL: String, _ recipes: [Recipe]) -> [String] {
        guard isThisMachine(publicURL) else { return [] }
        let away = recipes.flatMap(\.build.providers).filter { settings in
            settings.baseURL.map { !isThisMachine($0) } ?? false
        }
        return Set(away.map(\.name.rawValue)).sorted()
    }

    static func isThisMachine(_ address: String) -> Bool {
        guard let host = URLComponents(string: address)?.host?.lowercased() else { return false }
        let bare = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return bare == "localhost" || bare.hasSuffix(".localhost") || bare == "::1"
            || (bare.hasPrefix("127.") && bare.allSatisfy { $0.isNumber || $0 == "." })
    }
}
