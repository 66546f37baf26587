internal import Glibc

/// A user number that one run has for itself, until this value goes.
///
/// Where Kiln is root, the work must not be; and since the kernel counts processes by user, each run gets another one.
final class RunUser: Sendable {
    let number: UInt32
    private let lock: FileLock

    /// Whether this process has to give its work to another user.
    static var isNeeded: Bool { geteuid() == 0 }

    /// Takes a free user of the range.
    static func take(from range: RunUserRange) throws(SandboxError) -> RunUser {
        if !System.exists(range.locks) {
            do { try System.makeDirectory(range.locks, mode: 0o700) } catch .system(_, _, EEXIST) {}
        }
        // Any place to begin is right; a random one keeps servers that start together from trying the same files.
        let begin = UInt32.random(in: 0..<max(range.count, 1))
        for step in 0..<range.count {
            let number = range.first + (begin + step) % range.count
            if let lock = try FileLock.take("\(range.locks)/\(number)") { return RunUser(number: number, lock: lock) }
        }
        throw .noFreeUser(range)
    }

    private init(number: UInt32, lock: FileLock) {
        self.number = number
        self.lock = lock
    }
}
