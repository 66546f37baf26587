import Foundation
import Glibc

/// A program that is to end when its standard input does: with this object, or with this process.
///
/// Not by Foundation's `Process`, which does not bear being started by many threads at once.
final class PipedProcess: Sendable {
    private let id: pid_t
    /// The other end is the program's standard input and output.
    private let socket: Int32

    init(_ command: [String]) throws {
        var ends: [Int32] = [0, 0]
        // Close-on-exec, or a program that another test starts would keep this one's input open.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SMTPServerError.cannotStart(errno: errno) }
        defer { close(ends[1]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let code = unsafe posix_spawn(&child, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else {
            close(ends[0])
            throw SMTPServerError.cannotStart(errno: code)
        }
        id = child
        socket = ends[0]
    }

    deinit {
        close(socket)
    }

    /// What it says first, without the line's end.
    func firstLine() async throws -> String {
        let socket = socket
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var bytes: [UInt8] = []
                var byte: UInt8 = 0
                while unsafe read(socket, &byte, 1) == 1 {
                    if byte == 0x0A {
                        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
                        return
                    }
                    bytes.append(byte)
                }
                continuation.resume(throwing: SMTPServerError.didNotStart)
            }
        }
    }

    /// Returns when it has ended.
    ///
    /// - Parameter isKilled: at once, in the midst of whatever it does.
    func end(isKilled: Bool = false) async {
        if isKilled { kill(id, SIGKILL) }
        shutdown(socket, Int32(SHUT_WR))
        let id = id
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
                continuation.resume()
            }
        }
    }
}
