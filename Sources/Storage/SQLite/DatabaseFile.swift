import Domain
import GRDB
import Glibc

/// Opening a database file: its settings, whether it is ours, whether it is whole, its schema. Blocking.
enum DatabaseFile {
    /// "Kiln", kept in the file's header.
    static let applicationID: Int64 = 0x4B69_6C6E
    /// A larger file is not read through at start; `kiln doctor` does it.
    private static let quickCheckLimit: Int64 = 64 << 20

    static func open(path: String, migrations: [Migration] = Migration.all) throws(StorageError) -> DatabasePool {
        try makeFile(at: path)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration())
            do {
                try pool.writeWithoutTransaction { db in
                    try prove(db, newest: migrations.last?.version ?? 0)
                    // Here and not while connecting, because GRDB sets NORMAL after that (Database.setUpWALMode,
                    // 7.10.0), under which the last commits are lost with the power.
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                    guard try db.integer("PRAGMA synchronous") == 2 else {
                        throw StorageError.corrupt(detail: "synchronous=FULL was not taken")
                    }
                    try migrate(db, by: migrations)
                }
            } catch {
                try? pool.close()
                throw error
            }
            try Files.syncDirectory(Files.parent(of: path))
            return pool
        } catch {
            throw StorageError(error)
        }
    }

    /// Throws `.corrupt` with the first faults that a full look through the file finds; for `kiln doctor`.
    static func checkIntegrity(_ db: Database) throws {
        let faults = try db.rows("PRAGMA quick_check(3)") { try $0.text() }
        guard faults == ["ok"] else { throw StorageError.corrupt(detail: faults.joined(separator: "; ")) }
        try checkReferences(db)
    }

    private static func checkReferences(_ db: Database) throws {
        guard try db.rows("PRAGMA foreign_key_check", [], { try $0.text() }).isEmpty else {
            throw StorageError.corrupt(detail: "rows that refer to missing ones")
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "kiln"
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
        }
        return configuration
    }

    /// The rows hold addresses: what SQLite makes beside the file takes its permissions from it.
    private static func makeFile(at path: String) throws(StorageError) {
        try Files.makeDirectories(Files.parent(of: path))
        _ = try Files.open(path, O_RDWR | O_CREAT)
    }

    private static func prove(_ db: Database, newest: Int) throws {
        let version = try db.integer("PRAGMA user_version")
        let owner = try db.integer("PRAGMA application_id")
        if owner == applicationID {
            guard version <= newest else { throw StorageError.fromTheFuture(version: String(version)) }
        } else {
            let tables = try db.integer("SELECT count(*) FROM sqlite_schema")
            guard owner == 0, version == 0, tables == 0 else {
                throw StorageError.corrupt(detail: "the file holds another program's data")
            }
        }
        let bytes = try db.integer("PRAGMA page_count") * db.integer("PRAGMA page_size")
        if bytes <= quickCheckLimit { try checkIntegrity(db) }
    }

    /// Each step is one transaction with its number, so that a crash leaves it done or undone; another process that
    /// starts at the same time waits and finds it done.
    ///
    /// A step may write a table anew under its old name, which SQLite takes for the loss of all that refers to it: so
    /// references are not watched meanwhile, and all looked at before the step counts
    /// (https://sqlite.org/lang_altertable.html, section 7).
    private static func migrate(_ db: Database, by migrations: [Migration]) throws {
        try db.execute(sql: "PRAGMA foreign_keys = OFF")
        for migration in migrations {
            try db.inTransaction(.immediate) {
                guard try db.integer("PRAGMA user_version") < migration.version else { return .commit }
                try db.execute(sql: migration.sql)
                try checkReferences(db)
                try db.execute(
                    sql: """
                        PRAGMA application_id = \(applicationID);
                        PRAGMA user_version = \(migration.version);
                        """)
                return .commit
            }
        }
        // After a step that failed the connection is closed.
        try db.execute(sql: "PRAGMA foreign_keys = ON")
        guard try db.integer("PRAGMA foreign_keys") == 1 else {
            throw StorageError.corrupt(detail: "foreign_keys=ON was not taken")
        }
    }
}
