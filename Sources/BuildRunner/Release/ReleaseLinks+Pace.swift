package import Domain

extension ReleaseLinks {
    /// The pause until the next look.
    ///
    /// Around the time at which the recipe's builds usually end it is `interval`; long before, up to `longestInterval`, but
    /// never beyond the beginning of that time; after it, it grows with how overdue the file is. Without a history it is
    /// a twentieth of the time that has gone by. A host that gives no answer of use is asked less and less often, and one
    /// that says when it may be asked not before.
    ///
    /// - Parameters:
    ///   - elapsed: since the run began.
    ///   - expected: from a run's beginning to its file, as far as the recipe's history tells.
    package static func pause(
        _ watch: ReleaseWatch, elapsed: Duration, expected: Duration?, memory: ReleaseMemory
    ) -> Duration {
        let longest = max(watch.interval, watch.longestInterval)
        var pause = elapsed / 20
        if let expected {
            let (opens, closes) = (expected * 4 / 5, expected * 5 / 4)
            if elapsed < opens {
                pause = opens - elapsed
            } else {
                pause = elapsed <= closes ? .zero : (elapsed - closes) / 4
            }
        }
        pause = min(max(pause, watch.interval), longest)
        if memory.refusals > 0 {
            // The first pause is the usual one: most such answers are gone at the next look.
            let doublings = min(memory.refusals - 1, 20)
            pause = min(max(pause, watch.interval * (1 << doublings)), longest)
        }
        return max(pause, memory.wait ?? .zero)
    }
}
