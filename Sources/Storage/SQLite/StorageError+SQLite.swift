import GRDB

extension StorageError {
    /// The one place where SQLite's errors become ours. Bound values never get into the text: GRDB keeps them out of
    /// `message`, which names tables and columns only.
    init(_ error: any Error) {
        switch error {
        case let known as StorageError:
            self = known
        case let database as DatabaseError:
            switch database.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                self = .unavailable(reason: .busy)
            case .SQLITE_FULL:
                self = .unavailable(reason: .diskFull)
            case .SQLITE_READONLY:
                self = .unavailable(reason: .readOnly)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_ERROR, .SQLITE_MISMATCH:
                self = .corrupt(detail: database.message ?? "SQLite error \(database.extendedResultCode.rawValue)")
            default:
                self = .unavailable(reason: .other(code: Int(database.extendedResultCode.rawValue)))
            }
        default:
            self = .corrupt(detail: "unexpected \(type(of: error))")
        }
    }
}
