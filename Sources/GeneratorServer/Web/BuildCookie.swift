import Domain
import HTTPTypes
import Hummingbird

/// The cookie in which a browser keeps the ids of the builds that it started, newest first.
enum BuildCookie {
    static let name = "kiln_builds"
    private static let most = 10

    static func builds(of request: Request) -> [BuildID] {
        builds(in: request.headers[values: .cookie])
    }

    static func builds(in headers: [String]) -> [BuildID] {
        for header in headers {
            for pair in header.split(separator: ";") {
                let parts = pair.trimmingASCIISpace().split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0] == name else { continue }
                return parts[1].split(separator: ".").prefix(most).compactMap { BuildID($0) }
            }
        }
        return []
    }

    /// The `Set-Cookie` value that puts a build in front.
    static func adding(_ build: BuildID, to known: [BuildID], isSecure: Bool) -> String {
        let ids = ([build] + known.filter { $0 != build }).prefix(most).map(\.text).joined(separator: ".")
        return "\(name)=\(ids); Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }
}
