package import Domain

/// Whole files by key: artifacts now; on disk, later also in S3. Keys are `<build id>/<name>`, made by Kiln.
package protocol ObjectStore: Sendable {
    /// Takes a file's bytes under a key; durable when it returns; replaces what was there. The file at `path` may be
    /// moved away by this call.
    func put(fileAt path: String, as key: ObjectKey) async throws(StorageError)
    /// Puts the same bytes under a second key too, without reading them where that is possible; durable when it returns;
    /// replaces what was there. Objects never change, so that the two do not touch each other (P4).
    /// - Throws: `.missingObject` if there is nothing to copy.
    func copy(_ key: ObjectKey, to other: ObjectKey) async throws(StorageError)
    /// The object's size in bytes; `nil` if there is none.
    func size(of key: ObjectKey) async throws(StorageError) -> Int64?
    /// Up to `length` bytes from `offset`; fewer only at the end.
    func read(_ key: ObjectKey, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8]
    /// Removes all objects of a build; none there is no error.
    func removeAll(of build: BuildID) async throws(StorageError)
}

package struct ObjectKey: Hashable, Sendable, CustomStringConvertible {
    package var build: BuildID
    /// A safe file name, see `Artifact.name`.
    package var name: String

    package init(build: BuildID, name: String) {
        self.build = build
        self.name = name
    }

    package var description: String { "\(build)/\(name)" }
}

/// The logs of builds: what the runs wrote, kept in parts (one for each attempt's run and verification), read as one
/// text. Appending posts the build's notice.
package protocol LogStore: Sendable {
    /// Appends to a part; `offset` is where these bytes begin in it: what is there already is not written again, so
    /// that a copy can be repeated after a crash.
    func append(_ bytes: [UInt8], at offset: Int64, to part: LogPart) async throws(StorageError)
    /// Bytes of a part; 0 if there is none.
    func size(of part: LogPart) async throws(StorageError) -> Int64
    /// Bytes of all parts together.
    func size(of build: BuildID) async throws(StorageError) -> Int64
    /// Up to `length` bytes of the whole log from `offset`, parts in order.
    func read(_ build: BuildID, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8]
    func removeAll(of build: BuildID) async throws(StorageError)
}

package struct LogPart: Hashable, Comparable, Sendable {
    package enum Stage: Int, Hashable, Sendable, CaseIterable {
        /// What was fetched for the build, and what could not be.
        case fetch = -1
        /// What the run sent by itself, before what was read at its provider.
        case report = 0
        case run = 1
        case verification = 2
    }

    package var build: BuildID
    /// `Attempt.number`
    package var attempt: Int
    package var stage: Stage

    package init(build: BuildID, attempt: Int, stage: Stage) {
        self.build = build
        self.attempt = attempt
        self.stage = stage
    }

    package static func < (one: LogPart, other: LogPart) -> Bool {
        (one.attempt, one.stage.rawValue) < (other.attempt, other.stage.rawValue)
    }
}
