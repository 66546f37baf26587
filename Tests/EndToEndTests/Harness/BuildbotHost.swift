import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// A real Buildbot, master and worker, whose builders run `Tests/Buildbot/job.sh`. It ends with this process.
final class BuildbotHost: Sendable {
    /// The programs of the virtual environment that `scripts/setup.sh test` makes; `nil` without it.
    static let tools: String? = {
        let folder = ProcessInfo.processInfo.environment["KILN_BUILDBOT"] ?? "\(KilnServer.root)/.build/buildbot/bin"
        return FileManager.default.isExecutableFile(atPath: "\(folder)/buildbot-worker") ? folder : nil
    }()

    /// One for all tests that leave it alive.
    private static let starting = Task { try await BuildbotHost(workers: 12) }
    static var shared: BuildbotHost {
        get async throws { try await starting.value }
    }

    let http: HTTP
    private let folder: TemporaryDirectory
    /// It ends its own children.
    private let process: PipedProcess

    var url: String { "http://127.0.0.1:\(http.port)" }
    /// What `kiln serve` needs to build here.
    static let settings = ["KILN_SECRET_BUILDBOT": "ci-secret"]

    /// - Parameter workers: builds at once.
    init(workers: Int) async throws {
        let tools = try #require(Self.tools)
        folder = try TemporaryDirectory()
        process = try PipedProcess(
            ["\(tools)/python", "\(KilnServer.root)/Tests/Buildbot/run.py", folder.path("buildbot"), "\(workers)"])
        struct Ports: Decodable { var web: Int }
        http = HTTP(port: try JSONDecoder().decode(Ports.self, from: Data(try await process.line().utf8)).web)
    }

    private static func lines(of path: String) -> [String] {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            .components(separatedBy: "\n").dropLast()
    }

    /// `kill master`, `start worker`, ...; returns when it is done.
    func tell(_ command: String) async throws {
        try process.write(command)
        let said = try await process.line()
        try #require(said == #"{"done": "\#(command)"}"#, "\(said)")
    }

    // MARK: - What was built

    /// A build's name for a CI, worked out here once more: its id leads to its page and stands in no CI's listing.
    static func name(of build: String) -> String {
        String(sha256(Array("kiln build \(build)".utf8)).prefix(24))
    }

    struct Request {
        var id: Int
        var attempt: String
        var isComplete: Bool
    }

    /// All that was ever asked for, as Buildbot tells it.
    func requests() async throws -> [Request] {
        let found = try await read("buildrequests?property=KILN_ATTEMPT")["buildrequests"] as? [[String: Any]] ?? []
        return found.compactMap { request in
            guard let id = request["buildrequestid"] as? Int,
                let key = (request["properties"] as? [String: Any])?["KILN_ATTEMPT"] as? [Any],
                let attempt = key.first as? String
            else { return nil }
            return Request(id: id, attempt: attempt, isComplete: request["complete"] as? Bool ?? false)
        }
    }

    /// How often a build of Kiln's was asked for here, whatever the attempt (P3).
    func requests(of build: String) async throws -> Int {
        try await requests().count { $0.attempt.hasPrefix(Self.name(of: build) + "-") }
    }

    /// Whether Buildbot does nothing more for a build.
    func hasEnded(_ build: String) async throws -> Bool {
        try await requests().allSatisfy { $0.isComplete || !$0.attempt.hasPrefix(Self.name(of: build) + "-") }
    }

    /// How often a build's job began, as the job itself wrote it down.
    func starts(of build: String) -> Int {
        Self.lines(of: file("starts")).count { $0.hasPrefix(Self.name(of: build) + "-") }
    }

    func read(_ path: String) async throws -> [String: Any] {
        let answer = try await http.get("/api/v2/\(path)", ["Accept": "application/json"])
        try #require(answer.status == 200, "\(path): \(answer.status) \(answer.text.prefix(300))")
        return try answer.json()
    }

    // MARK: - What jobs read and write

    /// In the folder that jobs know.
    func file(_ name: String) -> String { folder.path("buildbot/\(name)") }

    /// Lets the job go on that waits for this name.
    func letGo(_ name: String) throws {
        try Data().write(to: URL(filePath: file("go-\(name)")))
    }
}
