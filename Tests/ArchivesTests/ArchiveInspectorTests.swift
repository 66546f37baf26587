import Foundation
import Testing

@testable import Archives

@Suite struct ArchiveInspectorTests {
    let scratch: Scratch
    let inspector = ArchiveInspector()

    init() throws { scratch = try Scratch() }

    @Test(arguments: [
        ("images/", "event.json", "images/ found Images/"),
        ("Images/", "Event.json", "Event.json found event.json"),
        ("fonts/", "event.json", "fonts/ found site/fonts/"),
        ("speakers/", "event.json", "speakers/"),
        ("Images/", "event.json", ""),
    ])
    func `missing names come with the nearest that is there (P8)`(folder: String, file: String, expected: String)
        async throws
    {
        let names = ["Images/logo.png", "event.json", "site/fonts/a.ttf"]
        let bytes = ZipMaker(entries: names.map { .init($0) }).bytes
        let refusal = try await scratch.refusal(bytes, .zip, required: [folder, file])
        guard case .missingRequired(let missing) = refusal else {
            #expect(refusal == nil && expected.isEmpty)
            return
        }
        let words = missing.map { $0.expected.description + ($0.found.map { " found \($0)" } ?? "") }
        #expect(words == [expected])
    }

    @Test func `names are made safe to show`() {
        #expect(ShownName("a\u{1B}[31m\u{202E}b\u{200B}\nü").description == "a\\u{1B}[31m\\u{202E}b\\u{200B}\\u{A}ü")
        let long = ShownName(String(repeating: "x", count: 10_000))
        #expect(long.description.count == ShownName.longest)
        #expect(ArchiveRefusal.link(ShownName("a")).message == "“a” is a link. Pack the file itself.")
    }

    @Test func `an entry is read and extracted by its clean name`() async throws {
        let path = try scratch.file(TarMaker(entries: [.init("./a", "first"), .init("./b/c", "second")]).bytes)
        let limits = ArchiveLimits()
        let content = try await inspector.readEntry(named: "b/c", fileAt: path, format: .tar, limits: limits)
        #expect(content == Array("second".utf8))
        let out = scratch.path("out")
        #expect(try await inspector.extractEntry(named: "a", fileAt: path, format: .tar, limits: limits, to: out) == 5)
        #expect(try String(contentsOfFile: out, encoding: .utf8) == "first")
        await #expect(throws: ArchiveError.refused(.noSuchEntry(ShownName("z")))) {
            try await inspector.readEntry(named: "z", fileAt: path, format: .tar, limits: limits)
        }
        let gone = scratch.path("gone")
        await #expect(throws: ArchiveError.refused(.noSuchEntry(ShownName("z")))) {
            try await inspector.extractEntry(named: "z", fileAt: path, format: .tar, limits: limits, to: gone)
        }
        #expect(!FileManager.default.fileExists(atPath: gone))
    }

    @Test func `wanted files are extracted in one pass, under names of our own`() async throws {
        let path = try scratch.file(
            ZipMaker(entries: [.init("b/log.txt", "second"), .init("a.bin", "not wanted"), .init("a.txt", "first")])
                .bytes)
        let folder = scratch.path("folder")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = try await inspector.extractEntries(
            fileAt: path, format: .zip, limits: ArchiveLimits(), into: folder
        ) { $0.hasSuffix(".txt") }
        #expect(made.map(\.name) == ["b/log.txt", "a.txt"])
        #expect(try made.map { try String(contentsOfFile: $0.path, encoding: .utf8) } == ["second", "first"])
        #expect(made.allSatisfy { $0.path.hasPrefix(folder + "/entry-") })
    }

    @Test func `what was extracted before a refusal is removed`() async throws {
        let path = try scratch.file(ZipMaker(entries: [.init("a", "first"), .init("b", "second")]).bytes)
        let folder = scratch.path("refused")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        await #expect(throws: ArchiveError.refused(.tooLarge(limit: 8))) {
            try await inspector.extractEntries(
                fileAt: path, format: .zip, limits: ArchiveLimits(maxUnpackedBytes: 8), into: folder
            ) { _ in true }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }

    @Test func `a missing file is the machine's fault`() async throws {
        let missing = scratch.path("missing")
        await #expect(throws: ArchiveError.io(operation: "open", errno: 2)) {
            try await inspector.walk(fileAt: missing, format: .zip, limits: ArchiveLimits())
        }
    }

    @Test func `a cancelled walk stops`() async throws {
        let path = try scratch.file(ZipMaker(entries: [.init("a")]).bytes)
        let walk = Task { [inspector] in
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await inspector.walk(fileAt: path, format: .zip, limits: ArchiveLimits())
        }
        await #expect(throws: ArchiveError.cancelled) { try await walk.value }
    }

    @Test func `mutated and cut archives are answered without a crash`() async throws {
        let seeds: [([UInt8], ArchiveFormat)] = [
            (ZipMaker(entries: [.init("a/b", "hello"), .init("ü", "x"), .init("d/", "")]).bytes, .zip),
            (TarMaker(entries: [.init("a/", type: "5"), .init("a/b", "hello")]).bytes, .tar),
            (gzip(TarMaker(entries: [.init("a", "hello")]).bytes), .tarGzip),
        ]
        for round in 0..<600 {
            let (seed, format) = seeds[round % seeds.count]
            var bytes = seed
            for _ in 0..<Int.random(in: 1...6) { bytes[Int.random(in: 0..<bytes.count)] = .random(in: 0...255) }
            if round.isMultiple(of: 3) { bytes.removeLast(Int.random(in: 0..<bytes.count)) }
            let limits = ArchiveLimits(maxUnpackedBytes: 1 << 20, maxEntryBytes: 1 << 20)
            _ = try await scratch.refusal(bytes, format, limits: limits)
        }
    }
}

@Suite(.serialized) struct DescriptorTests {
    @Test func `no descriptor is left open, whatever happens`() async throws {
        let scratch = try Scratch()
        let bytes = ZipMaker(entries: [.init("../a")]).bytes
        _ = try await scratch.refusal(bytes, .zip)
        let folder = scratch.folder + "/"
        for _ in 0..<20 {
            _ = try await scratch.refusal(bytes, .zip)
            _ = try await scratch.refusal(Array(bytes.dropLast(10)), .zip)
            _ = try await scratch.refusal(gzip(bytes), .tarGzip)
        }
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let targets = descriptors.compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
        }
        #expect(targets.allSatisfy { !$0.hasPrefix(folder) })
    }
}
