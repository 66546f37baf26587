import Foundation
import Testing

@testable import Archives

@Suite struct ArchiveWriterTests {
    let scratch: Scratch
    let writer = ArchiveWriter()

    init() throws { scratch = try Scratch() }

    @Test(arguments: ArchiveFormat.allCases)
    func `what was written is read back, twice the same`(format: ArchiveFormat) async throws {
        let large = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let source = try scratch.file(large)
        let items: [ArchiveItem] = [
            .directory("d"), .bytes("d/ü.txt", Array("hello".utf8)), .file("large", from: source), .bytes("empty", []),
        ]
        let first = scratch.path("1")
        let size = try await writer.write(items, as: format, to: first)
        _ = try await writer.write(items, as: format, to: scratch.path("2"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: first))
        #expect(Int64(bytes.count) == size)
        #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: scratch.path("2"))))
        let inspector = ArchiveInspector()
        let summary = try await inspector.walk(
            fileAt: first, format: format, limits: ArchiveLimits(), required: ["d/", "large"])
        #expect(summary.entries.map(\.name) == ["d", "d/ü.txt", "large", "empty"])
        #expect(summary.entries.map(\.bytes) == [0, 5, 700_000, 0])
        let content = try await inspector.readEntry(
            named: "large", fileAt: first, format: format, limits: ArchiveLimits())
        #expect(content == large)
    }

    @Test(arguments: ArchiveFormat.allCases)
    func `an archive that is read as it is made holds the same, in small pieces, P6`(format: ArchiveFormat) async throws
    {
        var generator = SystemRandomNumberGenerator()
        let large = (0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let source = try scratch.file(large)
        let items: [ArchiveItem] = [
            .bytes("d/ü.txt", Array("hello".utf8)), .file("large", from: source), .bytes("empty", []),
        ]
        let stream = try ArchiveStream(items, as: format)
        var whole: [UInt8] = []
        var longest = 0
        while let piece = try await stream.next() {
            longest = max(longest, piece.count)
            whole += piece
        }
        #expect(longest > 0 && longest < 512 << 10)
        #expect(try await stream.next() == nil)
        let path = try scratch.file(whole, "whole")
        let inspector = ArchiveInspector()
        let summary = try await inspector.walk(fileAt: path, format: format, limits: ArchiveLimits(), required: [])
        #expect(summary.entries.map(\.name) == ["d/ü.txt", "large", "empty"])
        let content = try await inspector.readEntry(
            named: "large", fileAt: path, format: format, limits: ArchiveLimits())
        let isSame = content == large
        #expect(isSame)
    }

    @Test func `a stream of a file that is gone ends with an error, not with an end`() async throws {
        let stream = try ArchiveStream([.file("a", from: scratch.path("absent"))], as: .tarGzip)
        await #expect(throws: ArchiveError.io(operation: "open", errno: 2)) { try await stream.next() }
    }

    @Test func `a file that is there already is not touched, a failed one is removed`() async throws {
        let path = try scratch.file(Array("mine".utf8), "taken")
        await #expect(throws: ArchiveError.io(operation: "open", errno: 17)) {
            try await writer.write([.bytes("a", [1])], as: .zip, to: path)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        let out = scratch.path("out")
        await #expect(throws: ArchiveError.io(operation: "open", errno: 2)) {
            try await writer.write([.bytes("a", [1]), .file("b", from: scratch.path("absent"))], as: .tarGzip, to: out)
        }
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test(arguments: ["../a", "/a", "a/../../b", ""])
    func `its own names are checked too`(name: String) async throws {
        await #expect(throws: ArchiveError.self) {
            try await writer.write([.bytes(name, [1])], as: .tar, to: scratch.path("out"))
        }
    }
}
