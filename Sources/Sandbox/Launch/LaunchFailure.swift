internal import Glibc
internal import Subprocess

/// Tells a program that failed from one that never started, by what the tools before it print and return.
enum LaunchFailure {
    /// The cause for how the chain of tools and program ended, and the beginning of what was printed.
    static func cause(of status: TerminationStatus, output: [UInt8]) -> RunEnd.Cause {
        switch status {
        case .exited(let code): cause(exitCode: code, output: output)
        case .signaled(let number): number == SIGXCPU ? .cpuTimeLimit : .signalled(number)
        }
    }

    /// The cause for an exit code and the beginning of what was printed.
    ///
    /// A program could print the same and so call its own failure ours; it would change nothing but that word.
    static func cause(exitCode: Int32, output: [UInt8]) -> RunEnd.Cause {
        let line = String(decoding: output.prefix(while: { $0 != UInt8(ascii: "\n") }), as: UTF8.self)
        let isOurs =
            switch exitCode {
            case 1: line.hasPrefix("bwrap: ") || line.hasPrefix("prlimit: failed to set")
            case 126, 127: ["prlimit: failed", "setpriv: failed", "choom: failed"].contains { line.hasPrefix($0) }
            default: false
            }
        return isOurs ? .couldNotStart(line) : RunEnd.Cause(exitCode: exitCode)
    }
}
