internal import CLinux
internal import Foundation
internal import Glibc
internal import Subprocess
internal import SystemPackage

extension LocalRuns {
    /// Asks that a run ends, whoever started it; may be asked any number of times. `false` when there is nothing to end.
    ///
    /// The supervisor ends the whole process tree within about a quarter of a second; `observe` says when it is done.
    /// A run whose start was interrupted ends at once and never starts.
    @discardableResult
    package func cancel(_ key: RunKey) async throws(SandboxError) -> Bool {
        let run = folder(of: key)
        return try await Blocking.run { () throws(SandboxError) in
            switch try run.observe() {
            case .unknownKey, .ended, .lost: return false
            case .starting, .running: break
            }
            try System.writeDurably([], to: run.cancel)
            // Nobody supervises it yet: a supervisor that comes now finds it ended.
            if let lock = try FileLock.take(run.lock) {
                if !System.exists(run.started) {
                    try Supervisor.refuse(run, .cancelled)
                }
                lock.release()
            }
            return true
        }
    }

    /// Removes an ended, lost or never started run with all its files; nothing happens when there is none.
    package func remove(_ key: RunKey) async throws {
        let run = folder(of: key)
        let grave = RunFolder(path: "\(directory)/.removed-\(UUID().uuidString)")
        let isThere = try await Blocking.run { () throws(SandboxError) in
            guard System.exists(run.path) else { return false }
            let seen = try run.observe()  // Also ends what may be left of a lost one.
            var lock = try FileLock.take(run.lock)
            if case .ended = seen {
                // The supervisor ends right after it has written the result.
                for _ in 0..<1000 where lock == nil {
                    usleep(5000)
                    lock = try FileLock.take(run.lock)
                }
            }
            guard let lock else { throw SandboxError.stillRunning(key) }
            _ = try System.renameExclusively(run.path, to: grave.path)
            lock.release()
            return true
        }
        if isThere { try await Removal.remove(grave.path) }
    }

    /// Removes what servers left that ended in the middle of starting or removing.
    package func sweep() async throws {
        let directory = directory
        let left = try await Blocking.run { () throws(SandboxError) in
            var left: [String] = []
            for name in try System.names(in: directory) {
                if name.hasPrefix(".removed-") { left.append(name) }
                guard name.hasPrefix(".new-") else { continue }
                let lock = name.hasSuffix(".lock") ? name : name + ".lock"
                if try !FileLock.isHeld("\(directory)/\(lock)") { left.append(name) }
            }
            return left.sorted()  // Each folder before its lock's file.
        }
        for name in left { try await Removal.remove("\(directory)/\(name)") }
    }
}

/// Removes folders whatever their content's modes and depth.
enum Removal {
    static func remove(_ path: String) async throws {
        if geteuid() != 0 {
            // Folders that the run closed even to itself must be opened first; this does not follow links.
            _ = try await run("/usr/bin/chmod", ["-R", "u+rwX", "--", path])
        }
        let (isDone, complaint) = try await run("/usr/bin/rm", ["-rf", "--one-file-system", "--", path])
        guard isDone else {
            throw SandboxError.system(call: "rm: \(complaint)", path: path, number: EIO)
        }
    }

    private static func run(_ tool: FilePath, _ arguments: [String]) async throws -> (Bool, String) {
        // `head` of the complaint only: a folder of a million files complains a million times.
        let result = try await Subprocess.run(
            .path(tool), arguments: Arguments(arguments),
            environment: .custom(["LANG": "C"] as [Environment.Key: String]), input: .none, output: .discarded,
            error: .sequence
        ) { execution in
            var complaint = ""
            for try await chunk in execution.standardError where complaint.count < 300 {
                complaint += unsafe chunk.withUnsafeBytes { unsafe String(decoding: $0.prefix(300), as: UTF8.self) }
            }
            return complaint
        }
        return (result.terminationStatus.isSuccess, result.closureResult)
    }
}
