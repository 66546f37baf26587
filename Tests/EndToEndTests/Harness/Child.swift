import Foundation
import Glibc
import TestSupport

/// A program that a test starts, in a process group of its own, its output in a file.
struct Child: Sendable {
    let id: pid_t

    /// - Parameters:
    ///   - output: where standard output and standard error are appended.
    ///   - input: a descriptor that becomes its standard input and stays the caller's; nothing by default.
    init(_ command: [String], environment: [String: String], output: String, input: Int32? = nil) throws {
        let file = unsafe open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SpawnFailure(program: output, code: errno) }
        defer { close(file) }
        id = try spawn(command, environment: environment, isGroup: true, input: input, output: file, errors: file)
    }

    func signal(_ number: Int32) {
        kill(id, number)
    }

    /// The exit code, 128 and the signal's number if one ended it; `nil` while it runs. Counts once: the end is taken.
    func end() -> Int32? {
        var status: Int32 = 0
        guard unsafe waitpid(id, &status, WNOHANG) == id else { return nil }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    /// Waits for the end.
    @discardableResult
    func ended(within limit: Duration = .seconds(60)) async throws -> Int32 {
        try await until("process \(id) ends", within: limit) { end() }
    }
}

/// Runs a program to its end: its exit code and everything it printed.
func run(
    _ command: String..., environment: [String: String] = [:], within limit: Duration = .seconds(60)
) async throws -> (code: Int32, text: String) {
    try await run(command, environment: environment, within: limit)
}

private func run(
    _ command: [String], environment: [String: String], within limit: Duration
) async throws -> (code: Int32, text: String) {
    let output = FileManager.default.temporaryDirectory.appending(path: "kiln-output-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: output) }
    let all = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    let child = try Child(command, environment: all, output: output)
    do {
        let code = try await child.ended(within: limit)
        return (code, String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self))
    } catch {
        child.signal(SIGKILL)
        throw error
    }
}

/// The same with the arguments in an array.
func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], within limit: Duration = .seconds(60)
) async throws -> (code: Int32, text: String) {
    try await run([program] + arguments, environment: environment, within: limit)
}
