package import Domain
import GRDB

extension SQLiteStore {
    package func claimDueCleanUps(
        limit: Int, leaseFor: Duration, at now: Timestamp
    ) async throws(StorageError) -> [CleanUp] {
        try await writer.write { [sourceMemory] db, _ in
            // Asked for regularly also when nobody submits anything, which is when sources have to be forgotten.
            if sourceMemory.isDue(at: now) { try db.forgetSources(at: now) }
            let due = try db.rows(
                """
                SELECT build, provider, attempt_number, attempt_key, run_id, run_url, failures FROM clean_ups
                WHERE next_action_at <= ? AND \(Condition.unleased) ORDER BY next_action_at LIMIT ?
                """,
                [now.milliseconds, now.milliseconds, limit]
            ) { try $0.cleanUp(lease: Self.newLease(for: leaseFor, at: now).token) }
            for cleanUp in due {
                try db.run(
                    "UPDATE clean_ups SET lease_token = ?, lease_expires_at = ? WHERE attempt_key = ?",
                    [cleanUp.lease.text, (now + leaseFor).milliseconds, cleanUp.attempt.key])
            }
            return due
        }
    }

    package func settleCleanUp(_ cleanUp: CleanUp, retryAt: Timestamp?) async throws(StorageError) {
        try await writer.write { db, hints in
            let changed: Int
            if let retryAt {
                changed = try db.run(
                    """
                    UPDATE clean_ups SET failures = failures + 1, next_action_at = ?, lease_token = NULL,
                        lease_expires_at = NULL
                    WHERE attempt_key = ? AND lease_token = ?
                    """,
                    [retryAt.milliseconds, cleanUp.attempt.key, cleanUp.lease.text])
                hints.insert(.work)
            } else {
                changed = try db.run(
                    "DELETE FROM clean_ups WHERE attempt_key = ? AND lease_token = ?",
                    [cleanUp.attempt.key, cleanUp.lease.text])
                if changed == 1 { try db.forgetReport(of: cleanUp.attempt) }
            }
            guard changed == 1 else { throw StorageError.leaseLost }
        }
    }

    package func nextCleanUpAt() async throws(StorageError) -> Timestamp? {
        try await read { db in
            try db.firstRow(
                "SELECT min(max(next_action_at, coalesce(lease_expires_at, next_action_at))) FROM clean_ups"
            ) { try $0.momentOrNil() } ?? nil
        }
    }

    package func buildsWithExpiredFiles(limit: Int, at now: Timestamp) async throws(StorageError) -> [Build] {
        try await read { db in try db.storedBuilds(expiredAt: now, limit: limit).map(\.build) }
    }

    package func recordFilesRemoved(of id: BuildID, at now: Timestamp) async throws(StorageError) {
        try await writer.write { db, hints in
            let changed = try db.run(
                """
                UPDATE builds SET files_removed_at = coalesce(files_removed_at, ?)
                WHERE id = ? AND finished_at IS NOT NULL
                """,
                [now.milliseconds, id.text])
            guard changed == 1 else { throw StorageError.unknownBuild(id) }
            try db.forgetReports(of: id)
            // A file that was left behind is from now on nobody's, and swept as such.
            let keeper = try db.uploadKeeper(of: id)
            if try !db.uploadsAreUsed(of: keeper, byOthersThan: id) {
                try db.run("DELETE FROM uploads WHERE build = ?", [keeper.text])
            }
            hints.insert(.build(id))
        }
    }

    package func uploadsToRemove(with id: BuildID) async throws(StorageError) -> [UploadID] {
        try await read { db in
            let keeper = try db.uploadKeeper(of: id)
            guard try !db.uploadsAreUsed(of: keeper, byOthersThan: id) else { return [] }
            return try db.rows("SELECT id FROM uploads WHERE build = ? ORDER BY id", [keeper.text]) {
                UploadID(unchecked: try $0.text())
            }
        }
    }
}

extension Database {
    /// The build that a submission's uploads are written down for.
    func uploadKeeper(of id: BuildID) throws -> BuildID {
        let lead = try firstRow("SELECT lead FROM builds WHERE id = ?", [id.text]) { try $0.textOrNil() } ?? nil
        return lead.map(BuildID.init(unchecked:)) ?? id
    }

    /// Whether a build of the group still has its files.
    fileprivate func uploadsAreUsed(of lead: BuildID, byOthersThan id: BuildID) throws -> Bool {
        try integer(
            "SELECT count(*) FROM builds WHERE lead = ? AND id <> ? AND files_removed_at IS NULL", [lead.text, id.text])
            > 0
    }
}

extension RowReader {
    fileprivate mutating func cleanUp(lease: LeaseToken) throws(StorageError) -> CleanUp {
        let build = BuildID(unchecked: try text())
        let provider = try text()
        let attempt = Attempt(number: Int(try integer()), key: try text())
        let runID = try textOrNil()
        let runURL = try textOrNil()
        return CleanUp(
            build: build, provider: provider, attempt: attempt,
            run: runID.map { Run(attempt: attempt, provider: provider, id: $0, url: runURL) },
            failures: Int(try integer()), lease: lease)
    }
}
