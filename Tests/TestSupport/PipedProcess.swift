import Foundation
package import Glibc
import NIOConcurrencyHelpers

/// A program that is to end when its standard input does: with this object, or with this process.
package final class PipedProcess: Sendable {
    package struct Silence: Error, CustomStringConvertible {
        package let description: String
    }

    package let id: pid_t
    private let name: String
    /// The other end is the program's standard input and output.
    private let socket: Int32
    private let end = End()
    /// What was read past the last line.
    private let rest = NIOLockedValueBox<[UInt8]>([])

    package init(_ command: [String], environment: [String: String]? = nil, in folder: String? = nil) throws {
        var ends: [Int32] = [0, 0]
        // Close-on-exec, or a program that another test starts would keep this one's input open.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw SpawnFailure(program: command[0], code: errno)
        }
        defer { close(ends[1]) }
        do {
            id = try spawn(
                command, environment: environment, in: folder, input: ends[1], output: ends[1], errors: STDERR_FILENO)
        } catch {
            close(ends[0])
            throw error
        }
        name = command.prefix(2).joined(separator: " ")
        socket = ends[0]
        let (id, end) = (id, end)
        Thread.detachNewThread { end.came(takeEnd(of: id)) }
    }

    deinit {
        close(socket)
    }

    /// The next line that it says, without the line's end.
    ///
    /// - Throws: `Silence` if it says none in this time, or ends before.
    package func line(within limit: Duration = .seconds(90)) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try self.read(ContinuousClock.now + limit) }) }
        }
    }

    private func read(_ deadline: ContinuousClock.Instant) throws -> String {
        while true {
            let line = rest.withLockedValue { rest -> String? in
                guard let end = rest.firstIndex(of: 0x0A) else { return nil }
                defer { rest.removeSubrange(...end) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            if let line { return line }
            let left = deadline - .now
            var ready = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard left > .zero else {
                throw Silence(description: "\(name) says nothing")
            }
            guard unsafe poll(&ready, 1, Int32(min(left / .milliseconds(1) + 1, 1000))) > 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = unsafe Glibc.read(socket, &bytes, bytes.count)
            guard count > 0 else { throw Silence(description: "\(name) has ended") }
            rest.withLockedValue { $0 += bytes[..<count] }
        }
    }

    /// Writes a line to its input.
    package func write(_ line: String) throws {
        try FileHandle(fileDescriptor: socket, closeOnDealloc: false).write(contentsOf: Data("\(line)\n".utf8))
    }

    /// Closes its input and returns when it has ended.
    ///
    /// - Parameter isKilled: at once, in the midst of whatever it does.
    /// - Returns: its exit code, or 128 and the number of the signal that ended it.
    @discardableResult
    package func end(isKilled: Bool = false) async -> Int32 {
        if isKilled { end.kill(id) }
        shutdown(socket, Int32(SHUT_WR))
        return await end.code
    }
}

/// The end of a child, for any number of those who wait for it.
private final class End: Sendable {
    private struct State {
        var code: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = NIOLockedValueBox(State())

    func came(_ code: Int32) {
        let waiting = state.withLockedValue { state in
            state.code = code
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume(returning: code) }
    }

    /// Only while it runs: afterwards the number may be another program's.
    func kill(_ id: pid_t) {
        state.withLockedValue { state in
            if state.code == nil { _ = Glibc.kill(id, SIGKILL) }
        }
    }

    var code: Int32 {
        get async {
            await withCheckedContinuation { continuation in
                let code = state.withLockedValue { state in
                    if state.code == nil { state.waiting.append(continuation) }
                    return state.code
                }
                if let code { continuation.resume(returning: code) }
            }
        }
    }
}
