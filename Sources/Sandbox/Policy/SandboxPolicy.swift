/// A file or folder of the host that is seen inside.
package struct SandboxBind: Sendable, Codable, Equatable {
    /// An absolute path of the host; or, for detached runs, a path relative to the run's own `files` folder.
    ///
    /// Where Kiln is root the work is not. The bind shows the file itself, so private folders above it do not matter,
    /// but its own mode must let others read it (read-only binds), and writable ones are given to the run's user.
    /// Relative sources are prepared by this room.
    package var source: String
    /// The absolute path inside.
    package var destination: String

    /// A bind of `source`, seen at `destination`.
    package init(_ source: String, at destination: String) {
        self.source = source
        self.destination = destination
    }
}

/// What an untrusted program sees and may use.
///
/// It always sees the host's programs and libraries read-only (`SystemPaths`), its own `/proc` and `/dev`, and an empty
/// `/tmp` and home folder in memory; never the host's `/etc` as a whole, `/home`, `/root`, `/var` or Kiln's own folders.
package struct SandboxPolicy: Sendable, Codable, Equatable {
    /// What is seen and cannot be changed.
    package var readOnly: [SandboxBind]
    /// Folders that may be written; they count against `SandboxLimits.output`.
    package var writable: [SandboxBind]
    /// Devices of the host that are there under their own names, like `/dev/kvm`; others must be allowed to open them.
    package var devices: [String]
    /// All variables beside `PATH`, `HOME`, `TMPDIR`, `LANG`, `USER` and `LOGNAME`, which it may replace.
    /// Nothing of the server's own environment is passed.
    package var environment: [String: String]
    /// The working directory, inside.
    package var workingDirectory: String
    /// Whether the host's network, names and package sources are there (`kiln prepare`); otherwise only a loopback is.
    package var network: Bool
    /// How much it may use.
    package var limits: SandboxLimits

    /// A policy that allows no more than it says.
    package init(
        readOnly: [SandboxBind] = [],
        writable: [SandboxBind] = [],
        devices: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String = "/",
        network: Bool = false,
        limits: SandboxLimits = SandboxLimits()
    ) {
        self.readOnly = readOnly
        self.writable = writable
        self.devices = devices
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.network = network
        self.limits = limits
    }
}
