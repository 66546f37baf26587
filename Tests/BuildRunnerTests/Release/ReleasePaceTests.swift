import Domain
import Foundation
import TestSupport
import Testing

@testable import BuildRunner

@Suite struct ReleasePaceTests {
    private let watch = ReleaseWatch(links: [], interval: .seconds(15), longestInterval: .seconds(300))

    private func pause(_ elapsed: Int, _ expected: Int?, _ memory: ReleaseMemory = ReleaseMemory()) -> Duration {
        ReleaseLinks.pause(watch, elapsed: .seconds(elapsed), expected: expected.map { .seconds($0) }, memory: memory)
    }

    @Test(arguments: [
        // Long before: rarely, but never past the beginning of the time in question.
        (0, 3600, 300), (2700, 3600, 180), (2870, 3600, 15),
        // Around it, and then less and less often.
        (2880, 3600, 15), (3600, 3600, 15), (4500, 3600, 15), (4620, 3600, 30), (9000, 3600, 300),
        // Without a history.
        (0, nil, 15), (300, nil, 15), (600, nil, 30), (3600, nil, 180), (100_000, nil, 300),
        // A build of seconds.
        (0, 5, 15), (60, 5, 15),
    ])
    func `looks are close where the file is expected`(_ elapsed: Int, _ expected: Int?, _ seconds: Int) {
        #expect(pause(elapsed, expected) == .seconds(seconds))
    }

    @Test func `a host without an answer is asked less and less often, and is trusted again at once`() {
        var memory = ReleaseMemory()
        var pauses: [Duration] = []
        for _ in 0..<30 {
            memory.refused(wait: nil)
            pauses.append(pause(60, 60, memory))
        }
        #expect(
            pauses.prefix(6) == [.seconds(15), .seconds(30), .seconds(60), .seconds(120), .seconds(240), .seconds(300)])
        #expect(pauses.last == .seconds(300))
        memory.answered()
        #expect(pause(60, 60, memory) == .seconds(15))
    }

    @Test func `the host's own wait is kept, be it longer than the longest`() {
        var memory = ReleaseMemory()
        memory.refused(wait: .seconds(900))
        #expect(pause(60, 60, memory) == .seconds(900))
        memory.refused(wait: .seconds(1))
        #expect(pause(60, 60, memory) == .seconds(30))
    }

    // MARK: - Candidates

    private func candidates(_ name: String, target: String? = nil, _ links: String...) throws -> [String] {
        let clock = ManualClock()
        var build = Played.order(name, at: .local, clock: clock).build
        build.target = target
        return ReleaseLinks.candidates(ReleaseWatch(links: try links.map { try JobTemplate($0) }), of: build)
    }

    @Test func `values are those of the acceptance, with the build's target`() throws {
        let date = ManualClock().now().compactDate
        #expect(
            try candidates("Ada", target: "i386", "https://example.org/{{kiln.date}}/{{name}}-{{kiln.target}}.iso")
                == ["https://example.org/\(date)/Ada-i386.iso"])
    }

    @Test func `P5 a value stays where the recipe puts it`() throws {
        #expect(
            try candidates("a/../b?c#d e%", "https://example.org/{{name}}/x.iso")
                == ["https://example.org/a%2F..%2Fb%3Fc%23d%20e%25/x.iso"])
        for climbing in ["..", "."] {
            #expect(
                try candidates(climbing, "https://example.org/v/{{name}}/x.iso", "https://example.org/y.iso") == [
                    "https://example.org/y.iso"
                ])
        }
        #expect(try candidates("evil.example/", "https://{{name}}.example.org/x.iso") == [])
        #expect(try candidates("x@evil.example", "https://{{name}}/x.iso") == [])
    }

    @Test func `only web addresses are candidates, each once`() throws {
        #expect(
            try candidates(
                "a", "file:///etc/passwd", "ftp://example.org/a", "https://example.org/{{name}}", "/{{name}}",
                "https://u:p@example.org/a", "https://example.org/a", "HTTP://example.org/a")
                == ["https://example.org/a", "HTTP://example.org/a"])
    }
}
