import Crypto
import Domain
import Foundation
import Mailer
import Storage
import TestSupport

@testable import GeneratorServer

/// A build whose mail a transport took.
struct MailedBuild {
    let build: BuildID
    let entry: OutboxEntryID

    /// - Parameter address: whom the sample submission names.
    static let address = "ada@example.org"

    static func make(_ server: LiveServer) async throws -> MailedBuild {
        let build = try await server.makeBuild()
        _ = try await server.finish(build.id, product: [1, 2, 3])
        let claimed = try await server.store.claimDueDeliveries(
            limit: 1, leaseFor: .seconds(60), pace: MailPace(), at: server.clock.now())
        _ = try await server.store.settle(
            claimed.map { ($0, .accepted(receipt: "4F1D2"), "smtp://mail.example.org:587") }, at: server.clock.now())
        guard let entry = claimed.first?.delivery.id else { throw CocoaError(.featureUnsupported) }
        return MailedBuild(build: build.id, entry: entry)
    }

    static func verp(_ secret: [UInt8] = [UInt8](repeating: 7, count: 32)) throws -> VERP {
        guard let address = MailAddress("bounces@kiln.example"),
            let verp = VERP(address: address, secret: SymmetricKey(data: secret))
        else { throw CocoaError(.featureUnsupported) }
        return verp
    }

    /// A report to the entry's address, as a mail server writes it.
    func bounce(_ verp: VERP, status: String = "5.1.1", action: String = "failed", deliveredTo: String? = nil)
        -> [UInt8]
    {
        let text = """
            Delivered-To: \(deliveredTo ?? verp.sender(of: entry)?.text ?? "")
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b
            Content-Type: text/plain

            Undelivered.
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example.org

            Final-Recipient: rfc822; \(Self.address)
            Action: \(action)
            Status: \(status)
            Diagnostic-Code: smtp; 550 \(status) nobody here
            --b--
            """
        return Array(text.utf8)
    }
}
