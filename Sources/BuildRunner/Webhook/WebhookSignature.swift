import Crypto
package import Domain
import Foundation

/// Shows a service that a request is Kiln's, and when it was made: `Kiln-Signature: t=<unix seconds>,v1=<hex>`, the hex
/// being the HMAC-SHA256 of `<t>.<body>` with the shared secret.
package enum WebhookSignature {
    package static func header(for body: [UInt8], secret: String, at moment: Timestamp) -> String {
        let seconds = moment.milliseconds / 1000
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(seconds).".utf8) + body, using: SymmetricKey(data: Data(secret.utf8)))
        return "t=\(seconds),v1=\(code.hexText)"
    }
}
