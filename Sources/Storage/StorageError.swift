package import Domain

/// Why the storage did not do what it was asked.
package enum StorageError: Error, Hashable, Sendable {
    case unknownBuild(BuildID)
    /// The claim ran out and the row is another worker's, or the build has moved without it.
    case leaseLost
    case illegalTransition(IllegalTransition)
    /// Not now: the database is locked for too long or the disk is full. Try again.
    case unavailable(reason: Reason)
    /// A row that this version cannot read, or a broken file; nothing that trying again mends.
    case corrupt(detail: String)
    /// The database was written by a newer Kiln.
    case fromTheFuture(version: String)
    /// No such object, or not that much of it.
    case missingObject(key: String)
    /// The report is about an attempt that is not the build's current one.
    case notCurrent
    /// Bytes that do not begin where the others end; that is at `size`.
    case gap(size: Int64)
    /// More bytes, or more files, than there may be.
    case tooLarge(limit: Int64)
    /// The file was not what its sender said; it is gone.
    case wrongDigest(found: String)
    /// No name for a file (`ArtifactName`).
    case unusableName

    package enum Reason: Hashable, Sendable {
        case busy
        case diskFull
        case readOnly
        case other(code: Int)
    }
}
