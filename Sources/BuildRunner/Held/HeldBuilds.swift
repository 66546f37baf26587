import Domain
import NIOConcurrencyHelpers
import Storage

/// The builds that one worker holds without doing anything for them at the moment: thousands of them cost one write for
/// all together now and then (`claims`), and memory.
final class HeldBuilds: Sendable {
    private struct Entry {
        var lease: LeaseToken
        var wake: WakeSignal
        var isLost = false
    }

    private let limit: Int
    private let entries = NIOLockedValueBox<[BuildID: Entry]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { entries.withLockedValue { $0.count } }

    /// - Parameter wake: raised when the claim is lost.
    /// - Returns: `false` if no more can be held.
    func take(_ id: BuildID, _ lease: LeaseToken, wake: WakeSignal) -> Bool {
        entries.withLockedValue { entries in
            guard entries.count < limit else { return false }
            entries[id] = Entry(lease: lease, wake: wake)
            return true
        }
    }

    func drop(_ id: BuildID, _ lease: LeaseToken) {
        entries.withLockedValue { if $0[id]?.lease == lease { $0[id] = nil } }
    }

    func isLost(_ id: BuildID, _ lease: LeaseToken) -> Bool {
        entries.withLockedValue { entries in
            guard let entry = entries[id], entry.lease == lease else { return true }
            return entry.isLost
        }
    }

    /// Of all that are held and not lost.
    var claims: [(build: BuildID, lease: LeaseToken)] {
        entries.withLockedValue { $0.compactMap { $1.isLost ? nil : ($0, $1.lease) } }
    }

    func lose(_ ids: Set<BuildID>) {
        let wakes = entries.withLockedValue { entries in
            ids.compactMap { id in
                entries[id]?.isLost = true
                return entries[id]?.wake
            }
        }
        for wake in wakes { wake.raise() }
    }
}
