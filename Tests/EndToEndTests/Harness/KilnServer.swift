import Foundation
import Glibc
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// A `kiln serve` of a test's own: a child process with its own folders, which outlive its kills and restarts.
final class KilnServer: Sendable {
    let folder: TemporaryDirectory
    let port: Int
    let http: HTTP
    private let settings: [String: String]
    private let child = NIOLockedValueBox<Child?>(nil)

    /// The repository's root, from this file's place in it.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    /// The program under test lies beside the tests that were built with it.
    static let executable = ProcessInfo.processInfo.environment["TEST_EXECUTABLE"] ?? "\(root)/.build/debug/kiln"

    /// - Parameter settings: more variables of the configuration.
    init(recipes: [TestRecipe] = [.quick], _ settings: [String: String] = [:]) throws {
        folder = try TemporaryDirectory()
        port = try Self.freePort()
        http = HTTP(port: port)
        try FileManager.default.createDirectory(atPath: folder.path("recipes"), withIntermediateDirectories: true)
        for recipe in recipes { try recipe.write(into: folder.path("recipes")) }
        let environment = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        self.settings = environment.merging([
            "KILN_SERVER_HOST": "127.0.0.1", "KILN_SERVER_PORT": "\(port)",
            "KILN_DATA_DIRECTORY": folder.path("data"), "KILN_UPLOADS_DIRECTORY": folder.path("uploads"),
            "KILN_RECIPES_DIRECTORY": folder.path("recipes"), "KILN_TEMPLATES_DIRECTORY": "\(Self.root)/templates",
            "KILN_PUBLIC_DIRECTORY": "\(Self.root)/public", "KILN_MAIL_SERVICE": "maildir",
            "KILN_MAIL_MAILDIR_DIRECTORY": folder.path("mail"), "KILN_QUEUE_WORKERS": "4",
            "KILN_LIMITS_PER_SOURCE_PER_HOUR": "0", "KILN_LIMITS_PER_ADDRESS_PER_HOUR": "0",
            "KILN_STOP_TIME": "10s",
        ]) { _, new in new }.merging(settings) { _, new in new }
    }

    /// Starts it, lets `body` use it, and ends it with everything that it started.
    static func running<Value>(
        recipes: [TestRecipe] = [.quick], _ settings: [String: String] = [:], fault: String? = nil,
        _ body: (KilnServer) async throws -> Value
    ) async throws -> Value {
        let server = try KilnServer(recipes: recipes, settings)
        do {
            try await server.start(fault: fault)
            let value = try await body(server)
            await server.end()
            return value
        } catch {
            await server.end()
            // A test that waits asks many times a second: those lines would hide the others.
            let told = server.log.split(separator: "\n").filter { !$0.contains(" INFO request ") }
            Issue.record("the server's log ends with:\n\(told.suffix(60).joined(separator: "\n"))")
            throw error
        }
    }

    var mail: Maildir { Maildir(path: folder.path("mail")) }
    /// What it wrote, of all its lives.
    var log: String {
        String(decoding: FileManager.default.contents(atPath: folder.path("server.log")) ?? Data(), as: UTF8.self)
    }

    /// - Parameter fault: the fault point at which it ends itself.
    func start(fault: String? = nil) async throws {
        var environment = settings
        environment["KILN_FAULT"] = fault
        let started = try Child(
            [Self.executable, "serve"], environment: environment, output: folder.path("server.log"))
        child.withLockedValue { $0 = started }
        _ = try await until("the server is ready") { () async throws -> Bool? in
            if let code = started.end() {
                child.withLockedValue { $0 = nil }
                throw Ended(code: code, log: String(log.suffix(2000)))
            }
            return (try? await http.get("/readyz", patience: 5))?.status == 200 ? true : nil
        }
    }

    struct Ended: Error {
        let code: Int32
        let log: String
    }

    var processID: pid_t? { child.withLockedValue { $0?.id } }

    /// Another command of Kiln's, with the same configuration.
    func kiln(_ arguments: String..., within limit: Duration = .seconds(120)) async throws -> (
        code: Int32, text: String
    ) {
        try await run(Self.executable, arguments, environment: settings, within: limit)
    }

    /// A script that runs one with what stands on its standard input.
    func writeProgram(_ arguments: [String], to path: String) throws {
        let quoted = { (word: String) in "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'" }
        let variables = settings.map { quoted("\($0.key)=\($0.value)") }.joined(separator: " ")
        let command = ([Self.executable] + arguments).map(quoted).joined(separator: " ")
        try Data("#!/bin/sh\nexec env -i \(variables) \(command)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    /// As a crash does: no warning, no clean-up.
    func crash() async throws {
        guard let child = child.withLockedValue({ $0 }) else { return }
        child.signal(SIGKILL)
        try await gone()
    }

    /// Asks it to stop; its exit code.
    @discardableResult
    func stop() async throws -> Int32 {
        guard let child = child.withLockedValue({ $0 }) else { return 0 }
        child.signal(SIGTERM)
        return try await gone()
    }

    /// Waits until it has ended by itself, as at a fault point; its exit code.
    @discardableResult
    func gone(within limit: Duration = .seconds(60)) async throws -> Int32 {
        guard let child = child.withLockedValue({ $0 }) else { return 0 }
        let code = try await child.ended(within: limit)
        self.child.withLockedValue { $0 = nil }
        return code
    }

    /// Ends it and the supervisors of its runs, which are made to outlive it, by the numbers that they left.
    func end() async {
        try? await crash()
        let runs = folder.path("data") + "/runs"
        for run in (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? [] {
            guard let data = FileManager.default.contents(atPath: "\(runs)/\(run)/started.json"),
                let facts = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
                let supervisor = facts["supervisor"] as? Int, supervisor > 1,
                let command = FileManager.default.contents(atPath: "/proc/\(supervisor)/cmdline"),
                String(decoding: command, as: UTF8.self).contains(folder.path)
            else { continue }
            kill(pid_t(supervisor), SIGKILL)
        }
    }

    /// A port that nobody listens on and that no client gets by chance: below the range from which the kernel hands
    /// out ports, where a client that retries while the server is down could even meet itself.
    static func freePort() throws -> Int {
        for _ in 0..<200 {
            let port = nextPort.withLockedValue { next in
                next = next == 31_999 ? 20_000 : next + 1
                return next
            }
            if isFree(port) { return port }
        }
        throw RawConnection.Failure.noConnection(errno: EADDRINUSE)
    }

    private static let nextPort = NIOLockedValueBox(Int.random(in: 20_000...31_000))

    private static func isFree(_ port: Int) -> Bool {
        // Not for children: a server that another test starts just now would hold the port for good.
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
