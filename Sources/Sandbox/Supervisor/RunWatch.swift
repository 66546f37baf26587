internal import Glibc

/// Watches a running program and ends it at its limits, or when it shall be cancelled.
struct RunWatch: Sendable {
    let limits: SandboxLimits
    /// The folders on the host that the program may write.
    let folders: [String]
    /// The process whose descendants are all of the run.
    let root: pid_t
    /// Whether the death of the first process ends all others.
    let endsWithProcess: Bool
    let isCancelled: @Sendable () -> Bool

    /// What was seen.
    struct Finding: Sendable {
        /// Why we ended it; `nil` when it ended by itself.
        var cause: RunEnd.Cause?
        var peakMemory: UInt64 = 0
    }

    /// Blocks until the process has ended (it is not reaped).
    func followToEnd(of process: pid_t, descriptor: Int32) -> Finding {
        let clock = ContinuousClock()
        let deadline = clock.now + limits.wallTime
        var nextMeasure = clock.now
        var finding = Finding()
        while true {
            if isCancelled() {
                finding.cause = .cancelled
            } else if clock.now >= deadline {
                finding.cause = .wallTimeLimit
            } else if clock.now >= nextMeasure {
                finding.cause = measure(&finding)
                nextMeasure = clock.now + .milliseconds(500)
            }
            if finding.cause != nil {
                let tree = ProcessTree.descendants(of: process).map(\.identifier)
                _ = kill(process, SIGKILL)
                _ = Self.hasEnded(descriptor, within: .seconds(5))
                if endsWithProcess { ProcessTree.waitUntilGone(tree) }
                return finding
            }
            let wait = max(.zero, min(.milliseconds(200), deadline - clock.now))
            if Self.hasEnded(descriptor, within: wait) { return finding }
        }
    }

    private func measure(_ finding: inout Finding) -> RunEnd.Cause? {
        let usage = ProcessTree.usage(below: root)
        finding.peakMemory = max(finding.peakMemory, usage.memory)
        if usage.memory > limits.memory { return .memoryLimit }
        if usage.cpuMilliseconds > limits.cpuTime.components.seconds * 1000 { return .cpuTimeLimit }
        let output = FolderUsage.measure(folders, most: limits.outputFiles)
        return output.isExcessive || output.bytes + usage.namelessBytes > limits.output ? .outputLimit : nil
    }

    /// A process descriptor is readable when its process has ended.
    private static func hasEnded(_ descriptor: Int32, within wait: Duration) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = wait.components.seconds * 1000 + wait.components.attoseconds / 1_000_000_000_000_000
        return unsafe poll(&request, 1, Int32(milliseconds)) > 0
    }
}
