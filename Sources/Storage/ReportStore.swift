package import Domain

/// What runs have told of themselves, by attempt. The rows go with the attempt's clean-up or with the build's files.
package protocol ReportStore: Sendable {
    /// Takes a report in. Posts the build's notice if it told anything new.
    /// - Returns: all that the attempt's reports have told so far (`RunReport.merged`).
    /// - Throws: `.notCurrent` unless the attempt is the build's current one in `triggering`, `running` or `collecting`;
    ///   `.unknownBuild`.
    func record(
        _ report: RunReport, of attempt: Attempt, build: BuildID, at now: Timestamp
    ) async throws(StorageError) -> RunReport

    /// `nil`: the attempt's run has told nothing.
    func report(of attempt: Attempt) async throws(StorageError) -> RunReport?
}

/// The log and the files that runs sent by themselves, by attempt; on disk until they are collected.
///
/// Bytes come with their offset, so that a sender may send again what it is not sure of: bytes that are there already are
/// skipped, a gap is refused with `.gap(size:)`, from where the sender may go on.
package protocol ReportFiles: Sendable {
    /// Bytes of the log; 0 if there is none.
    func logSize(of attempt: Attempt) async throws(StorageError) -> Int64
    /// - Returns: the log's new size.
    /// - Throws: `.gap`.
    func appendLog(_ bytes: [UInt8], at offset: Int64, of attempt: Attempt) async throws(StorageError) -> Int64
    /// Up to `limit` bytes from `offset`; fewer only at the end.
    func readLog(of attempt: Attempt, from offset: Int64, limit: Int) async throws(StorageError) -> [UInt8]

    /// Bytes of a file so far, complete or not; 0 if there is none.
    /// - Throws: `.unusableName`.
    func size(of name: String, of attempt: Attempt) async throws(StorageError) -> Int64
    /// - Parameter limit: the bytes that the whole file may have.
    /// - Returns: the file's new size.
    /// - Throws: `.gap`; `.tooLarge` over the limit, beyond the end of a complete file, or with too many files;
    ///   `.unusableName` (`ArtifactName`).
    func append(
        _ bytes: [UInt8], at offset: Int64, to name: String, of attempt: Attempt, limit: Int64
    ) async throws(StorageError) -> Int64
    /// Says that all of a file is there; durable when it returns. Saying it again changes nothing.
    /// - Parameter sha256: what the sender says it is, in hex; `nil`: it does not say.
    /// - Throws: `.wrongDigest`, and the file is gone; `.missingObject` if there is no such file.
    func complete(
        _ name: String, sha256: String?, of attempt: Attempt
    ) async throws(StorageError) -> ReportedFile
    /// The complete ones, by name.
    func files(of attempt: Attempt) async throws(StorageError) -> [ReportedFile]
    /// Where the bytes of a complete file are. Whoever needs them after `removeAll` copies them.
    /// - Throws: `.missingObject`.
    func path(of name: String, of attempt: Attempt) async throws(StorageError) -> String
    /// Removes the log and the files; none there is no error.
    func removeAll(of attempt: Attempt) async throws(StorageError)
}

/// A file that a run sent whole.
package struct ReportedFile: Hashable, Sendable {
    package var name: String
    package var bytes: Int64
    /// Lower-case hex, of the bytes that are stored (P9).
    package var sha256: String

    package init(name: String, bytes: Int64, sha256: String) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
    }
}
