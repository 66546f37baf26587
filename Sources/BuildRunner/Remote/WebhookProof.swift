import Domain
import Crypto
import Foundation

/// Whether what claims to come from a CI was sent by who knows the secret. Takes the same time wherever it differs.
enum WebhookProof {
    /// - Parameters:
    ///   - signature: the HMAC-SHA256 of the body as it came, in hexadecimal digits.
    ///   - secret: an empty one proves nothing.
    static func isSigned(_ body: [UInt8], _ signature: some StringProtocol, secret: String) -> Bool {
        guard !secret.isEmpty, let code = [UInt8](hexText: signature), code.count == SHA256.byteCount else {
            return false
        }
        let key = SymmetricKey(data: Array(secret.utf8))
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: body, using: key)
    }

    /// Whether a token is the secret itself; an empty secret proves nothing.
    static func isSecret(_ token: String, _ secret: String) -> Bool {
        guard !secret.isEmpty else { return false }
        // Both are hashed with a key that nobody knows: how far they agree shows in nothing.
        let key = SymmetricKey(size: .bits256)
        let code = HMAC<SHA256>.authenticationCode(for: Array(secret.utf8), using: key)
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(token.utf8), using: key)
    }
}
