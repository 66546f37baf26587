import Crypto
import Foundation

/// Webhooks of GitHub: they make Kiln look at a run at once. What they say decides nothing.
package enum GitHubWebhook {
    /// Whether GitHub signed these bytes with the secret (`X-Hub-Signature-256`); takes the same time wherever it
    /// differs.
    package static func verify(body: [UInt8], signature: String?, secret: String) -> Bool {
        let prefix = "sha256="
        guard !secret.isEmpty, let signature, signature.hasPrefix(prefix),
            let code = bytes(ofHexadecimal: signature.dropFirst(prefix.count)), code.count == SHA256.byteCount
        else { return false }
        let key = SymmetricKey(data: Array(secret.utf8))
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: body, using: key)
    }

    /// The run that a webhook is about, as `Run.id` names it.
    ///
    /// - Parameter event: `X-GitHub-Event`.
    /// - Returns: `nil` for what is about no run (`ping`), and for what is not understood.
    package static func run(event: String, body: [UInt8]) -> String? {
        struct Payload: Decodable {
            struct Run: Decodable {
                var id: Int64
            }

            struct Job: Decodable {
                var run_id: Int64
            }

            var workflow_run: Run?
            var workflow_job: Job?
        }
        guard ["workflow_run", "workflow_job"].contains(event),
            let payload = try? JSONDecoder().decode(Payload.self, from: Data(body))
        else { return nil }
        switch event {
        case "workflow_run":
            guard let run = payload.workflow_run else { return nil }
            return String(run.id)
        default:
            return payload.workflow_job.map { String($0.run_id) }
        }
    }

    private static func bytes(ofHexadecimal text: Substring) -> [UInt8]? {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0 != nil }) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { place in
            UInt8((digits[place] ?? 0) << 4 | (digits[place + 1] ?? 0))
        }
    }
}
