import Domain
import Foundation
import Mailer
import Storage

/// What doctors find out about the mail. Needs no server and no database, and touches those of a running one in nothing.
struct MailExamination {
    let configuration: KilnConfiguration

    init(_ configuration: KilnConfiguration) {
        self.configuration = configuration
    }

    /// Whether mail could be sent now; sends nothing.
    func look(_ report: DoctorReport) async {
        await examine(report) { name, transport in await Self.check(transport, name, report) }
    }

    /// The same, step by step; where there is an address, a test mail goes to it by each transport.
    func walk(to address: MailAddress?, _ report: DoctorReport) async {
        if configuration.mail.service == .none {
            report.add("mail.service", .broken("is none: no mail is sent", mend: "set mail.service"))
            return
        }
        await examine(report) { name, transport in
            guard await steps(transport, to: address, name, report) else { return }
            if let address { await send(to: address, by: transport, name, report) }
        }
    }

    private func examine(
        _ report: DoctorReport, _ body: (_ name: String, any MailTransport) async -> Void
    ) async {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "kiln-doctor-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        do {
            try FileManager.default.createDirectory(
                atPath: scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            report.add(
                "temporary folder", .broken("\(scratch) cannot be made", mend: "make room in the temporary folder"))
            return
        }
        let transports: MailTransports?
        do { transports = try self.transports(scratch: scratch) } catch {
            report.add("mail", .broken("\(error)", mend: "mend the configuration"))
            return
        }
        guard let transports else { return }
        await body("mail by \(transports.primary.name)", transports.primary)
        if let fallback = transports.fallback { await body("second way, \(fallback.name)", fallback) }
    }

    private func transports(scratch: String) throws(HouseError) -> MailTransports? {
        let site = SiteMap(publicURL: configuration.server.publicURL(boundPort: configuration.server.port))
        return try MailTransports(
            configuration.mail,
            tools: MailTransports.Tools(
                transfers: Parts.transfers(configuration.network), scratch: scratch, clock: SystemWallClock(),
                authority: site.authority, secretFile: configuration.server.secretFile))
    }

    /// - Returns: whether a mail could be sent.
    private func steps(
        _ transport: any MailTransport, to address: MailAddress?, _ name: String, _ report: DoctorReport
    ) async -> Bool {
        guard let smtp = transport as? SMTPTransport else { return await Self.check(transport, name, report) }
        let sender = (try? NamedMailAddress(parsing: configuration.mail.from))?.address
        let steps = await smtp.examine(from: sender, to: address)
        for step in steps {
            switch step.finding {
            case .passed(let words): report.add("\(name): \(step.subject)", .well(OutboxText.plain(words)))
            case .broken(let problem, let mend):
                report.add("\(name): \(step.subject)", .broken(OutboxText.plain(problem), mend: mend))
            }
        }
        return !steps.contains { if case .broken = $0.finding { true } else { false } }
    }

    @discardableResult
    private static func check(_ transport: any MailTransport, _ name: String, _ report: DoctorReport) async -> Bool {
        switch await transport.check() {
        case .working(let detail):
            report.add(name, .well(detail))
            return true
        case .broken(let problem, let mend):
            report.add(name, .broken(problem, mend: mend))
            return false
        }
    }

    private func send(
        to address: MailAddress, by transport: any MailTransport, _ name: String, _ report: DoctorReport
    ) async {
        guard let message = TestMail.message(from: configuration.mail, to: address, by: transport.name) else {
            report.add("test mail", .broken("mail.from is no sender", mend: "set mail.from"))
            return
        }
        let subject = "test mail to \(address)"
        switch await transport.deliver(message) {
        case .accepted(let receipt):
            report.add(
                subject,
                .well("taken" + (receipt.map { " (\(OutboxText.plain($0)))" } ?? "") + "; look into the mailbox"))
        case .refused(let fault):
            report.add(subject, .broken("refused: \(Self.words(fault))", mend: Self.mend(fault)))
        case .notNow(let fault, let after):
            let wait = after.map { " (again in \(Quantity.span($0)))" } ?? ""
            report.add(subject, .broken("not now: \(Self.words(fault))\(wait)", mend: Self.mend(fault)))
        case .unknown(let fault):
            report.add(
                subject,
                .broken("nobody knows whether it was taken: \(Self.words(fault))", mend: "look into the mailbox"))
        }
    }

    private static func words(_ fault: MailFault) -> String { OutboxText.plain(fault.words) }

    private static func mend(_ fault: MailFault) -> String {
        switch fault.scope {
        case .address: "look at the address"
        case .message: "look at mail.from, and at what the server wants of mails"
        case .domain: "wait, or ask whoever runs the recipient's mail server"
        case .transport: "mend what `kiln doctor mail` without --to finds, or wait"
        }
    }
}

/// A mail that says that mail arrives.
enum TestMail {
    /// - Returns: `nil` if the configured sender is none.
    static func message(
        from mail: KilnConfiguration.Mail, to address: MailAddress, by transport: String
    ) -> MailMessage? {
        guard let sender = try? NamedMailAddress(parsing: mail.from),
            let subject = try? HeaderText("Kiln's test mail")
        else { return nil }
        let now = SystemWallClock().now()
        var generator = SystemRandomNumberGenerator()
        let words = "This is the test mail that `kiln doctor mail` sent by \(transport). Mail from Kiln arrives."
        return MailMessage(
            from: sender, to: address, subject: subject, date: now, entry: .make(at: now, using: &generator),
            build: .make(at: now, using: &generator), text: words + "\n", html: "<p>\(words)</p>\n",
            replyTo: mail.replyTo.flatMap { try? NamedMailAddress(parsing: $0) })
    }
}
