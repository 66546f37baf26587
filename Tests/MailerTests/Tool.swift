import Foundation
import Glibc
import TestSupport

/// Runs a program to its end, its input and output in files.
///
/// Not by Foundation's `Process`, which does not bear being started by many threads at once.
enum Tool {
    struct Failure: Error {
        let status: Int32
        let words: String
    }

    /// What the program wrote to its standard output.
    ///
    /// - Throws: `Failure` with what it wrote to its standard error, if it did not end with 0.
    static func run(_ command: [String], input: [UInt8] = []) throws -> Data {
        let folder = try TemporaryDirectory()
        try Data(input).write(to: folder.url.appending(path: "in"))
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, folder.path("in"), O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, folder.path("out"), O_WRONLY | O_CREAT, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, folder.path("err"), O_WRONLY | O_CREAT, 0o600)
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let code = unsafe posix_spawnp(&child, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else { throw Failure(status: code, words: "\(command[0]) cannot be started") }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            let words = try Data(contentsOf: folder.url.appending(path: "err"))
            throw Failure(status: status, words: String(decoding: words, as: UTF8.self))
        }
        return try Data(contentsOf: folder.url.appending(path: "out"))
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
