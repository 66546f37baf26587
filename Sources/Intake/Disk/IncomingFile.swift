import Crypto
import Domain
import FileKind
import Glibc

/// A file while it is being received: written, hashed and counted as it comes, on a thread of its own.
///
/// It lies in `incoming/`, locked, so that a sweep of any process knows it from a dead one. Whoever began it ends it,
/// with `keep` or `discard`.
actor IncomingFile {
    nonisolated let id: UploadID
    /// Where the bytes as received lie.
    nonisolated let path: String
    /// Where a guard leaves what is to be kept instead.
    nonisolated let replacementPath: String
    private nonisolated let executor: QueueExecutor
    private let finalPath: String
    private var file: OpenedFile?
    private var hasher = SHA256()
    private var written: Int64 = 0
    /// How much of it the disk was told to begin with.
    private var begun: Int64 = 0
    /// Large enough that a disk does it in one go.
    private static let stretch: Int64 = 4 << 20

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(id: UploadID, folders: UploadFolders) {
        self.id = id
        path = folders.incoming(id)
        replacementPath = folders.replacement(id)
        finalPath = folders.upload(id)
        executor = QueueExecutor(shared: id.text.utf8.last ?? 0)
    }

    /// `false` if a sweep that came between two calls has taken the name away again: begin another.
    func begin() throws(IntakeError) -> Bool {
        let opened = try OpenedFile(path, O_CREAT | O_EXCL | O_RDWR)
        guard opened.lock(), try opened.isLinked else { return false }
        file = consume opened
        return true
    }

    func write(_ piece: [UInt8]) throws(IntakeError) {
        unsafe piece.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        try file?.write(piece)
        written += Int64(piece.count)
        if written - begun >= Self.stretch {
            file?.beginSynchronizing(from: begun, count: written - begun)
            begun = written
        }
    }

    /// The SHA-256 of what was received, lower-case hex.
    func digest() -> String {
        hex(hasher.finalize())
    }

    /// The kind by all of the file, where the first bytes do not tell.
    func kind(using detector: FileKindDetector) throws(IntakeError) -> FileKind {
        do throws(FileKindError) {
            return try detector.kind(ofFileAt: path)
        } catch {
            throw .guardUnavailable(reason: "\(error)")
        }
    }

    /// Makes the upload durable under its own name, from the replacement if there is one; the folder still wants
    /// synchronising. Returns size and digest of what is kept.
    func keep(replaced: Bool) throws(IntakeError) -> (bytes: Int64, sha256: String) {
        let kept: (bytes: Int64, sha256: String)
        if replaced {
            let replacement = try OpenedFile(replacementPath, O_RDONLY)
            kept = (try replacement.bytes, try Self.digest(of: replacement))
            guard fchmod(replacement.descriptor, 0o600) == 0 else { throw IntakeError(systemCode: errno) }
            try replacement.synchronize()
        } else {
            kept = (try file?.bytes ?? 0, digest())
            try file?.synchronize()
        }
        guard unsafe rename(replaced ? replacementPath : path, finalPath) == 0 else {
            throw IntakeError(systemCode: errno)
        }
        if replaced { unsafe unlink(path) }
        file = nil
        return kept
    }

    /// Removes whatever there is of it, kept or not.
    func discard() {
        unsafe unlink(path)
        unsafe unlink(replacementPath)
        unsafe unlink(finalPath)
        file = nil
    }

    private static func digest(of file: borrowing OpenedFile) throws(IntakeError) -> String {
        var hasher = SHA256()
        var offset: Int64 = 0
        while true {
            let piece = try file.read(from: offset, count: 256 << 10)
            if piece.isEmpty { return hex(hasher.finalize()) }
            unsafe piece.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
            offset += Int64(piece.count)
        }
    }
}

private func hex(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
