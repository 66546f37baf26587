import GRDB

extension SQLiteStore {
    /// Takes every lease away, so that what a crashed server held goes on at once and not when its leases run out.
    ///
    /// Only for a server that has the database to itself (its data directory is locked), before its workers begin.
    package func dropLeases() async throws(StorageError) {
        try await writer.write { db, _ in
            for table in ["builds", "outbox", "clean_ups"] {
                if table == "builds" {
                    try db.run("UPDATE builds SET nudged_at = NULL WHERE nudged_at IS NOT NULL", [])
                }
                try db.run(
                    "UPDATE \(table) SET lease_token = NULL, lease_expires_at = NULL WHERE lease_token IS NOT NULL", [])
            }
        }
    }
}
