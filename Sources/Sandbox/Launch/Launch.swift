internal import Glibc
internal import Subprocess

/// The command that really starts: the tools that set limits and walls up, then the program.
struct Launch: Equatable {
    var executable: String
    var arguments: [String]
    /// The environment of the whole chain; it is not on a command line because those can be read by every user.
    var environment: [String: String]
    /// Where the chain starts, on the host.
    var startDirectory: String
    /// Writable folders on the host, to be counted.
    var writableFolders: [String]
    /// Whether the program is behind the walls, or only limited.
    var isIsolated: Bool

    var subprocessEnvironment: Environment {
        .custom(
            Dictionary(
                uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }))
    }
}

/// Makes a `Launch` out of what shall run and what the machine is like.
struct LaunchPlan {
    var executable: String
    var arguments: [String]
    var policy: SandboxPolicy
    var settings: SandboxSettings
    /// A private folder of this run for the stand-ins of `/etc`, and where relative sources are.
    var scratch: String
    /// Where relative sources of binds are; `nil` when they are not allowed.
    var files: String?
    /// The user to run as where Kiln is root.
    var user: UInt32?
    var isIsolated = true

    static let setpriv = "/usr/bin/setpriv"
    static let choom = "/usr/bin/choom"
    static let prlimit = "/usr/bin/prlimit"
    static let home = "/home/kiln"

    /// The number of the user inside.
    var userInside: UInt32 { user ?? (isIsolated ? 1000 : geteuid()) }

    /// Prepares the folders on the host and gives the command. Blocks.
    func prepare() throws(SandboxError) -> Launch {
        try checkNames()
        let tools = [Self.setpriv, Self.choom, Self.prlimit] + (isIsolated ? [settings.bubblewrap] : [])
        for tool in tools where !System.isExecutable(tool) { throw .toolMissing(path: tool) }
        let readOnly = try policy.readOnly.map { bind throws(SandboxError) in try resolve(bind, writable: false) }
        let writable = try policy.writable.map { bind throws(SandboxError) in try resolve(bind, writable: true) }
        return isIsolated
            ? try isolated(readOnly: readOnly, writable: writable)
            : try unisolated(binds: readOnly + writable, writable: writable)
    }

    private func checkNames() throws(SandboxError) {
        for (name, value) in policy.environment {
            // The chain itself runs with this environment, as root where Kiln is root.
            let steersTheLoader =
                name.hasPrefix("LD_") || name.hasPrefix("MALLOC_") || name.hasPrefix("GLIBC_")
                || ["GCONV_PATH", "LOCPATH", "NLSPATH", "GETCONF_DIR", "RESOLV_HOST_CONF"].contains(name)
            if steersTheLoader || name.isEmpty || name.contains("=") || name.contains("\0") || value.contains("\0") {
                throw .forbiddenVariable(name: name)
            }
        }
        for path in [executable, policy.workingDirectory] + (policy.readOnly + policy.writable).map(\.destination)
        where !path.hasPrefix("/") || path.contains("\0") || path.split(separator: "/").contains("..") {
            throw .badPath(path)
        }
        for argument in arguments where argument.contains("\0") { throw .badPath(argument) }
    }

    private func resolve(_ bind: SandboxBind, writable: Bool) throws(SandboxError) -> SandboxBind {
        let parts = bind.source.split(separator: "/", omittingEmptySubsequences: false)
        guard !bind.source.isEmpty, !bind.source.contains("\0"), !parts.contains("..") else {
            throw .badPath(bind.source)
        }
        let isOurs = !bind.source.hasPrefix("/")
        var path = bind.source
        if isOurs {
            guard let files else { throw .badPath(bind.source) }
            path = "\(files)/\(bind.source)"
            if writable { try makeFolders(path) }
        }
        if let user {
            if writable {
                _ = try FolderWalk.walk(path) { entry throws(SandboxError) in
                    try entry.give(to: user)
                    return true
                }
            } else if isOurs {
                _ = try FolderWalk.walk(path) { entry throws(SandboxError) in
                    try entry.letOthersRead()
                    return true
                }
            } else {
                let information = try System.information(path)
                let needed = information.st_mode & S_IFMT == S_IFDIR ? S_IROTH | S_IXOTH : S_IROTH
                guard information.st_mode & needed == needed else { throw .unreadable(path: path) }
            }
        } else if !System.exists(path) {
            throw .system(call: "open", path: path, number: ENOENT)
        }
        return SandboxBind(path, at: bind.destination)
    }

    private func makeFolders(_ path: String) throws(SandboxError) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            if !System.exists(made) { try System.makeDirectory(made, mode: 0o755) }
        }
    }
}
