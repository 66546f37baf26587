import Domain
import NIOConcurrencyHelpers

/// How far each run's log has been carried into its spool. Lost with the process, as the spool is.
final class BuildbotLogs: Sendable {
    /// The next line to be carried: builds of a request in their order, of each its steps, of each its logs.
    struct Cursor: Hashable, Sendable {
        var request: Int
        var build = 0
        var step = 0
        var log = 0
        var line = 0
        /// Carried of this log.
        var bytes: Int64 = 0
    }

    private struct Entry {
        var cursor: Cursor?
        var isBusy = false
        var expectedSteps: Int?
    }

    let spool: LogSpool
    private let entries = NIOLockedValueBox<[String: Entry]>([:])

    init(spool: LogSpool) {
        self.spool = spool
    }

    /// Lets one caller carry on; `false` while another one does.
    func begin(_ attempt: Attempt) -> Bool {
        entries.withLockedValue { entries in
            guard entries[attempt.key]?.isBusy != true else { return false }
            entries[attempt.key, default: Entry()].isBusy = true
            return true
        }
    }

    /// `nil` before the first line.
    func cursor(of attempt: Attempt) -> Cursor? {
        entries.withLockedValue { $0[attempt.key]?.cursor }
    }

    /// Everything before the cursor is in the spool.
    func keep(_ cursor: Cursor, of attempt: Attempt) {
        entries.withLockedValue { $0[attempt.key]?.cursor = cursor }
    }

    func end(_ attempt: Attempt) {
        entries.withLockedValue { $0[attempt.key]?.isBusy = false }
    }

    /// How many steps a good build has; 0 if that is not known, `nil` if nobody has asked.
    func expectedSteps(of attempt: Attempt) -> Int? {
        entries.withLockedValue { $0[attempt.key]?.expectedSteps }
    }

    func keep(expectedSteps: Int, of attempt: Attempt) {
        entries.withLockedValue { $0[attempt.key, default: Entry()].expectedSteps = expectedSteps }
    }

    func remove(_ attempt: Attempt) async -> ProviderAnswer<Void> {
        await remoteAnswer { () async throws(RemoteFault) in
            try await spool.remove(attempt)
            entries.withLockedValue { $0[attempt.key] = nil }
        }
    }
}
