import Crypto
import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct DiskReportFilesTests {
    private let directory: TemporaryDirectory
    private let files: DiskReportFiles
    private let attempt = Attempt(number: 1, of: NewBuild.sample().id)
    private static let roomy: Int64 = 1 << 20

    init() throws {
        directory = try TemporaryDirectory()
        files = try DiskReportFiles(directory: directory.path("reports"))
    }

    private func append(_ text: String, at offset: Int64, to name: String = "a.iso") async throws -> Int64 {
        try await files.append(Array(text.utf8), at: offset, to: name, of: attempt, limit: Self.roomy)
    }

    private static func digest(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    @Test func `a log grows by what is new, and a gap is refused with the place to go on from`() async throws {
        func append(_ text: String, at offset: Int64) async throws -> Int64 {
            try await files.appendLog(Array(text.utf8), at: offset, of: attempt)
        }
        #expect(try await files.logSize(of: attempt) == 0)
        #expect(try await files.readLog(of: attempt, from: 0, limit: 9).isEmpty)
        #expect(try await append("one two", at: 0) == 7)
        #expect(try await append("two three", at: 4) == 13)
        #expect(try await append("one", at: 0) == 13)
        await #expect(throws: StorageError.gap(size: 13)) { try await append("x", at: 14) }
        await #expect(throws: StorageError.gap(size: 13)) { try await append("x", at: -1) }
        #expect(try await files.logSize(of: attempt) == 13)
        func read(_ offset: Int64, _ limit: Int) async throws -> String {
            String(decoding: try await files.readLog(of: attempt, from: offset, limit: limit), as: UTF8.self)
        }
        #expect(try await read(0, 100) == "one two three")
        #expect(try await read(4, 3) == "two")
        #expect(try await read(13, 3) == "")
        #expect(try await read(99, 3) == "")
    }

    @Test func `a file is sent in pieces, again where the sender is not sure, and is there when it is complete`()
        async throws
    {
        #expect(try await files.size(of: "a.iso", of: attempt) == 0)
        #expect(try await append("hello ", at: 0) == 6)
        #expect(try await append("lo world", at: 3) == 11)
        await #expect(throws: StorageError.gap(size: 11)) { _ = try await append("x", at: 12) }
        await #expect(throws: StorageError.gap(size: 0)) { _ = try await append("x", at: 1, to: "b.iso") }
        #expect(try await files.files(of: attempt).isEmpty)
        await #expect(throws: StorageError.self) { _ = try await files.path(of: "a.iso", of: attempt) }
        let wanted = ReportedFile(name: "a.iso", bytes: 11, sha256: Self.digest("hello world"))
        #expect(try await files.complete("a.iso", sha256: wanted.sha256.uppercased(), of: attempt) == wanted)
        #expect(try await files.complete("a.iso", sha256: nil, of: attempt) == wanted)
        #expect(try await files.files(of: attempt) == [wanted])
        #expect(try await files.size(of: "a.iso", of: attempt) == 11)
        let path = try await files.path(of: "a.iso", of: attempt)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "hello world")
        #expect(try await append("world", at: 6) == 11)
        await #expect(throws: StorageError.tooLarge(limit: 11)) { _ = try await append("worlds", at: 6) }
    }

    @Test func `a file that is not what its sender says is removed and can be sent again, P9`() async throws {
        _ = try await append("hello", at: 0)
        let wrong = Self.digest("other")
        await #expect(throws: StorageError.wrongDigest(found: Self.digest("hello"))) {
            _ = try await files.complete("a.iso", sha256: wrong, of: attempt)
        }
        #expect(try await files.size(of: "a.iso", of: attempt) == 0)
        #expect(try await files.files(of: attempt).isEmpty)
        _ = try await append("other", at: 0)
        #expect(try await files.complete("a.iso", sha256: wrong, of: attempt).sha256 == wrong)
    }

    @Test func `no file grows over its limit, and no attempt sends files without end, P6`() async throws {
        func append(_ count: Int, at offset: Int64) async throws -> Int64 {
            try await files.append([UInt8](repeating: 7, count: count), at: offset, to: "a", of: attempt, limit: 10)
        }
        #expect(try await append(10, at: 0) == 10)
        await #expect(throws: StorageError.tooLarge(limit: 10)) { _ = try await append(1, at: 10) }
        await #expect(throws: StorageError.tooLarge(limit: 10)) { _ = try await append(11, at: 0) }
        #expect(try await files.size(of: "a", of: attempt) == 10)
        for number in 1..<200 { _ = try await self.append("", at: 0, to: "f\(number)") }
        await #expect(throws: StorageError.tooLarge(limit: 200)) { _ = try await self.append("", at: 0, to: "g") }
        #expect(try await files.complete("f7", sha256: nil, of: attempt).bytes == 0)
        #expect(try await self.append("x", at: 0, to: "f8") == 1)
    }

    @Test(arguments: [
        "", ".", "..", "../x", "a/b", ".hidden", "-rf", "a\nb", "a\0b", String(repeating: "x", count: 121),
    ])
    func `a name that is none is refused, P5`(name: String) async throws {
        await #expect(throws: StorageError.unusableName) { _ = try await append("x", at: 0, to: name) }
        await #expect(throws: StorageError.unusableName) { _ = try await files.size(of: name, of: attempt) }
        await #expect(throws: StorageError.unusableName) { _ = try await files.path(of: name, of: attempt) }
        await #expect(throws: StorageError.unusableName) {
            _ = try await files.complete(name, sha256: nil, of: attempt)
        }
    }

    @Test(arguments: ["", "..", "../../etc", "key", "01aaaaaaaaaaaaaaaaaaaaaaaa-2", "01aaaaaaaaaaaaaaaaaaaaaaaa-1/x"])
    func `an attempt whose key is none of ours has no folder, P4`(key: String) async throws {
        let foreign = Attempt(number: 1, key: key)
        await #expect(throws: StorageError.missingObject(key: "attempt")) {
            _ = try await files.appendLog([1], at: 0, of: foreign)
        }
        await #expect(throws: StorageError.missingObject(key: "attempt")) {
            try await files.removeAll(of: foreign)
        }
    }

    @Test func `attempts have nothing in common, P4`() async throws {
        let other = Attempt(number: 1, of: NewBuild.sample().id)
        let next = Attempt(number: 2, key: attempt.key.dropLast() + "2")
        _ = try await append("mine", at: 0)
        _ = try await files.complete("a.iso", sha256: nil, of: attempt)
        _ = try await files.appendLog(Array("mine".utf8), at: 0, of: attempt)
        for stranger in [other, next] {
            #expect(try await files.size(of: "a.iso", of: stranger) == 0)
            #expect(try await files.logSize(of: stranger) == 0)
            #expect(try await files.files(of: stranger).isEmpty)
            try await files.removeAll(of: stranger)
        }
        #expect(try await files.files(of: attempt).count == 1)
        _ = try await append("half", at: 0, to: "b.iso")
        try await files.removeAll(of: attempt)
        try await files.removeAll(of: attempt)
        #expect(try await files.files(of: attempt).isEmpty)
        #expect(try await files.logSize(of: attempt) == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("reports")).isEmpty)
    }

    @Test func `names of any script are kept as they are`() async throws {
        for name in ["Grüße – 写真.iso", "a-b.c_d (1).apk"] {
            _ = try await append(name, at: 0, to: name)
            #expect(try await files.complete(name, sha256: nil, of: attempt).name == name)
        }
        #expect(try await files.files(of: attempt).map(\.name) == ["Grüße – 写真.iso", "a-b.c_d (1).apk"].sorted())
    }

    @Test func `pieces that come at the same time leave one whole file`() async throws {
        let text = (0..<2000).map { "line \($0)\n" }.joined()
        let bytes = Array(text.utf8)
        _ = try await append("", at: 0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var offset: Int64 = 0
                    while offset < bytes.count {
                        let piece = Array(bytes[Int(offset)..<min(bytes.count, Int(offset) + 700)])
                        do {
                            _ = try await files.append(piece, at: offset, to: "a.iso", of: attempt, limit: 1 << 20)
                            offset += Int64(piece.count)
                        } catch StorageError.gap(let size) {
                            offset = size
                        } catch {
                            return
                        }
                    }
                }
            }
        }
        #expect(try await files.complete("a.iso", sha256: Self.digest(text), of: attempt).bytes == Int64(bytes.count))
    }
}
