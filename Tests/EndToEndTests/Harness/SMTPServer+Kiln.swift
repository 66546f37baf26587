import Foundation
import TestSupport

extension SMTPServer {
    /// Of a server that can end and come back.
    static func options(_ certificate: Options.Certificate? = .right, size: Int? = 32 << 20) throws -> Options {
        var options = Options()
        options.certificate = certificate
        options.size = size
        options.port = try KilnServer.freePort()
        return options
    }

    /// What Kiln needs to send by it, without asking anybody to confirm anything.
    func settings(_ encryption: String = "none", section: String = "MAIL_SMTP") -> [String: String] {
        [
            "KILN_MAIL_SERVICE": "smtp", "KILN_MAIL_FROM": "Kiln <kiln@kiln.example>", "KILN_MAIL_CONFIRM": "false",
            "KILN_\(section)_HOST": "localhost", "KILN_\(section)_PORT": "\(plain)",
            "KILN_\(section)_ENCRYPTION": encryption, "KILN_\(section)_CA_FILE": authority,
        ]
    }

    /// What it stored for an address, as it was at its end or now.
    func stored(for address: String) -> [SMTPEvent] {
        events("stored").filter { $0.recipients == [address] }
    }

    /// Stored messages as Python reads them, in their order.
    func read(_ stored: [SMTPEvent]) async throws -> [ReadMail] {
        if stored.isEmpty { return [] }
        return try await ReadMail.read(["files"] + stored.compactMap { $0.message.map(file) })
    }
}
