import Foundation

/// Where everything lies that Kiln keeps: the layout of the data directory, in one place.
struct DataFolder: Sendable {
    /// Absolute, so that a run in the sandbox means the same folder.
    let path: String

    init(_ path: String) {
        self.path = Self.absolute(path)
    }

    var database: String { "\(path)/kiln.sqlite" }
    var artifacts: String { "\(path)/artifacts" }
    var logs: String { "\(path)/logs" }
    /// What remote runs send, until it is collected.
    var reports: String { "\(path)/reports" }
    var runs: String { "\(path)/runs" }
    var prepared: String { "\(path)/prepared" }
    /// Runs of prepare steps; apart from the builds' runs, since a server may be at work on those.
    var preparing: String { "\(path)/preparing" }
    var scratch: String { "\(path)/scratch" }
    /// Logs and archives of remote runs on their way; copies only.
    var remote: String { "\(path)/remote" }
    /// Received pictures while they are drawn anew.
    var pictures: String { "\(path)/pictures" }
    /// Submissions while their recipes' scripts look through them; copies only.
    var checks: String { "\(path)/checks" }
    private var lock: String { "\(path)/lock" }

    /// Makes the folders that are missing, private to Kiln's user.
    func make() throws {
        // What an earlier server had on its way is fetched again.
        try? FileManager.default.removeItem(atPath: remote)
        for folder in [path, scratch, pictures, remote] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    /// Removes what an earlier server had at hand and nobody comes back for; only for who has claimed the folder.
    func sweep() {
        try? FileManager.default.removeItem(atPath: checks)
    }

    /// Takes the folder for this process: two servers would tread on each other's files and leases.
    ///
    /// The lock's descriptor is never closed, because the lock has to last exactly as long as the process, however that
    /// ends.
    /// - Returns: `false` if another server has it.
    func claim() throws -> Bool {
        let descriptor = unsafe open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        close(descriptor)
        return false
    }

    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
