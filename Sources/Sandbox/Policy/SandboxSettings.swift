/// How this machine isolates programs; the operator's side of the sandbox.
package struct SandboxSettings: Sendable, Codable, Equatable {
    /// The path of bubblewrap.
    package var bubblewrap: String
    /// The users that runs get where Kiln is root: one for each run at a time.
    package var users: RunUserRange
    /// Whether the operator accepts runs with limits but without isolation where the kernel refuses isolation.
    package var allowUnsandboxed: Bool

    /// Settings; the defaults never run anything without isolation.
    package init(
        bubblewrap: String = "/usr/bin/bwrap", users: RunUserRange = .standard, allowUnsandboxed: Bool = false
    ) {
        self.bubblewrap = bubblewrap
        self.users = users
        self.allowUnsandboxed = allowUnsandboxed
    }
}

/// Numbers of users (and groups) that nobody else on the machine uses, and where their use is noted.
package struct RunUserRange: Sendable, Codable, Equatable {
    /// The first number.
    package var first: UInt32
    /// How many there are, so how many runs can go on at a time.
    package var count: UInt32
    /// The folder of the lock files that say which are in use, of all Kiln servers of the machine.
    package var locks: String

    /// A range of user numbers.
    package init(first: UInt32, count: UInt32, locks: String) {
        self.first = first
        self.count = count
        self.locks = locks
    }

    /// 60600 to 60855: in the range that systemd's list of user numbers calls unused (60578 to 61183), that Debian gives
    /// to no installed package, and that the user namespaces of containers contain.
    package static let standard = RunUserRange(first: 60600, count: 256, locks: "/run/kiln-users")
}
