import Foundation

/// A message written once, as it goes over the wire, signed if it is to be: its size is known before its first byte is
/// sent, and every try of a conversation sends the same bytes.
///
/// A small one is held in memory, a larger one in a file that no folder lists (P6): it is gone with its last owner, and
/// with the process, however that ends.
package final class SpooledMessage: Sendable {
    /// A message of up to so many bytes stays in memory.
    package static let memoryBytes = 256 << 10

    private enum Storage: Sendable {
        case memory([UInt8])
        case file(SpoolFile)
    }

    /// How long it is, its signatures included.
    package let bytes: Int64
    /// The signatures' header fields, known when all else is written.
    private let front: [UInt8]
    private let storage: Storage

    private init(front: [UInt8], storage: Storage, storedBytes: Int64) {
        self.front = front
        self.storage = storage
        self.bytes = Int64(front.count) + storedBytes
    }

    /// Writes the message.
    ///
    /// - Parameters:
    ///   - folder: where a large one's file is made; it must exist.
    ///   - signer: signs it, see `DKIMSigner`.
    /// - Throws: `SpoolError` for what the disk says, `MailMessageError` for what cannot stand in a mail, and whatever
    ///   the parts throw when they are read. Nothing is left of the message then.
    package static func write(
        _ message: MailMessage, in folder: String, signer: DKIMSigner? = nil
    ) async throws -> SpooledMessage {
        try await write(message, signer: signer, memoryBytes: memoryBytes) { () throws(SpoolError) in
            try SpoolFile(in: folder)
        }
    }

    /// For tests: with another bound, and on a disk of their own.
    static func write(
        _ message: MailMessage, signer: DKIMSigner?, memoryBytes: Int,
        file open: @escaping @Sendable () throws(SpoolError) -> SpoolFile
    ) async throws -> SpooledMessage {
        let head = try message.head
        var digest = signer.map { _ in DKIMBodyDigest() }
        var held = head
        var file: SpoolFile?
        var disk: SpoolDisk?
        try await message.writeBody { piece in
            digest?.update(piece)
            held += piece
            guard held.count > memoryBytes || file != nil else { return }
            let thread = disk ?? SpoolDisk()
            disk = thread
            let target: SpoolFile
            if let file { target = file } else { target = try await thread.open(open) }
            file = target
            try await thread.append(held, to: target)
            held.removeAll(keepingCapacity: true)
        }
        let front = try digest.flatMap { try signer?.fields(head: head, body: $0.finish(), date: message.date) } ?? []
        guard let file else {
            return SpooledMessage(front: front, storage: .memory(held), storedBytes: Int64(held.count))
        }
        return SpooledMessage(front: front, storage: .file(file), storedBytes: file.bytes)
    }

    /// Fills the buffer from `offset`; fewer bytes only at the end, none behind it. Blocks where the message is a file.
    /// May be called from any thread, from several at once.
    package func read(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(SpoolError) -> Int {
        var filled = 0
        while filled < buffer.count, offset + Int64(filled) < bytes {
            let place = offset + Int64(filled)
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            if place < front.count {
                filled += unsafe Self.copy(front, from: Int(place), into: rest)
                continue
            }
            let inner = place - Int64(front.count)
            switch storage {
            case .memory(let held): filled += unsafe Self.copy(held, from: Int(inner), into: rest)
            case .file(let file): filled += try unsafe file.read(from: inner, into: rest)
            }
        }
        return filled
    }

    /// The bytes from `offset`, at most `length` of them; see the other `read`.
    package func read(from offset: Int64, length: Int) throws(SpoolError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(max(0, min(Int64(length), self.bytes - offset))))
        var failure: SpoolError?
        let count = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
            do throws(SpoolError) {
                return try unsafe read(from: offset, into: buffer)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return Array(bytes.prefix(count))
    }

    private static func copy(_ bytes: [UInt8], from start: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - start)
        unsafe buffer.copyBytes(from: bytes[start..<start + count])
        return count
    }
}

/// Why a message cannot be spooled, or read back.
package enum SpoolError: Error, Hashable, Sendable {
    /// No room on the disk, or none left for Kiln's user.
    case diskFull
    /// The system refused to do it, with its number.
    case system(operation: Operation, code: Int32)

    package enum Operation: String, Hashable, Sendable, CaseIterable {
        case open, write, read
    }

    init(_ operation: Operation, code: Int32) {
        self = code == ENOSPC || code == EDQUOT ? .diskFull : .system(operation: operation, code: code)
    }
}
