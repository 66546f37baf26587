internal import CLinux
internal import Foundation
internal import Glibc
internal import NIOConcurrencyHelpers
internal import Subprocess
internal import SystemPackage

/// Starts a run's program, follows it to its end and says how it ended.
struct Supervisor {
    let run: RunFolder
    let order: RunFolder.Order
    let startedAt: Int64
    let stop: SharedFlag

    /// Notes that nothing of the run ran.
    static func refuse(_ run: RunFolder, _ cause: RunEnd.Cause, startedAt: Int64? = nil) throws(SandboxError) {
        let now = System.now()
        if !System.exists(run.started) {
            try run.write(RunFolder.Start(supervisor: getpid(), startedAt: startedAt ?? now), to: run.started)
        }
        let end = RunEnd(
            cause: cause, startedAt: startedAt ?? now, endedAt: now, logBytes: run.logBytes(), logTruncated: false,
            peakMemory: 0, cpuTime: 0, isolated: true)
        try run.write(end, to: run.result)
    }

    /// Runs the program; when this returns, no process of it is left.
    func superviseToEnd() async throws -> RunEnd {
        let isIsolated = await SandboxCheck.shallIsolate(order.settings)
        let specification = order.specification
        let user = RunUser.isNeeded ? try RunUser.take(from: order.settings.users) : nil
        let plan = LaunchPlan(
            executable: specification.executable, arguments: specification.arguments, policy: specification.policy,
            settings: order.settings, scratch: run.scratch, files: run.files, user: user?.number,
            isIsolated: isIsolated)
        let launch = try plan.prepare()

        let (reading, writing) = try Pipe.make()
        let log = LogPump(reading: reading, path: run.log, limit: specification.policy.limits.log)
        let cancel = run.cancel
        let watch = RunWatch(
            limits: specification.policy.limits, folders: launch.writableFolders, root: getpid(),
            endsWithProcess: false,  // `endDescendants` does that, whatever happens.
            isCancelled: { stop.isUp || System.exists(cancel) })
        async let logged = Blocking.run { () throws(SandboxError) in try log.pump() }
        let ended = try await Subprocess.run(
            .path(FilePath(launch.executable)),
            arguments: Arguments(launch.arguments),
            environment: launch.subprocessEnvironment,
            workingDirectory: FilePath(launch.startDirectory),
            input: .none,
            output: .fileDescriptor(writing, closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { execution in
            let process = execution.processIdentifier
            return await Blocking.run { watch.followToEnd(of: process.value, descriptor: process.processDescriptor) }
        }
        await Blocking.run { Self.endDescendants() }
        log.stopSoon()
        let (logBytes, isTruncated, beginning) = try await logged
        withExtendedLifetime(user) {}  // Its number is free for others from here.

        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        return RunEnd(
            cause: ended.closureResult.cause
                ?? LaunchFailure.cause(of: ended.terminationStatus, output: beginning),
            startedAt: startedAt, endedAt: System.now(), logBytes: logBytes, logTruncated: isTruncated,
            peakMemory: max(ended.closureResult.peakMemory, UInt64(usage.ru_maxrss) * 1024),
            cpuTime: usage.ru_utime.milliseconds + usage.ru_stime.milliseconds, isolated: isIsolated)
    }

    /// Ends everything below this process and reaps it; orphans come to us because we are their subreaper.
    private static func endDescendants() {
        let own = getpid()
        // Bounded: a process that hangs in the kernel cannot be ended by anyone, and shall not keep the result back.
        for _ in 0..<500 {
            let left = ProcessTree.descendants(of: own).filter { !$0.isEnded }
            for process in left { _ = kill(process.identifier, SIGKILL) }
            while clinux_reap_any() > 0 {}
            if left.isEmpty { return }
            usleep(10_000)
        }
    }
}

extension timeval {
    var milliseconds: Int64 { Int64(tv_sec) * 1000 + Int64(tv_usec) / 1000 }
}
