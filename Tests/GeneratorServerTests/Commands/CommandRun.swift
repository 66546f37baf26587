import ArgumentParser
import NIOConcurrencyHelpers

@testable import GeneratorServer

/// A command that ran to its end in this process, and what it said.
struct CommandRun {
    let code: Int32
    let output: String
    let errors: String

    init(_ arguments: [String]) async {
        let said = NIOLockedValueBox<[CommandOutput.Stream: String]>([:])
        code = await CommandOutput.$listener.withValue(
            { words, stream in said.withLockedValue { $0[stream, default: ""] += words } },
            operation: { await Self.code(of: arguments) })
        output = said.withLockedValue { $0[.output] ?? "" }
        errors = said.withLockedValue { $0[.errors] ?? "" }
    }

    private static func code(of arguments: [String]) async -> Int32 {
        do {
            var command = try KilnCommand.parseAsRoot(arguments)
            guard var work = command as? any AsyncParsableCommand else {
                try command.run()
                return 0
            }
            try await work.run()
            return 0
        } catch {
            return KilnCommand.exitCode(for: error).rawValue
        }
    }
}
