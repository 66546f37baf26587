import Foundation
import TestSupport
import Testing

/// A server that cannot prove who it is gets nothing, and the operator is told why (P7).
@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server")) struct UntrustedServerTests
{
    enum Trouble: CaseIterable, Sendable {
        case wronghost, expired, unknown, noTLS

        var certificate: SMTPServer.Options.Certificate? {
            switch self {
            case .wronghost: .wronghost
            case .expired: .expired
            case .unknown: .unknown
            case .noTLS: nil
            }
        }

        /// One of these stands in what the operator reads.
        var words: [String] {
            switch self {
            case .wronghost: ["name", "host"]
            case .expired: ["expired"]
            case .unknown: ["issuer", "authority", "self-signed", "self signed", "certificate"]
            case .noTLS: ["STARTTLS", "TLS"]
            }
        }
    }

    @Test(arguments: Trouble.allCases)
    func `nothing is sent to it, and all goes out when it is mended (P2, P7)`(_ trouble: Trouble) async throws {
        var options = try SMTPServer.options()
        try await SMTPServer.running(options) { smtp in
            // The authority is made with the good certificate.
            await smtp.end()
            options.certificate = trouble.certificate
            try await smtp.restart(options)
            let login = ["KILN_MAIL_SMTP_USERNAME": "builder", "KILN_MAIL_SMTP_PASSWORD": "s3cret pass"]
            try await KilnServer.running(smtp.settings("tls").merging(login) { $1 }) { server in
                let id = try await server.submit(FaultyServerTests.form("ada@example.org"))
                _ = try await until("the build ends") { try await server.build(id).hasEnded ? true : nil }
                let waiting = try await server.deliveries(of: id) { $0.first?.last_error != nil }
                #expect(waiting.map(\.status) == ["waiting"])
                let health = try await until("the health check tells", within: .seconds(120)) {
                    let health = try await server.mailHealth()
                    return health.passed ? nil : health.words
                }
                #expect(trouble.words.contains { health.contains($0) }, "\(health)")
                let doctor = try await server.kiln("doctor", "mail")
                #expect(doctor.code != 0 && trouble.words.contains { doctor.text.contains($0) }, "\(doctor.text)")
                #expect(!(doctor.text + server.log + health).contains("s3cret pass"), "P7")

                let commands = smtp.events("command").compactMap(\.line)
                #expect(!commands.contains { $0.hasPrefix("MAIL") || $0.hasPrefix("AUTH") }, "\(commands)")

                await smtp.end()
                options.certificate = .right
                try await smtp.restart(options)
                let build = try await server.told(id, within: .seconds(300))
                #expect(build.isTold)
                #expect(smtp.stored(for: "ada@example.org").count == 1)
                let well = try await server.kiln("doctor", "mail")
                #expect(well.code == 0, "\(well.text)")
                _ = try await until("all is well", within: .seconds(120)) {
                    try await server.mailHealth().passed ? true : nil
                }
            }
        }
    }
}
