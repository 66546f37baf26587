internal import CLinux
internal import Dispatch
internal import Glibc
internal import SystemPackage

/// The process that takes care of one detached run: `kiln supervise <folder>`.
package enum SupervisorMain {
    /// Runs the run in `directory` to its end; the exit code for the process (not the run's).
    ///
    /// Does nothing when another supervisor has the run or had it.
    package static func run(directory: String) async -> Int32 {
        let run = RunFolder(path: directory)
        do {
            return try await supervise(run) ? 0 : 3
        } catch {
            // Standard error is the supervisor's log in the run's folder.
            _ = try? System.write(Array("\(error)\n".utf8), to: .standardError, path: "")
            return 1
        }
    }

    private static func supervise(_ run: RunFolder) async throws -> Bool {
        let stop = StopSignal()
        let lock = try await Blocking.run { () throws(SandboxError) -> FileLock? in
            guard System.exists(run.specification) else { throw .damaged(path: run.specification) }
            return try FileLock.take(run.lock)
        }
        guard let lock else { return false }
        defer { lock.release() }
        // Whatever a former supervisor began is lost, and never begun again.
        guard !System.exists(run.started), !System.exists(run.result) else { return false }
        if System.exists(run.cancel) {
            try Supervisor.refuse(run, .cancelled)
            return true
        }
        _ = clinux_become_subreaper()
        let startedAt = System.now()
        let end: RunEnd
        do {
            let order = try run.read(RunFolder.Order.self, from: run.specification)
            try run.write(RunFolder.Start(supervisor: getpid(), startedAt: startedAt), to: run.started)
            end = try await Supervisor(run: run, order: order, startedAt: startedAt, stop: stop.flag).superviseToEnd()
        } catch {
            try Supervisor.refuse(run, .couldNotStart("\(error)"), startedAt: startedAt)
            return true
        }
        try run.write(end, to: run.result)
        return true
    }
}

/// Raises a flag when this process is asked to end (SIGTERM, SIGINT), which ends the run as cancelled.
final class StopSignal: Sendable {
    // Safe because dispatch sources may be used from any thread; Dispatch does not say so in its types yet.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    let flag: SharedFlag

    init() {
        let flag = SharedFlag()
        self.flag = flag
        unsafe sources = [SIGTERM, SIGINT].map { number in
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(
                signal: number, queue: DispatchQueue(label: "kiln.sandbox.signals"))
            source.setEventHandler { flag.raise() }
            source.activate()
            return source
        }
        _ = signal(SIGHUP, SIG_IGN)
        _ = signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        for source in unsafe sources { source.cancel() }
    }
}
