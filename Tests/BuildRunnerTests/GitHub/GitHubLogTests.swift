import Domain
import Testing

@testable import BuildRunner

struct GitHubLogTests {
    private static let archived = Array(
        """
        \u{FEFF}2026-11-21T15:04:05.1234567Z ##[group]Run make
        2026-11-21T15:04:05.1234567Z make
        2026-11-21T15:04:05.1234567Z ##[endgroup]
        2026-11-21T15:04:06.1234567Z 2026-11-21T15:04:06Z written by the build itself
        2026-11-21T15:04:06.1234567Z\u{20}
        no moment: kept
        2026-11-21T15:04:07.1234567Z ##[error]Process completed with exit code 2.
        2026-11-21T15:04:07.1234567Z the last line
        """.utf8)
    private static let shown = """
        == Run make
        make
        2026-11-21T15:04:06Z written by the build itself

        no moment: kept
        ##[error]Process completed with exit code 2.
        the last line

        """

    @Test(arguments: [1, 2, 3, 7, 40, 1000])
    func `GitHub's own marks are taken off, however the log is cut`(size: Int) {
        var lines = GitHubLogLines()
        var made: [UInt8] = []
        for start in stride(from: 0, to: Self.archived.count, by: size) {
            made += lines.take(Array(Self.archived[start..<min(start + size, Self.archived.count)]))
        }
        made += lines.finish()
        #expect(String(decoding: made, as: UTF8.self) == Self.shown)
    }

    @Test
    func `A line without an end is handed on in pieces (P6)`() {
        var lines = GitHubLogLines()
        let long = [UInt8](repeating: 0x78, count: 100_000)
        var made = lines.take(Array("2026-11-21T15:04:05.1Z ".utf8) + long)
        #expect(made.count == long.count)
        made += lines.take(Array("2026-11-21T15:04:05.1Z is no moment here\nnext".utf8))
        #expect(
            String(decoding: made.suffix(42), as: UTF8.self).hasSuffix("2026-11-21T15:04:05.1Z is no moment here\n"))
        #expect(lines.finish() == Array("next\n".utf8))
    }

    @Test
    func `Jobs and steps stand in their own order`() {
        let order = GitHubLogOrder([
            "build/10_Complete job.txt", "1_test.txt", "build/2_Build.txt", "0_build.txt", "build/1_Set up job.txt",
            "build/system.txt", "extra/1_Only steps.txt", "readme.md",
        ])
        #expect(
            order.parts.map(\.heading) == [
                "build / Set up job", "build / Build", "build / Complete job", "test", "extra / Only steps",
            ])
        #expect(GitHubLogOrder([]).parts == [])
        #expect(GitHubLogOrder(["-9_old.txt", "2_new.txt"]).parts.map(\.heading) == ["old", "new"])
    }
}

struct GitHubRunTests {
    @Test(
        arguments: [
            ("queued", nil, .waiting), ("waiting", nil, .waiting), ("pending", nil, .waiting),
            ("requested", nil, .waiting),
            ("in_progress", nil, .running), ("something new", nil, .running), ("completed", "success", .succeeded),
            ("completed", "neutral", .succeeded), ("completed", "cancelled", .cancelled),
        ] as [(String, String?, Observation.Status)])
    func `GitHub's words for how a run goes are understood`(
        status: String, conclusion: String?, expected: Observation.Status
    ) {
        #expect(Self.run(status, conclusion).observed == expected)
    }

    @Test(
        arguments: [
            ("failure", .build), ("skipped", .build), ("timed_out", .timeout), ("startup_failure", .infrastructure),
            ("action_required", .infrastructure), ("something new", .infrastructure), (nil, .infrastructure),
        ] as [(String?, Failure.Kind)])
    func `A bad end says whose fault it is`(conclusion: String?, kind: Failure.Kind) {
        guard case .failed(let failure) = Self.run("completed", conclusion).observed else {
            Issue.record("not failed")
            return
        }
        #expect(failure.kind == kind)
    }

    @Test
    func `What GitHub gave up is lost`() {
        guard case .lost = Self.run("completed", "stale").observed else {
            Issue.record("not lost")
            return
        }
    }

    @Test
    func `Phases are the job and the step at work, with what is done of all jobs`() {
        let job = { (name: String, status: String, steps: [String]) in
            GitHubAnswers.Job(
                name: name, status: status,
                steps: steps.enumerated().map { GitHubAnswers.Job.Step(name: "step \($0.offset)", status: $0.element) })
        }
        let jobs = [
            job("lint", "completed", ["completed"]),
            job("build\u{202E}\n", "in_progress", ["completed", "in_progress", "queued", "queued"]),
            job("send", "queued", []),
        ]
        #expect(GitHubPhase.of(jobs) == Phase(label: "build / step 1", percent: 41))
        #expect(GitHubPhase.of([]) == nil)
        #expect(GitHubPhase.of([job("send", "queued", [])]) == nil)
        #expect(GitHubPhase.of([job("a", "in_progress", ["completed"])])?.percent == 99, "not done before it is done")
    }

    @Test
    func `Files of one name in two artifacts get two names (P4)`() {
        let files = GitHubFile.list([
            ("amd64", "/1", [("out/image.iso", 1), ("only.txt", 2)]), ("i386", "/2", [("image.iso", 3)]),
        ])
        #expect(files.map(\.name) == ["amd64-out-image.iso", "only.txt", "i386-image.iso"])
        #expect(files.map(\.bytes) == [1, 2, 3])
    }

    private static func run(_ status: String, _ conclusion: String?) -> GitHubAnswers.Run {
        GitHubAnswers.Run(id: 1, name: nil, title: nil, status: status, conclusion: conclusion, page: nil)
    }
}
