import Foundation
import Glibc
import Sandbox
import Testing

/// The runs of one test, with the means to look at them.
struct RunsFixture {
    let scratch: Scratch
    let directory: String
    let runs: LocalRuns

    init(settings: SandboxSettings = SandboxSettings()) throws {
        scratch = try Scratch()
        directory = scratch.path + "/runs"
        runs = try Self.server(of: directory, settings)
    }

    /// What another server, or the same one after a restart, is.
    static func server(
        of directory: String, _ settings: SandboxSettings = SandboxSettings(), supervisor: String = testSupervisor
    ) throws -> LocalRuns {
        try LocalRuns(
            directory: directory, settings: settings,
            supervisor: SupervisorCommand(executable: supervisor, arguments: ["supervise"]))
    }

    static func key() throws -> RunKey { try #require(RunKey("run-\(UUID().uuidString)")) }

    static func script(_ text: String, _ limits: SandboxLimits = SandboxLimits(wallTime: .seconds(60)))
        -> RunSpecification
    {
        RunSpecification(
            executable: "/bin/sh", arguments: ["-c", text],
            policy: SandboxPolicy(
                readOnly: [SandboxBind("inputs", at: "/kiln/inputs")],
                writable: [SandboxBind("work", at: "/kiln/work")],
                workingDirectory: "/kiln/work", limits: limits))
    }

    @discardableResult
    func start(_ key: RunKey, _ text: String, _ limits: SandboxLimits = SandboxLimits(wallTime: .seconds(60)))
        async throws
        -> StartOutcome
    {
        try await runs.start(key, Self.script(text, limits)) { files in
            try FileManager.default.createDirectory(atPath: files + "/inputs", withIntermediateDirectories: false)
            try Data("given".utf8).write(to: URL(fileURLWithPath: files + "/inputs/field"))
        }
    }

    /// Follows a run until it is neither starting nor running.
    func settled(_ key: RunKey, _ runs: LocalRuns? = nil) async throws -> RunObservation {
        let runs = runs ?? self.runs
        var seen = try await runs.observe(key)
        for _ in 0..<10_000 {
            switch seen {
            case .starting, .running: seen = try await runs.waitForChange(of: key, since: seen, timeout: .seconds(60))
            default: return seen
            }
        }
        return seen
    }

    func end(_ key: RunKey, _ runs: LocalRuns? = nil) async throws -> RunEnd {
        guard case .ended(let end) = try await settled(key, runs) else {
            throw Unexpected()
        }
        return end
    }

    func log(_ key: RunKey) async throws -> String {
        String(decoding: try await runs.log(of: key, from: 0, limit: 1 << 20), as: UTF8.self)
    }

    /// Waits until the run printed a text.
    func printed(_ text: String, _ key: RunKey) async throws {
        var changes = runs.changes(of: key).makeAsyncIterator()
        while !(try await log(key).contains(text)) {
            guard await changes.next() != nil else { throw Unexpected() }
        }
    }

    func supervisor(of key: RunKey) throws -> pid_t {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(key)/started.json"))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let number = try #require(object?["supervisor"] as? Int)
        return pid_t(number)
    }

    struct Unexpected: Error {}
}
