package import Foundation
import Glibc

/// What a program that ran to its end left.
package struct Program: Sendable {
    /// The exit code, or 128 and the number of the signal that ended it.
    package let code: Int32
    package let output: Data
    package let errors: Data

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var complaint: String { String(decoding: errors, as: UTF8.self) }

    /// Runs a program to its end, on a thread of its own: those of the pool are for tests that go on.
    ///
    /// - Parameters:
    ///   - command: the program, looked for along `PATH` if it is a mere name, and its arguments.
    ///   - input: what it reads.
    ///   - environment: this process' own by default.
    ///   - folder: where it runs.
    package static func run(
        _ command: [String], input: Data = Data(), environment: [String: String]? = nil, in folder: String? = nil
    ) async throws -> Program {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try runHere(command, input: input, environment: environment, in: folder) })
            }
        }
    }

    /// The same on the caller's thread, for short ones where nothing can be awaited.
    package static func runHere(
        _ command: [String], input: Data = Data(), environment: [String: String]? = nil, in folder: String? = nil
    ) throws -> Program {
        // Files instead of pipes: nobody has to read while it writes.
        let scratch = try TemporaryDirectory()
        try input.write(to: scratch.url.appending(path: "input"))
        let handles = ["input", "output", "errors"].map {
            unsafe open(scratch.path($0), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        }
        defer { handles.forEach { close($0) } }
        guard handles.allSatisfy({ $0 >= 0 }) else { throw SpawnFailure(program: command[0], code: errno) }
        let child = try spawn(
            command, environment: environment, in: folder, input: handles[0], output: handles[1], errors: handles[2])
        let code = takeEnd(of: child)
        let said = try ["output", "errors"].map { try Data(contentsOf: scratch.url.appending(path: $0)) }
        return Program(code: code, output: said[0], errors: said[1])
    }
}
