import BuildRunner
import Curl
import Domain
import Foundation
import TestSupport

/// A real Buildbot: a master and a worker of its own, in a folder of its own, that end with the test process however that
/// ends (`Tests/Buildbot/run.py` watches over them).
final class BuildbotServer: Sendable {
    enum Trouble: Error {
        case notStarted(String)
        case unexpected(String)
    }

    /// The programs of the virtual environment that `scripts/setup.sh test` makes.
    static let tools: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let folder = ProcessInfo.processInfo.environment["KILN_BUILDBOT"] ?? "\(root)/.build/buildbot/bin"
        return FileManager.default.isExecutableFile(atPath: "\(folder)/buildbot-worker") ? folder : nil
    }()

    private static let script =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Buildbot/run.py"

    /// One for all tests that leave it alive.
    private static let starting = Task { try await start(workers: 48) }
    static var shared: BuildbotServer {
        get async throws { try await starting.value }
    }

    let url: String
    let folder: TemporaryDirectory
    /// Ends the two and removes the folder when this one's gone.
    private let process: PipedProcess
    private let transfers = HTTPTransfers(TransferSettings(userAgent: "Kiln-Test"))

    /// - Parameter workers: builds at once.
    static func start(workers: Int) async throws -> BuildbotServer {
        guard let tools else { throw Trouble.notStarted("Buildbot is not installed") }
        let folder = try TemporaryDirectory()
        let process = try PipedProcess(["\(tools)/python", script, folder.path, "\(workers)"])
        let said = try await process.line()
        struct Ports: Decodable { var web: Int }
        guard let ports = try? JSONDecoder().decode(Ports.self, from: Data(said.utf8)) else {
            throw Trouble.notStarted(said)
        }
        return BuildbotServer(url: "http://127.0.0.1:\(ports.web)", folder: folder, process: process)
    }

    private init(url: String, folder: TemporaryDirectory, process: PipedProcess) {
        self.url = url
        self.folder = folder
        self.process = process
    }

    // MARK: - Master and worker

    /// `kill master`, `start worker`, ...; returns when it is done.
    func tell(_ command: String) async throws {
        try process.write(command)
        let said = try await process.line()
        guard said == #"{"done": "\#(command)"}"# else { throw Trouble.unexpected(said) }
    }

    /// A reading call, past every door.
    func read(_ path: String) async throws -> [String: Any] {
        let answer = try await transfers.send(
            HTTPRequest(.get, "\(url)/api/v2/\(path)", headers: [("Accept", "application/json")]))
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }

    /// What a person does at Buildbot's own pages.
    func control(_ path: String, _ method: String) async throws {
        let login = try await transfers.send(
            HTTPRequest(
                .get, "\(url)/auth/login",
                headers: [("Authorization", "Basic \(Data("ci:ci-secret".utf8).base64EncodedString())")],
                redirects: .none))
        let cookie = login.headers["set-cookie"]?.split(separator: ";").first.map(String.init) ?? ""
        let answer = try await transfers.send(
            HTTPRequest(
                .post, "\(url)/api/v2/\(path)", headers: [("Cookie", cookie)],
                body: .bytes(
                    Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{"reason":"by hand"}}"#.utf8),
                    contentType: "application/json")))
        guard answer.status == 200 else { throw Trouble.unexpected("\(path): \(answer.status)") }
    }

    /// The numbers of the requests with an attempt's key, oldest first.
    func requests(of attempt: Attempt) async throws -> [Int] {
        let found = try await read("buildrequests?property=KILN_ATTEMPT")["buildrequests"] as? [[String: Any]] ?? []
        return found.compactMap { request in
            let key = (request["properties"] as? [String: Any])?["KILN_ATTEMPT"] as? [Any]
            return key?.first as? String == attempt.publicKey ? request["buildrequestid"] as? Int : nil
        }.sorted()
    }

    func isComplete(_ request: Int) async throws -> Bool {
        let found = try await read("buildrequests/\(request)")["buildrequests"] as? [[String: Any]]
        return found?.first?["complete"] as? Bool ?? true
    }

    /// The numbers of a request's builds, oldest first.
    func builds(of request: Int) async throws -> [Int] {
        let found = try await read("buildrequests/\(request)/builds")["builds"] as? [[String: Any]] ?? []
        return found.compactMap { $0["buildid"] as? Int }.sorted()
    }

    // MARK: - What builds do

    /// The folder by which an attempt's builds are told what to do.
    func control(of attempt: Attempt) throws -> String {
        let path = "\(folder.path)/control/\(attempt.publicKey)"
        try FileManager.default.createDirectory(atPath: path + "/files", withIntermediateDirectories: true)
        return path
    }

    /// Lets an attempt's request have its build.
    func letGo(_ attempt: Attempt) throws {
        try put([], as: "go", for: attempt)
    }

    func put(_ bytes: [UInt8], as name: String, for attempt: Attempt) throws {
        let path = try control(of: attempt) + "/\(name)"
        // In one go, so that nobody reads half of it.
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }

    func isThere(_ name: String, of attempt: Attempt) throws -> Bool {
        FileManager.default.fileExists(atPath: try control(of: attempt) + "/\(name)")
    }

    func content(_ name: String, of attempt: Attempt) throws -> String? {
        FileManager.default.contents(atPath: try control(of: attempt) + "/\(name)").map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    func remove(_ name: String, of attempt: Attempt) throws {
        try? FileManager.default.removeItem(atPath: try control(of: attempt) + "/\(name)")
    }

    /// Looks again and again for what another process does; ends with the test's time limit. The pause is for that
    /// process: a master that is asked all the time does nothing else.
    func wait(until holds: () async throws -> Bool) async throws {
        while try await !holds() { try await Task.sleep(for: .milliseconds(200)) }
    }
}
