import Foundation
import NIOConcurrencyHelpers

/// A real SMTP server in a process of its own (`Tests/Servers/smtp_server.py`), which does wrong what it is told to.
///
/// At `plain` it offers STARTTLS, at `secure` TLS begins at once. It ends with `running`, or with this process.
package final class SMTPServer: Sendable {
    package struct Options: Sendable {
        package enum Certificate: String, Sendable, CaseIterable {
            case right, wronghost, expired
            /// Signed by nobody that the client knows.
            case unknown
        }

        /// `nil`: no TLS at all.
        package var certificate: Certificate? = .right
        /// What it announces and takes; `nil`: it announces nothing.
        package var size: Int? = 32 << 20
        package var users = ["builder": "s3cret pass"]
        package var mechanisms = ["PLAIN", "LOGIN"]
        package var requiresLogin = false
        /// AUTH is offered without TLS too.
        package var takesLoginInClear = false
        /// It offers SMTPUTF8.
        package var takesUnicode = true
        /// Where `plain` listens; 0: anywhere. A server that is to come back needs one that no client gets by chance.
        package var port = 0

        package init() {}
    }

    /// The first fault whose stage and pattern fit is met; see the script for stages and actions.
    package struct Fault: Sendable {
        var stage: String
        var action: String
        var times: Int?
        var match: String
        var after: Int?

        /// - Parameter after: at stage `body`, how many bytes of the message come before it.
        package init(_ stage: String, _ action: String, times: Int? = nil, match: String = "", after: Int? = nil) {
            self.stage = stage
            self.action = action
            self.times = times
            self.match = match
            self.after = after
        }
    }

    /// What `scripts/setup.sh test` makes; `nil` without it.
    package static let python: String? = {
        let folder = ProcessInfo.processInfo.environment["KILN_MAIL_TOOLS"] ?? "\(root)/.build/mail-tools/bin"
        return FileManager.default.isExecutableFile(atPath: "\(folder)/python") ? "\(folder)/python" : nil
    }()

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    package let plain: Int
    /// 0 without a certificate.
    package let secure: Int
    /// The certificates that a client is to trust.
    package let authority: String
    private let folder: TemporaryDirectory
    private let process: NIOLockedValueBox<PipedProcess?>

    /// A server for the time of the body.
    package static func running<Value: Sendable>(
        _ options: Options = Options(), _ body: (SMTPServer) async throws -> Value
    ) async throws -> Value {
        let server = try await SMTPServer(options)
        do {
            let value = try await body(server)
            await server.end()
            return value
        } catch {
            await server.end()
            throw error
        }
    }

    private init(_ options: Options) async throws {
        guard let python = Self.python else { throw SMTPServerError.noTools }
        folder = try TemporaryDirectory()
        let (process, ready) = try await Self.start(python, options, in: folder)
        self.process = NIOLockedValueBox(process)
        plain = ready.plain
        secure = ready.tls ?? 0
        authority = ready.ca
    }

    private struct Ready: Decodable {
        var plain: Int
        var tls: Int?
        var ca: String
    }

    private static func start(
        _ python: String, _ options: Options, in folder: TemporaryDirectory
    ) async throws -> (PipedProcess, Ready) {
        let values: [String: Any] = [
            "certificate": options.certificate?.rawValue ?? NSNull(), "size": options.size ?? NSNull(),
            "users": options.users, "mechanisms": options.mechanisms, "requires_auth": options.requiresLogin,
            "auth_in_clear": options.takesLoginInClear, "utf8": options.takesUnicode, "port": options.port,
        ]
        let json = String(decoding: try JSONSerialization.data(withJSONObject: values), as: UTF8.self)
        let process = try PipedProcess([python, "\(Self.root)/Tests/Servers/smtp_server.py", folder.path, json])
        return (process, try JSONDecoder().decode(Ready.self, from: Data(await process.line().utf8)))
    }

    /// Ends it; with `isKilled` in the midst of whatever it does. What it got and wrote down stays.
    package func end(isKilled: Bool = false) async {
        let process = process.withLockedValue { process in
            defer { process = nil }
            return process
        }
        await process?.end(isKilled: isKilled)
    }

    /// Starts it again after its end, at the same port if `options` names that, with an authority of the same name and
    /// key: perhaps mended.
    package func restart(_ options: Options) async throws {
        guard let python = Self.python else { throw SMTPServerError.noTools }
        let (process, ready) = try await Self.start(python, options, in: folder)
        self.process.withLockedValue { $0 = process }
        guard ready.plain == plain else { throw SMTPServerError.didNotStart }
    }

    /// From the next command on. Uses are counted anew for each call.
    package func meet(_ faults: Fault...) throws {
        let call = UUID().uuidString
        let rules = faults.enumerated().map { place, fault in
            var rule: [String: Any] = [
                "id": "\(call)-\(place)", "stage": fault.stage, "action": fault.action, "match": fault.match,
            ]
            rule["times"] = fault.times
            rule["after"] = fault.after
            return rule
        }
        try JSONSerialization.data(withJSONObject: rules)
            .write(to: folder.url.appending(path: "faults.json"), options: .atomic)
    }

    /// The message that it took as its `number`th, byte for byte.
    package func message(_ number: Int) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: file(number))))
    }

    /// Where that lies.
    package func file(_ number: Int) -> String { folder.path("mail/\(number).eml") }

    /// All that has happened so far, in its order.
    package func events() -> [SMTPEvent] {
        let text = FileManager.default.contents(atPath: folder.path("events.jsonl")) ?? Data()
        return text.split(separator: 0x0A).compactMap { try? JSONDecoder().decode(SMTPEvent.self, from: $0) }
    }

    package func events(_ name: String) -> [SMTPEvent] { events().filter { $0.event == name } }

    /// Looks until there are events that will do: what the server does happens beside the test.
    package func events(
        _ name: String, within limit: Duration = .seconds(60), until areEnough: ([SMTPEvent]) -> Bool
    ) async throws -> [SMTPEvent] {
        let end = ContinuousClock.now + limit
        while true {
            let found = events(name)
            if areEnough(found) { return found }
            guard ContinuousClock.now < end else { throw SMTPServerError.didNotHappen(name, found.count) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// What an `SMTPServer` wrote down.
package struct SMTPEvent: Decodable, Sendable {
    /// `connect`, `command`, `auth`, `fault`, `stored`, `closed`.
    package var event: String
    /// Seconds since 1970.
    package var at: Double
    /// From 1.
    package var connection: Int?
    /// Of a command; of AUTH no more than the mechanism.
    package var line: String?
    package var stage: String?
    package var user: String?
    package var mechanism: String?
    package var ok: Bool?
    /// Of a stored message: its number, from 1.
    package var message: Int?
    package var sender: String?
    package var recipients: [String]?
    /// Of MAIL: `SIZE=19`, `SMTPUTF8`.
    package var options: [String]?
    package var bytes: Int?
    package var hello: String?
    /// `TLSv1.3`; `nil` in clear.
    package var tls: String?
}

package enum SMTPServerError: Error {
    /// `scripts/setup.sh test` was not called.
    case noTools
    case didNotStart
    case didNotHappen(String, Int)
}
