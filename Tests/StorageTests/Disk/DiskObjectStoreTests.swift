import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct DiskObjectStoreTests {
    private let directory: TemporaryDirectory
    private let objects: DiskObjectStore
    private let build = NewBuild.sample().id

    init() throws {
        directory = try TemporaryDirectory()
        objects = try DiskObjectStore(directory: directory.path("objects"))
    }

    private func file(_ text: String, at path: String? = nil) throws -> String {
        let path = path ?? directory.path("made-\(UUID().uuidString)")
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private func key(_ name: String) -> ObjectKey { ObjectKey(build: build, name: name) }

    private func text(_ key: ObjectKey, from offset: Int64 = 0, length: Int = 1000) async throws -> String {
        String(decoding: try await objects.read(key, from: offset, length: length), as: UTF8.self)
    }

    @Test func `an object is read back, in ranges too`() async throws {
        try await objects.put(fileAt: try file("0123456789"), as: key("a.iso"))
        #expect(try await objects.size(of: key("a.iso")) == 10)
        #expect(try await text(key("a.iso")) == "0123456789")
        #expect(try await text(key("a.iso"), from: 3, length: 4) == "3456")
        #expect(try await text(key("a.iso"), from: 8, length: 100) == "89")
        #expect(try await text(key("a.iso"), from: 10, length: 1) == "")
    }

    @Test func `a second put replaces the first`() async throws {
        try await objects.put(fileAt: try file("old"), as: key("a.iso"))
        try await objects.put(fileAt: try file("newer"), as: key("a.iso"))
        #expect(try await text(key("a.iso")) == "newer")
    }

    @Test func `a file on another file system is copied`() async throws {
        // A memory file system stands here on every Linux; where the test's own folder is one as well, it is a move.
        let path = "/dev/shm/kiln-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let large = String(repeating: "kiln", count: 1 << 19)
        try await objects.put(fileAt: try file(large, at: path), as: key("a.iso"))
        #expect(try await objects.size(of: key("a.iso")) == 2 << 20)
        #expect(try await text(key("a.iso"), from: 0, length: 4 << 20) == large)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("objects/\(build)"))
        #expect(names == ["a.iso"])
    }

    @Test func `what is not there is missing`() async throws {
        #expect(try await objects.size(of: key("a.iso")) == nil)
        await #expect(throws: StorageError.missingObject(key: "\(build)/a.iso")) {
            _ = try await objects.read(key("a.iso"), from: 0, length: 1)
        }
        try await objects.put(fileAt: try file("abc"), as: key("a.iso"))
        await #expect(throws: StorageError.missingObject(key: "\(build)/a.iso")) {
            _ = try await objects.read(key("a.iso"), from: 4, length: 1)
        }
    }

    @Test(arguments: [
        "../other", "a/b", "", ".", "..", ".hidden", "a\u{0}b", "a\nb", String(repeating: "a", count: 300),
    ])
    func `a name that is no plain file name is refused, P4`(name: String) async throws {
        let path = try file("x")
        await #expect(throws: StorageError.self) { try await objects.put(fileAt: path, as: key(name)) }
        await #expect(throws: StorageError.self) { _ = try await objects.size(of: key(name)) }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func `removing takes one build's objects and no other's, P4`() async throws {
        let other = ObjectKey(build: NewBuild.sample().id, name: "a.iso")
        try await objects.put(fileAt: try file("mine"), as: key("a.iso"))
        try await objects.put(fileAt: try file("mine"), as: key("b.png"))
        try await objects.put(fileAt: try file("theirs"), as: other)
        try await objects.removeAll(of: build)
        try await objects.removeAll(of: build)
        #expect(try await objects.size(of: key("a.iso")) == nil)
        #expect(try await text(other) == "theirs")
    }

    @Test func `the room on a disk is told`() throws {
        let space = try DiskSpace.at(path: directory.path)
        #expect(space.freeBytes > 0)
        #expect(space.totalBytes >= space.freeBytes)
        #expect(throws: StorageError.self) { try DiskSpace.at(path: directory.path("none")) }
    }
}
