/// What a detached run does; kept as JSON in its folder.
package struct RunSpecification: Sendable, Codable, Equatable {
    /// The absolute path of the program, inside.
    package var executable: String
    /// Its arguments; no shell ever reads them.
    package var arguments: [String]
    /// What it sees and may use.
    package var policy: SandboxPolicy

    /// A program with its arguments and policy.
    package init(executable: String, arguments: [String] = [], policy: SandboxPolicy) {
        self.executable = executable
        self.arguments = arguments
        self.policy = policy
    }
}

/// What one look at a run saw.
package enum RunObservation: Sendable, Equatable {
    /// No run of this key was ever started here, or it was removed.
    case unknownKey
    /// The key is taken and nothing ran yet. If it stays so, a server ended in the middle of starting: start it again.
    case starting
    /// The supervisor lives; so many bytes of log are there to read.
    case running(logBytes: Int)
    /// It ended.
    case ended(RunEnd)
    /// It began, nobody supervises it any more and its end is unknown: the machine, or the supervisor, was ended.
    /// What was left of it has been ended too.
    case lost
}

/// What `LocalRuns.start` did.
package enum StartOutcome: Sendable, Equatable {
    /// The run was started by this call.
    case started
    /// The key was taken already; its run goes on, or has ended.
    case alreadyStarted
}

/// How the supervisor of a run is started: an executable that calls `SupervisorMain.run` with its last argument.
package struct SupervisorCommand: Sendable, Equatable {
    /// An absolute path.
    package var executable: String
    /// The arguments before the run's folder.
    package var arguments: [String]

    /// A command line to which the run's folder is added.
    package init(executable: String, arguments: [String]) {
        self.executable = executable
        self.arguments = arguments
    }

    /// `supervise` of the executable that is running now. Ask at start: an upgrade may replace the file later.
    package static func thisExecutable() -> SupervisorCommand {
        SupervisorCommand(executable: System.link("/proc/self/exe") ?? "/proc/self/exe", arguments: ["supervise"])
    }
}
