/// What can go wrong around a run (never inside it: that is `RunEnd`).
package enum SandboxError: Error, Sendable, Equatable {
    /// A call of the system failed on this path.
    case system(call: String, path: String, number: Int32)
    /// Bubblewrap or one of the tools beside it is not installed.
    case toolMissing(path: String)
    /// All users of the range are in use.
    case noFreeUser(RunUserRange)
    /// A read-only source cannot be read by the run's user.
    case unreadable(path: String)
    /// A name that would change how the sandbox itself is started.
    case forbiddenVariable(name: String)
    /// A path that is not what it has to be: absolute inside, or relative without `..` in the run's files.
    case badPath(String)
    /// A file of a run's folder does not hold what was written there.
    case damaged(path: String)
    /// The supervisor did not report within the limit; its log says why.
    case supervisorDidNotStart(log: String)
    /// Only ended runs can be removed.
    case stillRunning(RunKey)
    /// There is no such run.
    case unknownRun(RunKey)
}

extension SandboxError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let call, let path, let number): "\(call) \(path): \(System.message(number))"
        case .toolMissing(let path):
            "\(path) is missing; install it (Debian: apt install bubblewrap util-linux)"
        case .noFreeUser(let range):
            "all \(range.count) users for runs are in use (\(range.locks)); run fewer builds at once"
        case .unreadable(let path):
            "\(path) is read by an unprivileged user in the sandbox: let others read it (its folder may stay private)"
        case .forbiddenVariable(let name): "the variable \(name) cannot be set for a sandboxed program"
        case .badPath(let path): "\(path) is not a path that a sandbox can use"
        case .damaged(let path): "\(path) is damaged"
        case .supervisorDidNotStart(let log): "the supervisor of the run did not start: \(log)"
        case .stillRunning(let key): "run \(key) has not ended"
        case .unknownRun(let key): "there is no run \(key)"
        }
    }
}
