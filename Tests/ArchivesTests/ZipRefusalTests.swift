import Foundation
import Testing

@testable import Archives

@Suite struct ZipRefusalTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func refusal(_ entries: [ZipMaker.Entry], limits: ArchiveLimits = ArchiveLimits()) async throws
        -> ArchiveRefusal?
    { try await scratch.refusal(ZipMaker(entries: entries).bytes, .zip, limits: limits) }

    @Test func `an honest ZIP is taken`() async throws {
        let path = try scratch.file(ZipMaker(entries: [.init("a.txt", "hello"), .init("b/ü.txt", "x")]).bytes)
        let summary = try await ArchiveInspector().walk(fileAt: path, format: .zip, limits: ArchiveLimits())
        #expect(summary.entries.map(\.name) == ["a.txt", "b/ü.txt"])
        #expect(summary.unpackedBytes == 6)
    }

    @Test(arguments: [
        ("../evil", ArchiveRefusal.parentPath(ShownName("../evil"))),
        ("a/../../evil", .parentPath(ShownName("a/../../evil"))),
        ("/etc/passwd", .absolutePath(ShownName("/etc/passwd"))),
        ("a\\b", .badName(ShownName("a\\b"), reason: .backslash)),
        ("C:evil", .badName(ShownName("C:evil"), reason: .windowsDrive)),
        ("a\nb", .badName(ShownName("a\nb"), reason: .controlCharacter)),
        ("a\u{0}b", .badName(ShownName("a\u{0}b"), reason: .controlCharacter)),
        ("a\u{202E}gpj.exe", .badName(ShownName("a\u{202E}gpj.exe"), reason: .controlCharacter)),
    ])
    func `names that leave their folder or lie are refused (P5, P8)`(name: String, expected: ArchiveRefusal)
        async throws
    {
        #expect(try await refusal([.init("good"), .init(name)]) == expected)
    }

    @Test func `a name that is not UTF-8 is refused`() async throws {
        let entry = ZipMaker.Entry("x").with { $0.name = [0x61, 0xFF, 0x62] }
        #expect(try await refusal([entry]) == .badName(ShownName([0x61, 0xFF, 0x62]), reason: .notUTF8))
    }

    @Test func `symbolic links, pipes and devices are refused`() async throws {
        func kind(_ mode: Int) -> ZipMaker.Entry { ZipMaker.Entry("it", "/etc/passwd").with { $0.mode = mode } }
        #expect(try await refusal([kind(0o120777)]) == .link(ShownName("it")))
        #expect(try await refusal([kind(0o010644)]) == .fifo(ShownName("it")))
        #expect(try await refusal([kind(0o020644)]) == .device(ShownName("it")))
        #expect(try await refusal([kind(0o140644)]) == .socket(ShownName("it")))
    }

    @Test(arguments: [
        ("Images/a", "images/A"), ("a", "a"), ("stra\u{DF}e", "STRASSE"), ("caf\u{E9}", "cafe\u{301}"),
    ])
    func `names that are one elsewhere are refused`(first: String, second: String) async throws {
        let refusal = try await refusal([.init(first), .init(second)])
        guard case .duplicateName = refusal else {
            Issue.record("got \(String(describing: refusal))")
            return
        }
    }

    @Test func `a file that is also a folder is refused`() async throws {
        #expect(try await refusal([.init("a"), .init("a/b")]) == .fileAndFolder(ShownName("a")))
        #expect(try await refusal([.init("a/b"), .init("a")]) == .fileAndFolder(ShownName("a")))
        #expect(try await refusal([.init("a/", ""), .init("a/b"), .init("a/", "")]) == nil)
    }

    @Test func `encrypted entries and unusual compression are refused`() async throws {
        #expect(try await refusal([ZipMaker.Entry("s").with { $0.flags = 1 }]) == .encrypted(ShownName("s")))
        #expect(try await refusal([ZipMaker.Entry("s").with { $0.method = 99 }]) == .encrypted(ShownName("s")))
        #expect(
            try await refusal([ZipMaker.Entry("s").with { $0.method = 14 }]) == .unsupportedCompression(ShownName("s")))
    }

    @Test func `two names for one entry are refused`() async throws {
        let entry = ZipMaker.Entry("good.txt").with { $0.localName = Array("evil.txt".utf8) }
        #expect(try await refusal([entry]) == .badName(ShownName("good.txt"), reason: .twoNames))
    }

    @Test func `entries that share their bytes are refused`() async throws {
        let same = ZipMaker.Entry("a", "0123456789").with { $0.sharesHeaderOf = 0 }
        #expect(try await refusal([.init("a", "0123456789"), same]) == .overlappingEntries(ShownName("a")))
        let long = ZipMaker.Entry("a", "x").with { $0.content = Array("y".utf8) }
        var bytes = ZipMaker(entries: [long, .init("b")]).bytes
        // The directory says that the first entry reaches over the second.
        let record = try #require(bytes.indices.first { bytes.starts(with: [0x50, 0x4B, 1, 2], at: $0) })
        bytes.replaceSubrange((record + 20)..<(record + 24), with: little(20, 4))
        #expect(try await scratch.refusal(bytes, .zip) == .overlappingEntries(ShownName("b")))
    }

    @Test func `bytes before or behind the archive are refused`() async throws {
        let entries = [ZipMaker.Entry("a")]
        for bytes in [
            ZipMaker(entries: entries, before: Array("#!/bin/sh\n".utf8)).bytes,
            ZipMaker(entries: entries, after: Array("<html>".utf8)).bytes,
            Array("GIF89a".utf8) + ZipMaker(entries: entries).bytes,
        ] {
            guard case .unreadable = try await scratch.refusal(bytes, .zip) else {
                Issue.record("taken")
                continue
            }
        }
    }

    @Test func `more entries than allowed are refused from the directory's end`() async throws {
        let limits = ArchiveLimits(maxEntries: 100)
        let many = (0..<101).map { ZipMaker.Entry("f\($0)") }
        #expect(try await refusal(many, limits: limits) == .tooManyEntries(limit: 100))
        let lying = ZipMaker(entries: many, declaredCount: 1).bytes
        #expect(try await scratch.refusal(lying, .zip, limits: limits) == .tooManyEntries(limit: 100))
    }

    @Test func `a declared size over the limit is refused, and a small one is not believed`() async throws {
        let limits = ArchiveLimits(maxUnpackedBytes: 1_000, maxEntryBytes: 500)
        let big = ZipMaker.Entry("big", String(repeating: "x", count: 501))
        #expect(try await refusal([big], limits: limits) == .entryTooLarge(ShownName("big"), limit: 500))
        let half = (0..<3).map { ZipMaker.Entry("h\($0)", String(repeating: "x", count: 400)) }
        #expect(try await refusal(half, limits: limits) == .tooLarge(limit: 1_000))
        let liar = big.with { $0.declaredBytes = 5 }
        #expect(try await refusal([liar], limits: limits) != nil)
    }

    @Test func `a bomb is refused early (P6)`() async throws {
        let zeros = try scratch.file([], "zeros")
        let handle = try #require(FileHandle(forWritingAtPath: zeros))
        try handle.truncate(atOffset: 64 << 20)
        try handle.close()
        let bomb = scratch.path("bomb.zip")
        let packed = try await ArchiveWriter().write([.file("zeros", from: zeros)], as: .zip, to: bomb)
        #expect(packed < 100_000)
        // The directory and the header say 5 bytes.
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bomb)))
        for (signature, at) in [([0x50, 0x4B, 1, 2] as [UInt8], 24), ([0x50, 0x4B, 3, 4], 22)] {
            let record = try #require(bytes.indices.last { bytes.starts(with: signature, at: $0) })
            bytes.replaceSubrange((record + at)..<(record + at + 4), with: little(5, 4))
        }
        let limits = ArchiveLimits(maxUnpackedBytes: 1 << 20, maxEntryBytes: 1 << 20)
        #expect(try await scratch.refusal(bytes, .zip, limits: limits) != nil)
        let whole = try await scratch.refusal(
            try [UInt8](Data(contentsOf: URL(fileURLWithPath: bomb))), .zip, limits: limits)
        #expect(whole == .entryTooLarge(ShownName("zeros"), limit: 1 << 20))
        let ratio = ArchiveLimits(maxRatio: 200)
        guard
            case .tooLarge = try await scratch.refusal(
                [UInt8](Data(contentsOf: URL(fileURLWithPath: bomb))), .zip, limits: ratio)
        else {
            Issue.record("the ratio is not held")
            return
        }
    }
}
