internal import CLinux
internal import Foundation
internal import Glibc

/// The folder of one run and the files in it, which are all that is known about the run.
///
/// | file | written by | says |
/// |---|---|---|
/// | `specification.json` | start, before the folder has its name | what to run, and how this machine isolates |
/// | `files/` | start, and the run | inputs and writable folders |
/// | `lock` | held by the supervisor while it lives | somebody takes care of the run |
/// | `started.json` | the supervisor, before anything runs | a second supervisor must not run it again |
/// | `log`, `supervisor.log` | the supervisor | what the run printed; what the supervisor complained about |
/// | `cancel` | anyone | the run shall end |
/// | `result.json` | the supervisor, at the end | how the run ended |
struct RunFolder: Sendable {
    let path: String

    var specification: String { "\(path)/specification.json" }
    var files: String { "\(path)/files" }
    var scratch: String { "\(path)/scratch" }
    var lock: String { "\(path)/lock" }
    /// Beside the folder while it has no name yet.
    var stagingLock: String { "\(path).lock" }
    var started: String { "\(path)/started.json" }
    var log: String { "\(path)/log" }
    var supervisorLog: String { "\(path)/supervisor.log" }
    var cancel: String { "\(path)/cancel" }
    var result: String { "\(path)/result.json" }

    /// What `specification.json` holds.
    struct Order: Codable, Equatable {
        var specification: RunSpecification
        var settings: SandboxSettings
    }

    /// What `started.json` holds.
    struct Start: Codable, Equatable {
        var supervisor: Int32
        var startedAt: Int64
    }

    func write(_ value: some Encodable, to file: String) throws(SandboxError) {
        let bytes: Data
        do {
            bytes = try JSONEncoder().encode(value)
        } catch {
            throw .damaged(path: file)
        }
        try System.writeDurably(bytes, to: file)
    }

    func read<Value: Decodable>(_ type: Value.Type, from file: String) throws(SandboxError) -> Value {
        let bytes = try System.read(file, limit: 16 << 20)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .damaged(path: file)
        }
    }

    /// How the run stands; ends what is left of a run that nobody supervises. Blocks.
    func observe() throws(SandboxError) -> RunObservation {
        guard System.exists(path) else { return .unknownKey }
        if let end = try end() { return .ended(end) }
        // The order matters: the supervisor writes the result before it lets the lock go.
        let isSupervised = try FileLock.isHeld(lock)
        let hasStarted = System.exists(started)
        if isSupervised {
            return hasStarted ? .running(logBytes: logBytes()) : .starting
        }
        if let end = try end() { return .ended(end) }
        guard hasStarted else { return System.exists(path) ? .starting : .unknownKey }
        StrayProcesses.end(of: scratch)
        return .lost
    }

    func end() throws(SandboxError) -> RunEnd? {
        System.exists(result) ? try read(RunEnd.self, from: result) : nil
    }

    func logBytes() -> Int {
        (try? System.information(log)).map { Int($0.st_size) } ?? 0
    }
}
