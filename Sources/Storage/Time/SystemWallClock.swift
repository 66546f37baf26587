package import Domain
import Glibc

/// The machine's own time of day.
package struct SystemWallClock: WallClock {
    /// A sleeper looks at the clock at least this often, so that a clock that was set meanwhile is noticed.
    private static let longestNap = Duration.seconds(60)

    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        // Cannot fail: the clock exists and the pointer is good.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func sleep(until deadline: Timestamp) async throws {
        try Task.checkCancellation()
        while true {
            let left = deadline - now()
            guard left > .zero else { return }
            try await Task.sleep(for: min(left, Self.longestNap))
        }
    }
}
