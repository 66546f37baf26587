import BuildRunner
import Curl
import Domain
import Foundation
import Storage

/// Looks at links round after round, as the server does for builds whose CI only publishes, and says what that cost.
///
///     LinkBench ORIGIN LINKS WORKERS SECONDS
///
/// The links are `ORIGIN/0.iso` and so on. Prints one line of JSON.
@main
struct LinkBench {
    static func main() async {
        let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
        guard CommandLine.arguments.count == 5, numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else {
            print("usage: LinkBench ORIGIN LINKS WORKERS SECONDS")
            exit(64)
        }
        let (count, workers, seconds) = (numbers[0], numbers[1], numbers[2])
        let transfers = HTTPTransfers(
            TransferSettings(
                userAgent: "Kiln-Bench", allowedNetworks: ["127.0.0.0/8"], mostInFlight: workers, mostPerHost: workers))
        let watched = WatchedLinks(
            ReleaseLinks(transfers: transfers, clock: SystemWallClock()), origin: CommandLine.arguments[1],
            count: count)
        let before = usage()
        let began = ContinuousClock.now
        let deadline = began + .seconds(seconds)
        let total = await watched.look(workers: workers, until: deadline)
        let spent = began.duration(to: .now) / .seconds(1)
        let after = usage()
        await transfers.shutdown()
        print(
            #"{"checks": \#(total.checks), "there": \#(total.there), "faults": \#(total.faults), "#
                + #""seconds": \#(spent), "cpu": \#(after.cpu - before.cpu), "peak": \#(after.peak)}"#)
    }

    /// Processor seconds and the most resident bytes of this process so far.
    private static func usage() -> (cpu: Double, peak: Int) {
        var usage = rusage()
        unsafe _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let micros =
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + usage.ru_utime.tv_usec
            + usage.ru_stime.tv_usec
        return (Double(micros) / 1e6, usage.ru_maxrss * 1024)
    }
}

struct Tally: Sendable {
    var checks = 0
    var there = 0
    var faults = 0

    static func + (one: Tally, other: Tally) -> Tally {
        Tally(checks: one.checks + other.checks, there: one.there + other.there, faults: one.faults + other.faults)
    }
}

struct WatchedLinks: Sendable {
    private let links: ReleaseLinks
    private let origin: String
    private let count: Int
    private let rules = [ArtifactRule(match: "*.iso", contentType: nil, maxBytes: 1 << 30)]

    init(_ links: ReleaseLinks, origin: String, count: Int) {
        self.links = links
        self.origin = origin
        self.count = count
    }

    /// All links again and again, by so many at once.
    func look(workers: Int, until deadline: ContinuousClock.Instant) async -> Tally {
        await withTaskGroup(of: Tally.self) { group in
            for worker in 0..<workers {
                group.addTask { await look(from: worker, every: workers, until: deadline) }
            }
            var total = Tally()
            for await tally in group { total = total + tally }
            return total
        }
    }

    /// One worker's share.
    private func look(from first: Int, every step: Int, until deadline: ContinuousClock.Instant) async -> Tally {
        var memories = stride(from: first, to: count, by: step).map {
            (link: "\(origin)/\($0).iso", memory: ReleaseMemory())
        }
        var tally = Tally()
        while !memories.isEmpty {
            for place in memories.indices {
                guard ContinuousClock.now < deadline else { return tally }
                switch await links.look([memories[place].link], &memories[place].memory, rules: rules) {
                case .notYet: tally.checks += 1
                case .there:
                    tally.checks += 1
                    tally.there += 1
                case .later, .refused: tally.faults += 1
                }
            }
        }
        return tally
    }
}
