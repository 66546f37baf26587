import Foundation
import Testing

@testable import Archives

@Suite struct TarRefusalTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func refusal(_ entries: [TarMaker.Entry], limits: ArchiveLimits = ArchiveLimits()) async throws
        -> ArchiveRefusal?
    {
        let plain = TarMaker(entries: entries).bytes
        let refusal = try await scratch.refusal(plain, .tar, limits: limits)
        #expect(try await scratch.refusal(gzip(plain), .tarGzip, limits: limits) == refusal)
        return refusal
    }

    @Test func `an honest tar is taken, packed or not`() async throws {
        let tar = TarMaker(entries: [.init("./", type: "5"), .init("./a/", type: "5"), .init("./a/ü", "hi")]).bytes
        for (bytes, format) in [(tar, ArchiveFormat.tar), (gzip(tar), .tarGzip)] {
            let path = try scratch.file(bytes)
            let summary = try await ArchiveInspector().walk(fileAt: path, format: format, limits: ArchiveLimits())
            #expect(summary.entries.map(\.name) == ["a", "a/ü"])
            #expect(summary.fileCount == 1)
        }
    }

    @Test func `links, pipes and devices are refused (P5)`() async throws {
        #expect(try await refusal([.init("it", type: "2", linkName: "/etc/passwd")]) == .link(ShownName("it")))
        #expect(try await refusal([.init("a", "x"), .init("it", type: "1", linkName: "a")]) == .link(ShownName("it")))
        #expect(try await refusal([.init("it", type: "3")]) == .device(ShownName("it")))
        #expect(try await refusal([.init("it", type: "4")]) == .device(ShownName("it")))
        #expect(try await refusal([.init("it", type: "6")]) == .fifo(ShownName("it")))
    }

    @Test func `names that leave their folder are refused`() async throws {
        #expect(try await refusal([.init("../x", "x")]) == .parentPath(ShownName("../x")))
        #expect(try await refusal([.init("/x", "x")]) == .absolutePath(ShownName("/x")))
        #expect(try await refusal([.init("./a/./../../x", "x")]) == .parentPath(ShownName("./a/./../../x")))
    }

    @Test func `lengths and depths are bounded`() async throws {
        let limits = ArchiveLimits(maxNameBytes: 50, maxDepth: 4)
        let long = String(repeating: "n", count: 51)
        #expect(try await refusal([.init(long, "x")], limits: limits) == .badName(ShownName(long), reason: .tooLong))
        #expect(
            try await refusal([.init("a/b/c/d/e", "x")], limits: limits)
                == .badName(ShownName("a/b/c/d/e"), reason: .tooDeep))
    }

    @Test func `a declared terabyte is refused at once`() async throws {
        var entry = TarMaker.Entry("huge")
        entry.declaredBytes = 8 << 30 - 1
        #expect(try await refusal([entry]) == .entryTooLarge(ShownName("huge"), limit: ArchiveLimits().maxEntryBytes))
    }

    @Test func `what is cut off is unreadable`() async throws {
        let tar = TarMaker(entries: [.init("a", String(repeating: "x", count: 300_000))]).bytes
        let cut = [(Array(tar.prefix(1_024)), ArchiveFormat.tar), (Array(gzip(tar).prefix(200_000)), .tarGzip)]
        for (bytes, format) in cut {
            let refusal = try await scratch.refusal(bytes, format)
            guard case .unreadable = refusal else {
                Issue.record("\(format): \(String(describing: refusal))")
                continue
            }
        }
    }

    @Test(arguments: ArchiveFormat.allCases)
    func `what is no archive is said so`(format: ArchiveFormat) async throws {
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 7, count: 4_000)
        #expect(try await scratch.refusal(jpeg, format) == .notAnArchive(expected: format))
        #expect(try await scratch.refusal([], format) == .notAnArchive(expected: format))
        #expect(try await scratch.refusal(gzip(jpeg), format) == .notAnArchive(expected: format))
    }

    @Test func `only one layer of gzip is taken, and only where it was promised`() async throws {
        let tar = TarMaker(entries: [.init("a", "x")]).bytes
        #expect(try await scratch.refusal(gzip(gzip(tar)), .tarGzip) == .notAnArchive(expected: .tarGzip))
        #expect(try await scratch.refusal(tar, .tarGzip) == .notAnArchive(expected: .tarGzip))
        #expect(try await scratch.refusal(gzip(tar), .tar) == .notAnArchive(expected: .tar))
        #expect(try await scratch.refusal(gzip([UInt8](repeating: 0, count: 10_240)), .tarGzip) == .empty)
    }
}
