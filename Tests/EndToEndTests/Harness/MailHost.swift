import Foundation
import Glibc
import TestSupport
import Testing

/// A real Postfix and a real Dovecot on loopback, see `Tests/Servers/mailhost/run.py`. They end with this process.
final class MailHost: Sendable {
    /// Whether the programs are here, and may be started: Postfix becomes several users, which only root can.
    static let isAvailable: Bool = {
        let programs = ["/usr/sbin/postfix", "/usr/sbin/dovecot", "/usr/bin/openssl"]
        return programs.allSatisfy(FileManager.default.isExecutableFile) && (geteuid() == 0 || sudo != nil)
    }()
    private static let sudo = ["/usr/bin/sudo", "/bin/sudo"].first(where: FileManager.default.isExecutableFile)

    /// One for all tests; each uses addresses of its own.
    static var shared: MailHost {
        get async throws { try await starting.value }
    }
    private static let starting = Task { try await MailHost() }

    struct Facts: Decodable, Sendable {
        /// Open to everybody, with STARTTLS and without AUTH; STARTTLS and AUTH; TLS from the first byte, and AUTH.
        var smtp: Int, submission: Int, smtps: Int
        var imap: Int
        /// The authority's certificate: a file.
        var ca: String
        /// Of every name.
        var password: String
        /// The folder of programs for `x@NAME.bounces.example`.
        var bounces: String
        /// What Postfix wrote.
        var log: String
    }

    let facts: Facts
    private let folder: TemporaryDirectory
    private let child: Child
    /// The servers live while this is open.
    private let input: Int32

    private init() async throws {
        folder = try TemporaryDirectory()
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let code = unsafe socketpair(AF_UNIX, kind, 0, &ends)
        try #require(code == 0)
        defer { close(ends[0]) }
        input = ends[1]
        let words = folder.path("words")
        let command = ["python3", "\(KilnServer.root)/Tests/Servers/mailhost/run.py"]
        child = try Child(
            geteuid() == 0 ? command : [Self.sudo ?? "sudo", "-n"] + command,
            environment: ProcessInfo.processInfo.environment, output: words, input: ends[0])
        let said = try await until("the mail servers start", within: .seconds(120)) {
            let text = String(decoding: FileManager.default.contents(atPath: words) ?? Data(), as: UTF8.self)
            return text.contains("\n") ? text : nil
        }
        do {
            facts = try JSONDecoder().decode(Facts.self, from: Data(said.utf8))
        } catch {
            Issue.record("the mail servers did not start: \(said)")
            throw error
        }
    }

    deinit {
        close(input)
    }

    /// An address that no other test uses.
    static func address(_ name: String = "ada", at host: String = "post.example") -> String {
        "\(name)-\(UUID().uuidString.lowercased().prefix(8))@\(host)"
    }

    // MARK: - Reading

    /// All that lies in a mailbox, oldest first.
    func present(for address: String) async throws -> [ReadMail] {
        try await ReadMail.read(["box", "\(facts.imap)", facts.ca, facts.password, address])
    }

    /// Waits until so many mails to an address fit.
    func mails(
        to address: String, count: Int = 1, within limit: Duration = .seconds(300),
        where fits: (ReadMail) -> Bool = { _ in true }
    ) async throws -> [ReadMail] {
        var last: [ReadMail] = []
        return try await until(
            "\(count) mails to \(address); there are \(last.map { $0.subject })", within: limit,
            every: .milliseconds(200)
        ) {
            last = try await present(for: address)
            let found = last.filter(fits)
            return found.count >= count ? found : nil
        }
    }

    // MARK: - Kiln's configuration

    /// How Kiln reaches Postfix.
    enum Mode: String, CaseIterable, Sendable {
        case none, tls_optional, tls, ssl

        /// Whether the name and the password are given.
        var logsIn: Bool { self == .tls || self == .ssl }
    }

    func settings(_ mode: Mode) -> [String: String] {
        let port =
            switch mode {
            case .none, .tls_optional: facts.smtp
            case .tls: facts.submission
            case .ssl: facts.smtps
            }
        var settings = [
            "KILN_MAIL_SERVICE": "smtp", "KILN_MAIL_FROM": "Kiln <kiln@kiln.example>",
            "KILN_MAIL_SMTP_HOST": "localhost", "KILN_MAIL_SMTP_PORT": "\(port)",
            "KILN_MAIL_SMTP_ENCRYPTION": mode.rawValue,
        ]
        if mode != .none { settings["KILN_MAIL_SMTP_CA_FILE"] = facts.ca }
        if mode.logsIn {
            settings["KILN_MAIL_SMTP_USERNAME"] = "builder"
            settings["KILN_MAIL_SMTP_PASSWORD"] = facts.password
        }
        return settings
    }
}
