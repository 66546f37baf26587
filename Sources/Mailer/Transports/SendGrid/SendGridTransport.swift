package import Curl
package import Domain
import Foundation
import NIOConcurrencyHelpers

/// Mail through SendGrid's v3 web API: one request is one mail to one recipient.
///
/// SendGrid knows no key that would make a repeated request harmless, so that a lost answer is *unknown* (P2).
package struct SendGridTransport: MailTransport {
    package let name = "sendgrid"

    /// SendGrid takes less than 30 MB in all.
    private static let limit: Int64 = 30_000_000
    /// The rest is room for what JSON adds.
    package static let mostBytes = limit - (64 << 10)

    private let url: String
    private let key: String
    private let sender: NamedMailAddress
    private let transfers: HTTPTransfers
    private let scratch: String
    private let clock: any WallClock
    /// The last check that went well, or the last mail that was accepted.
    private let lastWell = NIOLockedValueBox<Timestamp?>(nil)

    /// A check that went well stands for so long: whoever watches Kiln's health is not to use up the account's requests.
    private static let checkAge = Duration.seconds(60)

    /// - Parameters:
    ///   - baseURL: `https://api.sendgrid.com`, or `https://api.eu.sendgrid.com`.
    ///   - sender: who `check` sends from.
    ///   - scratch: an existing folder, for large bodies on their way.
    package init(
        key: String, baseURL: String, sender: NamedMailAddress, transfers: HTTPTransfers, scratch: String,
        clock: any WallClock
    ) {
        url = (baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL) + "/v3/mail/send"
        self.key = key
        self.sender = sender
        self.transfers = transfers
        self.scratch = scratch
        self.clock = clock
    }

    package func largestMessage() async -> Int64? { Self.mostBytes }

    package func deliver(_ message: MailMessage) async -> TransportAnswer {
        await post(message, for: .sending)
    }

    /// Has SendGrid check a message as if it were to be sent (sandbox mode); it is sent to nobody, and nothing is charged.
    /// - Returns: `.accepted` if it would be taken.
    package func tryOut(_ message: MailMessage) async -> TransportAnswer {
        await post(message, for: .trying)
    }

    package func check() async -> TransportCheck {
        if let last = lastWell.withLockedValue({ $0 }), clock.now() - last < Self.checkAge {
            return .working(detail: "sendgrid, asked within the last minute")
        }
        guard let message = probe() else {
            return .broken(problem: "No message can be made from mail.from.", mend: "Set mail.from to a sender.")
        }
        switch await tryOut(message) {
        case .accepted: return .working(detail: "sendgrid, a mail from \(sender.address) would be taken")
        case .refused(let fault), .notNow(let fault, _), .unknown(let fault):
            return .broken(problem: fault.words, mend: Self.mend(fault))
        }
    }

    private func post(_ message: MailMessage, for purpose: SendGridAnswer.Purpose) async -> TransportAnswer {
        let content = SendGridBody(message: message, isSandbox: purpose == .trying)
        // Not even read, if the files alone are too much.
        guard content.fileBytes < Self.limit else { return Self.tooLarge(content.fileBytes) }
        var spool = SendGridSpool(folder: scratch)
        let body: HTTPRequest.Body
        do {
            try await content.write(to: &spool)
            guard spool.bytes < Self.limit else { return Self.tooLarge(spool.bytes) }
            body = try await spool.body()
        } catch let error as SpoolError {
            return .notNow(MailFault(.transport, "the mail cannot be written down in \(scratch): \(error)"), after: nil)
        } catch {
            return .notNow(MailFault(.message, "a part of the message cannot be read: \(error)"), after: nil)
        }
        let request = HTTPRequest(
            .post, url, headers: [("Authorization", "Bearer \(key)"), ("Accept", "application/json")], body: body,
            timeLimit: .seconds(60 + spool.bytes / (64 << 10)), stallLimit: .seconds(30), redirects: .none)
        let result: TransportAnswer
        do throws(HTTPFailure) {
            let answer = try await transfers.send(request, bodyLimit: 256 << 10)
            result = SendGridAnswer(purpose: purpose, now: clock.now(), secret: key).meaning(of: answer)
        } catch {
            result = SendGridAnswer(purpose: purpose, now: clock.now(), secret: key).meaning(of: error)
        }
        if case .accepted = result { lastWell.withLockedValue { $0 = clock.now() } }
        return result
    }

    private static func tooLarge(_ bytes: Int64) -> TransportAnswer {
        .refused(MailFault(.message, "the mail has \(bytes.sizeText) as SendGrid counts; it takes less than 30 MB"))
    }

    /// From the sender to itself.
    private func probe() -> MailMessage? {
        guard let subject = try? HeaderText("Kiln asks whether mail can be sent") else { return nil }
        var generator = SystemRandomNumberGenerator()
        let now = clock.now()
        return MailMessage(
            from: sender, to: sender.address, subject: subject, date: now,
            entry: .make(at: now, using: &generator), build: .make(at: now, using: &generator),
            text: "This is never delivered.", html: "<p>This is never delivered.</p>", inlinePictures: [],
            attachments: [])
    }

    private static func mend(_ fault: MailFault) -> String {
        switch fault.code {
        case 401: "Set mail.sendgrid.key to a key that is valid, and look whether the account has mails left."
        case 403:
            "Give the key the right to send mail, and verify the sender (mail.from) or its domain at SendGrid."
        case 400: "Set mail.from to an address that SendGrid takes."
        case 429: "Wait, or raise the account's limit."
        case .some(300..<500): "Set mail.sendgrid.base_url to https://api.sendgrid.com or https://api.eu.sendgrid.com."
        case .some: "Wait, and look at https://status.sendgrid.com."
        case nil: "Look whether this machine reaches the internet (network.proxy), and at mail.sendgrid.base_url."
        }
    }
}
