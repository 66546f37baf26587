import Crypto
import Domain
import Foundation
import Mailer

/// What the web half needs to hear what became of mails; made by the composition root.
struct MailReportDoors: Sendable {
    var reports: DeliveryReports
    /// The key of SendGrid's event webhook; without it there is no such route.
    var sendGridKey: SendGridWebhookKey?
    /// Reads bounces; without it there is no route for them.
    var verp: VERP?
    /// What whoever posts bounces has to know; without it there is no route for them.
    var bounceToken: String?

    init(
        reports: DeliveryReports, sendGridKey: SendGridWebhookKey? = nil, verp: VERP? = nil,
        bounceToken: String? = nil
    ) {
        self.reports = reports
        self.sendGridKey = sendGridKey
        self.verp = verp
        self.bounceToken = bounceToken
    }

    /// Whether this is the token, told in the same time wherever it differs.
    static func isToken(_ shown: String, _ token: String) -> Bool {
        guard !token.isEmpty else { return false }
        // Both are hashed with a key that nobody knows: how far they agree shows in nothing.
        let key = SymmetricKey(size: .bits256)
        let code = HMAC<SHA256>.authenticationCode(for: Array(token.utf8), using: key)
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(shown.utf8), using: key)
    }
}

extension VERP {
    /// Of the bounce address that the configuration names, with the server's secret as it stands in its file.
    ///
    /// - Returns: `nil` if the address cannot hold an entry (see `VERP.init`).
    /// - Throws: `CapabilityKeyError` if there is no secret yet: a server makes it at its first start.
    static func of(_ address: MailAddress, secretFile path: String) throws(CapabilityKeyError) -> VERP? {
        guard let bytes = try? Data(contentsOf: URL(filePath: path)), bytes.count == 32 else {
            throw CapabilityKeyError.damaged(path: path)
        }
        return VERP(address: address, secret: SymmetricKey(data: bytes))
    }
}
