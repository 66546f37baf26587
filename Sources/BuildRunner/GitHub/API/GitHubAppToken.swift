import Domain
import Foundation
import _CryptoExtras

/// The JSON Web Token (RFC 7519, RS256) with which a GitHub App says who it is; it buys installation tokens.
enum GitHubAppToken {
    struct BadKey: Error {}

    /// Clocks differ: it counts from a minute ago, and GitHub takes none that lasts longer than 10 minutes.
    private static let before = Duration.seconds(60)
    private static let after = Duration.seconds(540)

    private struct Claims: Encodable {
        var iat: Int64
        var exp: Int64
        var iss: String
    }

    /// - Parameter key: the App's private key as GitHub hands it out (PEM); line breaks may be written as `\n`.
    /// - Throws: `BadKey` if it is not an RSA key of 2048 bits or more.
    static func make(app: String, key: String, at now: Timestamp) throws(BadKey) -> String {
        do {
            let key = try _RSA.Signing.PrivateKey(
                pemRepresentation: key.contains("\n") ? key : key.replacing("\\n", with: "\n"))
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let claims = Claims(
                iat: (now - before).milliseconds / 1000, exp: (now + after).milliseconds / 1000, iss: app)
            let signed =
                encoded(Data(#"{"alg":"RS256","typ":"JWT"}"#.utf8)) + "." + encoded(try encoder.encode(claims))
            // RS256 is PKCS #1 v1.5 by definition (RFC 7518, 3.3).
            let signature = try key.signature(for: Data(signed.utf8), padding: .insecurePKCS1v1_5)
            return signed + "." + encoded(signature.rawRepresentation)
        } catch {
            throw BadKey()
        }
    }

    /// Base64 for addresses, without padding (RFC 4648, 5).
    private static func encoded(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
