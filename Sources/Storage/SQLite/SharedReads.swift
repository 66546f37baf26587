import GRDB
import NIOConcurrencyHelpers

/// Runs small reads, and lets those that wait at the same time share a snapshot: to get a reading connection, to open a
/// transaction and to end it costs more than most of them do.
///
/// Each read sees what was committed before it was asked for. For reads that take long, there is `SQLiteStore.read`:
/// here they would hold up all others.
final class SharedReads: Sendable {
    private typealias Read = @Sendable (Result<Database, any Error>) -> Void

    private struct State {
        var waiting: [Read] = []
        var isRunning = false
    }

    /// Bounds how long a snapshot is held: as long as it is, the log of the database cannot be written back.
    private static let largestBatch = 64

    private let pool: DatabasePool
    private let state = NIOLockedValueBox(State())

    init(pool: DatabasePool) {
        self.pool = pool
    }

    /// Reads that no snapshot has been taken for yet.
    var waitingCount: Int { state.withLockedValue { $0.waiting.count } }

    /// Also for a cancelled task: whoever cleans up in one must still be able to read.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            enqueue { access in
                do {
                    continuation.resume(returning: .success(try body(access.get())))
                } catch {
                    continuation.resume(returning: .failure(StorageError(error)))
                }
            }
        }
        return try result.get()
    }

    private func enqueue(_ read: @escaping Read) {
        let starts = state.withLockedValue { state in
            state.waiting.append(read)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { runBatch() }
    }

    private func runBatch() {
        // Taken before the snapshot is, so that no read gets one from before it was asked for.
        let batch = state.withLockedValue { state in
            let batch = Array(state.waiting.prefix(Self.largestBatch))
            state.waiting.removeFirst(batch.count)
            state.isRunning = !batch.isEmpty
            return batch
        }
        guard !batch.isEmpty else { return }
        pool.asyncRead { access in
            for read in batch { read(access) }
            self.runBatch()
        }
    }
}
