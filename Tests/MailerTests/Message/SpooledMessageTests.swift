import Domain
import Foundation
import TestSupport
import Testing

@testable import Mailer

@Suite struct SpooledMessageTests {
    static func message(attached bytes: Int) throws -> MailMessage {
        let blob = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        return try MailMessageTests.message(
            attachments: bytes == 0 ? [] : [MailMessageTests.part("a.bin", "application/octet-stream", blob)])
    }

    /// Files of this process in the folder that no longer have a name there, with their modes.
    static func unlinked(in folder: TemporaryDirectory) -> [mode_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            guard let target, target.hasPrefix(folder.path), target.hasSuffix("(deleted)"), let file = Int32(name)
            else {
                return nil
            }
            var status = stat()
            return unsafe fstat(file, &status) == 0 ? status.st_mode & 0o777 : nil
        }
    }

    @Test(arguments: [0, 1000, 180_000, 200_000, 3 << 20], [nil, TestKeys.ed25519])
    func `it is what the message writes, at every offset, and as long as it says`(
        attached: Int, key: String?
    ) async throws {
        let folder = try TemporaryDirectory()
        let message = try Self.message(attached: attached)
        let signer = try key.map { try DKIMSigner(domain: "example.org", keys: [DKIMKey(selector: "s", pem: $0)]) }
        let spooled = try await SpooledMessage.write(message, in: folder.path, signer: signer)
        let whole = try spooled.read(from: 0, length: Int(spooled.bytes) + 10)
        #expect(whole.count == Int(spooled.bytes))
        let written = try await MailMessageTests.bytes(of: message)
        #expect(whole.suffix(written.count) == written[...])
        #expect(String(decoding: whole, as: UTF8.self).hasPrefix(key == nil ? "Date:" : "DKIM-Signature:"))
        var random = SeededGenerator(state: 7)
        for _ in 0..<50 {
            let start = Int.random(in: 0...whole.count, using: &random)
            let length = [0, 1, 100, 70_000].randomElement(using: &random) ?? 1
            let piece = try spooled.read(from: Int64(start), length: length)
            #expect(piece[...] == whole[start..<min(whole.count, start + length)])
        }
        #expect(try spooled.read(from: spooled.bytes, length: 10) == [])
        #expect(try spooled.read(from: spooled.bytes + 5, length: 10) == [])
    }

    @Test func `a small one is in memory, a large one in a file of Kiln's own that no folder lists (P6)`() async throws
    {
        let folder = try TemporaryDirectory()
        let small = try await SpooledMessage.write(Self.message(attached: 1000), in: folder.path)
        #expect(Self.unlinked(in: folder) == [])
        var large: SpooledMessage? = try await SpooledMessage.write(Self.message(attached: 1 << 20), in: folder.path)
        #expect(Self.unlinked(in: folder) == [0o600])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        #expect(small.bytes < Int64(SpooledMessage.memoryBytes) && large?.bytes ?? 0 > 1 << 20)
        large = nil
        #expect(Self.unlinked(in: folder) == [])
    }

    @Test func `a small one needs no disk`() async throws {
        let spooled = try await SpooledMessage.write(Self.message(attached: 1000), in: "/nonexistent")
        #expect(spooled.bytes > 1000)
    }

    @Test func `any number of threads read it at once`() async throws {
        let folder = try TemporaryDirectory()
        let spooled = try await SpooledMessage.write(Self.message(attached: 1 << 20), in: folder.path)
        let whole = try spooled.read(from: 0, length: Int(spooled.bytes))
        await withTaskGroup { group in
            for start in stride(from: 0, to: whole.count, by: 100_003) {
                group.addTask {
                    (try? spooled.read(from: Int64(start), length: 150_001)).map {
                        $0[...] == whole[start..<min(whole.count, start + 150_001)]
                    }
                }
            }
            for await isSame in group { #expect(isSame == true) }
        }
    }

    @Test func `a full disk is told as such, and nothing is left`() async throws {
        let folder = try TemporaryDirectory()
        let message = try Self.message(attached: 1 << 20)
        await #expect(throws: SpoolError.diskFull) {
            try await SpooledMessage.write(message, signer: nil, memoryBytes: 1000) { () throws(SpoolError) in
                SpoolFile(owning: unsafe open("/dev/full", O_RDWR | O_CLOEXEC))
            }
        }
        await #expect(throws: SpoolError.system(operation: .open, code: ENOENT)) {
            try await SpooledMessage.write(message, in: folder.path("missing"))
        }
        #expect(SpoolError(.write, code: EDQUOT) == .diskFull)
    }

    @Test func `a part that ends early leaves nothing`() async throws {
        let folder = try TemporaryDirectory()
        let part = MailPart(name: try HeaderText("a"), contentType: "a/b", bytes: 2 << 20) { offset, length in
            offset > 1 << 20 ? [] : Array(repeating: 1, count: length)
        }
        let message = try MailMessageTests.message(attachments: [part])
        await #expect(throws: MailPartError.self) { try await SpooledMessage.write(message, in: folder.path) }
        #expect(Self.unlinked(in: folder) == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func `every try of an entry gives the same bytes, signatures too (P2)`() async throws {
        let signer = try DKIMSigner(
            domain: "example.org",
            keys: [DKIMKey(selector: "e", pem: TestKeys.ed25519), DKIMKey(selector: "r", pem: TestKeys.rsa())])
        let folder = try TemporaryDirectory()
        let message = try Self.message(attached: 100)
        let one = try await SpooledMessage.write(message, in: folder.path, signer: signer)
        let two = try await SpooledMessage.write(message, in: folder.path, signer: signer)
        #expect(try one.read(from: 0, length: 1 << 20) == two.read(from: 0, length: 1 << 20))
    }
}
