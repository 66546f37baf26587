import Crypto
package import Domain
import Foundation

/// The public key with which requests of SendGrid's event webhook are proven: ECDSA on P-256 with SHA-256, over the
/// request's timestamp and then its body.
package struct SendGridWebhookKey: Sendable {
    private let key: P256.Signing.PublicKey

    /// A request that is older, or that comes from so far ahead, is refused: it may be one that somebody kept.
    package static let mostAge = Duration.seconds(600)

    /// Takes the key as SendGrid shows it: base64 of its DER form.
    package init?(_ text: String) {
        guard let bytes = Data(base64Encoded: text.filter { !$0.isWhitespace }),
            let key = try? P256.Signing.PublicKey(derRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    /// - Parameters:
    ///   - signature: `X-Twilio-Email-Event-Webhook-Signature`, base64 of DER.
    ///   - timestamp: `X-Twilio-Email-Event-Webhook-Timestamp`, as it came.
    package func isGenuine(_ body: [UInt8], signature: String, timestamp: String) -> Bool {
        guard signature.utf8.count <= 200, let bytes = Data(base64Encoded: signature),
            let proof = try? P256.Signing.ECDSASignature(derRepresentation: bytes)
        else { return false }
        return key.isValidSignature(proof, for: Array(timestamp.utf8) + body)
    }

    /// - Parameter timestamp: seconds since 1970.
    package static func isFresh(_ timestamp: String, at now: Timestamp) -> Bool {
        guard let seconds = Int64(timestamp), (0..<(1 << 40)).contains(seconds) else { return false }
        let age = now - Timestamp(milliseconds: seconds * 1000)
        return age <= mostAge && age >= .zero - mostAge
    }
}
