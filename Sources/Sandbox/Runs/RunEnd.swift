/// How a run, or a single command, ended.
package struct RunEnd: Sendable, Codable, Equatable {
    /// Why it ended.
    package enum Cause: Sendable, Codable, Equatable {
        /// The program ended by itself with this code.
        case exited(Int32)
        /// A signal ended the program, or a shell reported (by 128 + n) that one ended what it ran.
        case signalled(Int32)
        /// Ended by us at its limit of wall time.
        case wallTimeLimit
        /// Ended at its limit of processor time.
        case cpuTimeLimit
        /// Ended by us at its limit of memory.
        case memoryLimit
        /// Ended by us because its writable folders held too many bytes or files.
        case outputLimit
        /// Ended by us because somebody asked for it.
        case cancelled
        /// Nothing of the program ran; what is wrong, in plain words.
        case couldNotStart(String)
    }

    /// Why it ended.
    package var cause: Cause
    /// Milliseconds since 1970.
    package var startedAt: Int64
    /// Milliseconds since 1970.
    package var endedAt: Int64
    /// Bytes that the program wrote to the log.
    package var logBytes: Int
    /// Whether the middle of the log was left out.
    package var logTruncated: Bool
    /// The most memory that was seen in use, in bytes.
    package var peakMemory: UInt64
    /// Processor time, in milliseconds.
    package var cpuTime: Int64
    /// Whether it ran behind walls (`false` only where the operator allows it).
    package var isolated: Bool

    /// Whether the program ended by itself and well.
    package var succeeded: Bool { cause == .exited(0) }
}

extension RunEnd.Cause {
    /// The cause that an exit code of bubblewrap or a shell stands for.
    init(exitCode: Int32) {
        self =
            switch exitCode {
            case 128 + 24: .cpuTimeLimit  // SIGXCPU is sent for nothing else.
            case 129...192: .signalled(exitCode - 128)
            default: .exited(exitCode)
            }
    }
}
