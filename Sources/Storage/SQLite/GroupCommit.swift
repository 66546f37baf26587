import Domain
import GRDB
import NIOConcurrencyHelpers

/// Runs writes one after another and lets those that wait at the same time share a commit: with `synchronous=FULL` a
/// commit is a disk flush, and one flush carries hundreds of writes as easily as one.
///
/// Everything runs on the serial dispatch queue of GRDB's one writing connection, so that blocking in SQLite holds no
/// thread of the cooperative pool and no thread of ours stands idle beside it. Each write has a savepoint: one that
/// fails takes nothing of the others with it. Callers hear of their outcome only after the commit, also of a refusal,
/// since it may rest on what an uncommitted write before it did. A cancelled task's write is still made and awaited: a
/// worker that is being stopped must be able to hand its lease back.
final class GroupCommit: Sendable {
    /// What the writes of one commit ask to be posted after it.
    typealias Hints = Set<NoticeTopic>

    private struct Write {
        var perform: @Sendable (Database, inout Hints) -> Outcome
        var refuse: @Sendable (StorageError) -> Void
    }

    private struct Outcome {
        /// The write's own failure.
        var failure: StorageError?
        /// Tells the caller, once the commit's failure (or its success) is known.
        var tell: @Sendable (StorageError?) -> Void
    }

    private struct State {
        var waiting: [Write] = []
        var isRunning = false
        var isClosed = false
        /// Commits so far, also those that failed: whether one did is not always certain.
        var commits: Int64 = 0
        /// SQLite's count of what other connections that write have committed, as it was at the last look.
        var others: Int64?
        /// Resumed when the last write is done.
        var closing: CheckedContinuation<Void, Never>?
    }

    /// Over this many waiting writes the store says that it is busy (P6).
    static let capacity = 10_000
    /// Bounds how long the first of a commit waits for the last.
    private static let largestBatch = 512

    private let pool: DatabasePool
    private let notices: any NoticeBoard
    private let state = NIOLockedValueBox(State())

    init(pool: DatabasePool, notices: any NoticeBoard) {
        self.pool = pool
        self.notices = notices
    }

    /// Writes that no commit has taken up yet.
    var waitingCount: Int { state.withLockedValue { $0.waiting.count } }

    /// See `BuildStore.revision`.
    var revision: Int64 { state.withLockedValue { $0.commits } }

    /// Runs `body` in a transaction and returns when it is durable.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database, inout Hints) throws -> Value
    ) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            enqueue(
                Write(
                    perform: { db, hints in
                        var own: Hints = []
                        do {
                            let value = try db.inOwnSavepoint { try body($0, &own) }
                            hints.formUnion(own)
                            return Outcome { failure in
                                continuation.resume(returning: failure.map { .failure($0) } ?? .success(value))
                            }
                        } catch {
                            let refusal = StorageError(error)
                            return Outcome(failure: refusal) { failure in
                                continuation.resume(returning: .failure(failure ?? refusal))
                            }
                        }
                    },
                    refuse: { continuation.resume(returning: .failure($0)) }))
        }
        return try result.get()
    }

    /// Looks whether another process has written: an operator's command works beside the server. If so, the revision
    /// is another one from here on, and workers are woken.
    ///
    /// SQLite tells it of the connection that asks (https://www.sqlite.org/pragma.html#pragma_data_version): the writing
    /// one sees what it did not write itself.
    func noticeOthers() async {
        guard !state.withLockedValue({ $0.isClosed }) else { return }
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { db in
                if let version = try? db.integer("PRAGMA data_version") {
                    let isNews = self.state.withLockedValue { state in
                        defer { state.others = version }
                        guard let known = state.others, known != version else { return false }
                        state.commits += 1
                        return true
                    }
                    if isNews { for topic: NoticeTopic in [.mail, .work] { self.notices.post(topic) } }
                }
                continuation.resume()
            }
        }
    }

    /// Takes no more writes and returns when those that wait are done.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLockedValue { state in
                state.isClosed = true
                // Only the first close can wait; later ones find the door shut already.
                if state.isRunning, state.closing == nil {
                    state.closing = continuation
                    return false
                }
                return true
            }
            if isIdle { continuation.resume() }
        }
    }

    private func enqueue(_ write: Write) {
        enum Place { case starts, waits, refused(StorageError) }
        let place: Place = state.withLockedValue { state in
            if state.isClosed { return .refused(.closed) }
            if state.waiting.count >= Self.capacity { return .refused(.unavailable(reason: .busy)) }
            state.waiting.append(write)
            if state.isRunning { return .waits }
            state.isRunning = true
            return .starts
        }
        switch place {
        case .starts: pool.asyncWriteWithoutTransaction { db in self.drain(db) }
        case .waits: break
        case .refused(let error): write.refuse(error)
        }
    }

    private func drain(_ db: Database) {
        while true {
            let (batch, closing) = state.withLockedValue { state in
                let batch = Array(state.waiting.prefix(Self.largestBatch))
                state.waiting.removeFirst(batch.count)
                guard batch.isEmpty else { return (batch, nil as CheckedContinuation<Void, Never>?) }
                state.isRunning = false
                let closing = state.closing
                state.closing = nil
                return ([], closing)
            }
            guard !batch.isEmpty else {
                closing?.resume()
                return
            }
            commit(batch, in: db)
        }
    }

    private func commit(_ batch: [Write], in db: Database) {
        var outcomes: [Outcome] = []
        var hints: Hints = []
        do {
            try db.beginTransaction(.immediate)
            for write in batch {
                let outcome = write.perform(db, &hints)
                outcomes.append(outcome)
                // SQLite ends the whole transaction by itself on some errors (disk full, I/O); what came before in it
                // is undone, and what comes after must not run outside of one.
                guard db.isInsideTransaction else {
                    throw outcome.failure ?? .unavailable(reason: .other(code: Int(ResultCode.SQLITE_ABORT.rawValue)))
                }
            }
            try db.commit()
        } catch {
            if db.isInsideTransaction { try? db.rollback() }
            state.withLockedValue { $0.commits += 1 }
            let failure = StorageError(error)
            for outcome in outcomes { outcome.tell(failure) }
            for write in batch.dropFirst(outcomes.count) { write.refuse(failure) }
            return
        }
        state.withLockedValue { $0.commits += 1 }
        for topic in hints { notices.post(topic) }
        for outcome in outcomes { outcome.tell(nil) }
    }
}

extension StorageError {
    /// The store was closed (SQLite's code for misuse).
    static let closed = StorageError.unavailable(reason: .other(code: 21))
}

extension Database {
    /// Like `inSavepoint`, but without a thought of nesting, and on cached statements.
    fileprivate func inOwnSavepoint<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try cachedStatement(sql: "SAVEPOINT write").execute()
        do {
            let value = try body(self)
            try cachedStatement(sql: "RELEASE write").execute()
            return value
        } catch {
            if isInsideTransaction {
                try cachedStatement(sql: "ROLLBACK TO write").execute()
                try cachedStatement(sql: "RELEASE write").execute()
            }
            throw error
        }
    }
}
