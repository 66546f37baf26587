import Foundation
import TestSupport

/// Runs a program that is to end well.
enum Tool {
    struct Failure: Error {
        let status: Int32
        let words: String
    }

    /// What the program wrote to its standard output.
    ///
    /// - Throws: `Failure` with what it wrote to its standard error, if it did not end with 0.
    static func run(_ command: [String], input: [UInt8] = []) throws -> Data {
        let program = try Program.runHere(command, input: Data(input))
        guard program.code == 0 else { throw Failure(status: program.code, words: program.complaint) }
        return program.output
    }

    /// Runs a Python program that reads messages from standard input, each as its length on a line and its bytes.
    static func python(_ script: String, at path: String = "python3", messages: [[UInt8]]) throws -> Data {
        let reading = """
            import sys
            messages = []
            while line := sys.stdin.buffer.readline():
                messages.append(sys.stdin.buffer.read(int(line)))

            """
        return try run([path, "-c", reading + script], input: messages.flatMap { Array("\($0.count)\n".utf8) + $0 })
    }
}
