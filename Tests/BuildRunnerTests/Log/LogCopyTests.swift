import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import BuildRunner

struct LogCopyTests {
    private let directory: TemporaryDirectory
    private let logs: DiskLogStore
    private let part: LogPart

    init() throws {
        directory = try TemporaryDirectory()
        logs = try DiskLogStore(directory: directory.path("logs"), notices: Notices())
        var generator = SystemRandomNumberGenerator()
        part = LogPart(
            build: .make(at: Timestamp(milliseconds: 1), using: &generator), attempt: 1, stage: .run)
    }

    private func copy(limit: Int64) -> LogCopy {
        LogCopy(
            of: part, limit: limit, redaction: Redaction(address: nil, secrets: ["secret-1"]),
            patterns: LinePatterns(Watch(phases: [], errors: [])))
    }

    private func stored() async throws -> String {
        String(decoding: try await logs.read(part.build, from: 0, length: 10 << 20), as: UTF8.self)
    }

    @Test
    func `A copy that begins again after a crash meets what is stored`() async throws {
        let text = (1...500).map { "line \($0) secret-1 \u{1B}[1mbold\u{1B}[0m\r\n" }.joined()
        let bytes = Array(text.utf8)
        var first = copy(limit: 1 << 20)
        try await first.take(Array(bytes.prefix(7001)), into: logs)
        let before = try await stored()
        var second = copy(limit: 1 << 20)
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            try await second.take(Array(bytes[start..<min(start + 1000, bytes.count)]), into: logs)
        }
        try await second.finish(into: logs)
        let after = try await stored()
        #expect(after.hasPrefix(before) && !before.isEmpty)
        #expect(after == (1...500).map { "line \($0) [secret] \u{1B}[0;1mbold\u{1B}[0m\n" }.joined())
    }

    @Test
    func `A flood is cut in the middle: the beginning, a note, the end (P6)`() async throws {
        var copy = copy(limit: 1000)
        for number in 0..<100_000 { try await copy.take(Array("line \(number)\n".utf8), into: logs) }
        try await copy.take(Array("error: the last words".utf8), into: logs)
        try await copy.finish(into: logs)
        let text = try await stored()
        #expect(text.utf8.count < 1000 + (65 << 10))
        #expect(text.hasPrefix("line 0\nline 1\n"))
        #expect(text.contains(" bytes left out ...\n"))
        #expect(text.hasSuffix("line 99999\nerror: the last words\n"))
        #expect(copy.reader.firstError == "error: the last words")
        // What is kept of the end begins with a whole line.
        let end = text.components(separatedBy: " bytes left out ...\n").last ?? ""
        #expect(end.hasPrefix("line "))
    }
}
