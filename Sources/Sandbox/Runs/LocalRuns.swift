internal import Foundation
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// Runs that outlive the server that started them.
///
/// Each run has a folder and a supervisor, which is a process of its own. All that is known is in the folder (`RunFolder`),
/// so any server that uses the same directory on the same machine can start, observe and cancel any run.
///
/// **One key, one run.** The folder gets its name in one step, with everything in it, and only once. A supervisor runs
/// nothing before it holds the folder's lock and has written down that it starts; one that finds that written does nothing.
/// So `start` may be called again after a crash at any point.
package final class LocalRuns: Sendable {
    let directory: String
    private let settings: SandboxSettings
    private let supervisor: SupervisorCommand
    private let watcher: FolderWatcher

    /// How long a supervisor may take to say that it started.
    private static let startLimit = Duration.seconds(20)

    /// Runs in `directory`, which is made (private) when it is missing; blocks for a moment.
    package init(
        directory: String, settings: SandboxSettings = SandboxSettings(), supervisor: SupervisorCommand
    ) throws(SandboxError) {
        if !System.exists(directory) {
            do { try System.makeDirectory(directory, mode: 0o700) } catch .system(_, _, EEXIST) {}
        }
        // Links in the path would confuse the check whether a process belongs to a run.
        guard let path = unsafe realpath(directory, nil) else { throw System.failure("realpath", directory) }
        defer { unsafe free(path) }
        self.directory = unsafe String(cString: path)
        self.settings = settings
        self.supervisor = supervisor
        watcher = try FolderWatcher.shared()
    }

    /// Starts the run of a key unless it was started before; returns when a supervisor has it.
    ///
    /// `populate` may put inputs into the run's `files` folder, whose path it gets; the folder is nobody's yet, and gone
    /// when `populate` throws. It is not called when the key is taken.
    @discardableResult
    package func start(
        _ key: RunKey, _ specification: RunSpecification, populate: (_ files: String) async throws -> Void = { _ in }
    ) async throws -> StartOutcome {
        let run = folder(of: key)
        var isNew = false
        if await Blocking.run({ !System.exists(run.path) }) {
            isNew = try await create(run, RunFolder.Order(specification: specification, settings: settings), populate)
        }
        guard try await observe(key) == .starting else { return isNew ? .started : .alreadyStarted }
        try await spawnSupervisor(of: run)
        return isNew ? .started : .alreadyStarted
    }

    private func create(
        _ run: RunFolder, _ order: RunFolder.Order, _ populate: (String) async throws -> Void
    ) async throws -> Bool {
        let staging = RunFolder(path: "\(directory)/.new-\(UUID().uuidString)")
        let lock = try await Blocking.run { () throws(SandboxError) in
            // Held while we fill the folder, so that `sweep` knows that somebody does.
            // A sweep between making the lock's file and taking the lock may have removed it; then it protects nothing.
            var lock = try FileLock.take(staging.stagingLock)
            while lock == nil || !System.exists(staging.stagingLock) { lock = try FileLock.take(staging.stagingLock) }
            try System.makeDirectory(staging.path, mode: 0o700)
            try System.makeDirectory(staging.files, mode: 0o755)
            return lock
        }
        defer {
            System.remove(staging.stagingLock)
            lock?.release()
        }
        do {
            try await populate(staging.files)
            let isFirst = try await Blocking.run { () throws(SandboxError) in
                try System.makeDirectory(staging.scratch, mode: 0o700)
                try staging.write(order, to: staging.specification)
                let isFirst = try System.renameExclusively(staging.path, to: run.path)
                try System.synchronize(folder: run.path)
                try System.synchronize(folder: (run.path as NSString).deletingLastPathComponent)
                return isFirst
            }
            if !isFirst { try await Removal.remove(staging.path) }
            return isFirst
        } catch {
            try await Removal.remove(staging.path)
            throw error
        }
    }

    /// `setsid --fork` gives the supervisor its own session and a parent that is not us, so that nothing of us ends it.
    private func spawnSupervisor(of run: RunFolder) async throws {
        // `setsid` could not tell us: it has ended well before it finds out.
        guard System.isExecutable(supervisor.executable) else {
            throw SandboxError.toolMissing(path: supervisor.executable)
        }
        let changes = watcher.changes(in: run.path)
        let output = try await Blocking.run { () throws(SandboxError) in
            try System.open(run.supervisorLog, .writeOnly, [.create, .append], permissions: .ownerReadWrite)
        }
        let ended = try await Subprocess.run(
            .path("/usr/bin/setsid"),
            arguments: Arguments(["--fork", supervisor.executable] + supervisor.arguments + [run.path]),
            environment: .custom(Self.supervisorEnvironment()),
            workingDirectory: "/",
            input: .none,
            output: .fileDescriptor(output, closeAfterSpawningProcess: true),
            error: .combinedWithOutput)
        guard ended.terminationStatus.isSuccess else { throw await failureToStart(run) }
        let hasStarted = try await waitUntil(changes, limit: Self.startLimit) {
            try await Blocking.run { () throws(SandboxError) in
                System.exists(run.started) || System.exists(run.result)
            }
        }
        guard hasStarted else { throw await failureToStart(run) }
    }

    private func failureToStart(_ run: RunFolder) async -> SandboxError {
        let log = await Blocking.run { (try? System.read(run.supervisorLog, limit: 4096)) ?? [] }
        return .supervisorDidNotStart(log: String(decoding: log, as: UTF8.self))
    }

    /// The supervisor gets nothing of ours but where its libraries are.
    private static func supervisorEnvironment() -> [Environment.Key: String] {
        var environment: [Environment.Key: String] = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]
        if let libraries = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] {
            environment["LD_LIBRARY_PATH"] = libraries
        }
        return environment
    }

    func folder(of key: RunKey) -> RunFolder {
        RunFolder(path: "\(directory)/\(key.rawValue)")
    }

    func changes(in run: RunFolder) -> AsyncStream<Void> {
        watcher.changes(in: run.path)
    }
}
