import Dispatch
import Domain
import GRDB

/// Builds and mails in one SQLite file: WAL, every commit flushed to disk before it is answered (P1), one writer whose
/// commits are shared (`GroupCommit`), readers beside it that it does not hold up.
///
/// The rules are not here: `TransitionWrites` works out what an event writes, this type writes it.
package final class SQLiteStore: BuildStore, OutboxStore {
    let pool: DatabasePool
    let writer: GroupCommit
    let sharedReads: SharedReads
    let sourceMemory = SourceMemory()

    private init(pool: DatabasePool, notices: any NoticeBoard) {
        self.pool = pool
        self.writer = GroupCommit(pool: pool, notices: notices)
        self.sharedReads = SharedReads(pool: pool)
    }

    /// Opens the database at `path`, makes it if there is none, and brings its schema up to date.
    ///
    /// - Throws: `.fromTheFuture`, `.corrupt` (also for a file that is not Kiln's), `.unavailable`.
    package static func open(path: String, notices: any NoticeBoard) async throws(StorageError) -> SQLiteStore {
        let pool = try await BlockingLanes.once { () throws(StorageError) in try DatabaseFile.open(path: path) }
        return SQLiteStore(pool: pool, notices: notices)
    }

    /// Lets the writes that have begun end and closes the file; every later call throws `.unavailable`.
    package func close() async {
        await writer.close()
        let pool = pool
        // Closing can only fail while statements run; the process's end does the same then.
        try? await BlockingLanes.once { () throws(StorageError) in
            do { try pool.close() } catch { throw StorageError(error) }
        }
    }

    /// Known, because one process alone opens the file for serving and this is its one writer; what commands write
    /// beside it is seen by `noticeOthers`.
    package var revision: Int64? { writer.revision }

    package func noticeOthers() async { await writer.noticeOthers() }

    /// Reads a snapshot on one of the pool's reading connections.
    ///
    /// Through GRDB's callback and not its `async` form: that one gives up when the task is cancelled, and whoever cleans
    /// up in a cancelled task must still be able to read.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            pool.asyncRead { access in
                do {
                    continuation.resume(returning: .success(try body(try access.get())))
                } catch {
                    continuation.resume(returning: .failure(StorageError(error)))
                }
            }
        }
        return try result.get()
    }
}
