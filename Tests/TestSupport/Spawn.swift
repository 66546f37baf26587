import Foundation
package import Glibc

/// A program that could not be started: what, and the C library's reason.
package struct SpawnFailure: Error, CustomStringConvertible {
    package let program: String
    package let code: Int32

    package init(program: String, code: Int32) {
        self.program = program
        self.code = code
    }

    package var description: String { "\(program) cannot be started: \(unsafe String(cString: strerror(code)))" }
}

/// Starts a program of the host.
///
/// Not by Foundation's `Process`: on Linux that misses ends when many threads start programs at once, and waits for ever.
///
/// - Parameters:
///   - command: the program, looked for along `PATH` if it is a mere name, and its arguments.
///   - environment: this process' own by default.
///   - folder: where it runs; this process' own folder by default.
///   - isGroup: whether it leads a process group of its own.
///   - input: a descriptor that stays the caller's, as the next two; `/dev/null` by default.
package func spawn(
    _ command: [String], environment: [String: String]? = nil, in folder: String? = nil, isGroup: Bool = false,
    input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
) throws(SpawnFailure) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (place, given) in [input, output, errors].enumerated() {
        if let given {
            unsafe posix_spawn_file_actions_adddup2(&actions, given, Int32(place))
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, Int32(place), "/dev/null", O_RDWR, 0)
        }
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    if isGroup { unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP)) }
    let there = folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0] + command } ?? command
    let variables = environment ?? ProcessInfo.processInfo.environment
    var words = unsafe there.map { unsafe strdup($0) } + [nil]
    var settings = unsafe variables.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { unsafe (words + settings).forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = unsafe posix_spawnp(&child, there[0], &actions, &attributes, &words, &settings)
    guard code == 0 else { throw SpawnFailure(program: command[0], code: code) }
    return child
}

/// Waits for a child's end and takes it: its exit code, or 128 and the number of the signal that ended it.
package func takeEnd(of child: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
}
