import Domain
import Foundation

/// Mail into a maildir: one file a message, written under `tmp` and renamed into `new`
/// (https://cr.yp.to/proto/maildir.html).
///
/// The file's name comes from the outbox entry, so that a try that is repeated after a crash finds the message that it
/// has already delivered and does not deliver it again (P2).
package struct MaildirTransport: MailTransport {
    package let name = "maildir"
    let directory: URL
    private let files = MaildirFiles()

    package init(directory: String) {
        self.directory = URL(fileURLWithPath: directory, isDirectory: true)
    }

    package func largestMessage() async -> Int64? { nil }

    package func deliver(_ message: MailMessage) async -> TransportAnswer {
        do {
            return try await files.deliver(message, into: directory)
        } catch let error as MailPartError {
            return .notNow(MailFault(.message, "a part of the message cannot be read: \(error)"), after: nil)
        } catch {
            return .notNow(
                MailFault(.transport, "the maildir cannot be written: \(error.localizedDescription)"), after: nil)
        }
    }

    package func check() async -> TransportCheck {
        do {
            try await files.makeFolders(in: directory)
            return .working(detail: "maildir \(directory.path)")
        } catch {
            return .broken(
                problem: "The maildir \(directory.path) cannot be written: \(error.localizedDescription)",
                mend: "Give Kiln's user the right to write there, or set mail.maildir.directory to another folder.")
        }
    }
}

/// The file work of a maildir, on a thread of its own: disks block.
private actor MaildirFiles {
    private let executor = BlockingExecutor(label: "kiln.mailer.maildir")

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func makeFolders(in directory: URL) throws {
        for folder in ["tmp", "new", "cur"] {
            try FileManager.default.createDirectory(
                at: directory.appending(path: folder), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        guard unsafe access(directory.appending(path: "new").path, W_OK) == 0 else {
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    func deliver(_ message: MailMessage, into directory: URL) async throws -> TransportAnswer {
        try makeFolders(in: directory)
        let name = "\(message.date.milliseconds / 1000).\(message.entry).kiln"
        if try wasDelivered(name, in: directory) { return .accepted(receipt: name) }
        let temporary = directory.appending(path: "tmp/\(name)")
        let target = directory.appending(path: "new/\(name)")
        let descriptor = unsafe open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.lastError() }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try await message.write { bytes in try file.write(contentsOf: bytes) }
            try file.synchronize()
            try file.close()
            guard unsafe rename(temporary.path, target.path) == 0 else { throw Self.lastError() }
            try Self.synchronize(folder: directory.appending(path: "new").path)
            return .accepted(receipt: name)
        } catch {
            unsafe unlink(temporary.path)
            throw error
        }
    }

    /// A mail program moves what it has seen to `cur` and adds flags behind a colon.
    private func wasDelivered(_ name: String, in directory: URL) throws -> Bool {
        for folder in ["new", "cur"] {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.appending(path: folder).path)
            if names.contains(where: { $0 == name || $0.hasPrefix(name + ":") }) { return true }
        }
        return false
    }

    private static func synchronize(folder: String) throws {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw lastError() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw lastError() }
    }

    private static func lastError() -> any Error {
        NSError(domain: NSPOSIXErrorDomain, code: Int(errno))
    }
}
