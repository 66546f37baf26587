import NIOConcurrencyHelpers

/// Counts of what was answered, for `/metrics`.
final class WebMetrics: Sendable {
    struct Key: Hashable, Sendable {
        var method: String
        /// The route's pattern, never the path: ids stay out.
        var route: String
        var status: Int
    }

    struct Sums: Hashable, Sendable {
        var requests = 0
        var seconds = 0.0
    }

    private let sums = NIOLockedValueBox<[Key: Sums]>([:])
    private let streams = NIOLockedValueBox(0)

    func record(_ key: Key, seconds: Double) {
        sums.withLockedValue {
            $0[key, default: Sums()].requests += 1
            $0[key, default: Sums()].seconds += seconds
        }
    }

    func streamOpened() { streams.withLockedValue { $0 += 1 } }
    func streamClosed() { streams.withLockedValue { $0 -= 1 } }

    var openStreams: Int { streams.withLockedValue { $0 } }

    var snapshot: [(key: Key, sums: Sums)] {
        sums.withLockedValue { sums in
            sums.map { (key: $0.key, sums: $0.value) }
                .sorted { ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status) }
        }
    }
}
