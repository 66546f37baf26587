import Foundation
import Glibc
import Sandbox
import Testing

/// P3, P6: detached runs from their start to their removal.
@Suite struct LocalRunsTests {
    @Test func `a run gets its inputs, works in its folder, and its log and end are there afterwards`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        #expect(try await fixture.runs.observe(key) == .unknownKey)
        #expect(
            try await fixture.start(key, "cat /kiln/inputs/field; echo made >out; echo oops >&2; exit 3") == .started)
        let end = try await fixture.end(key)
        #expect(end.cause == .exited(3))
        #expect(end.isolated)
        #expect(end.endedAt >= end.startedAt)
        #expect(!end.logTruncated)
        #expect(end.logBytes == 10)
        #expect(end.peakMemory > 0)
        #expect(try await fixture.log(key) == "givenoops\n")
        #expect(try await fixture.runs.log(of: key, from: 5, limit: 3) == Array("oop".utf8))
        #expect(try String(contentsOfFile: fixture.runs.files(of: key) + "/work/out", encoding: .utf8) == "made\n")
        #expect(try await fixture.runs.list() == [key])
    }

    @Test func `P3 the same key never starts twice, not even when asked many times at once`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let other = try RunsFixture.server(of: fixture.directory)
        let count = "echo ran >>/kiln/work/count; cat /kiln/work/count"
        let outcomes = try await withThrowingTaskGroup(of: StartOutcome.self) { group in
            for number in 0..<8 {
                let runs = number.isMultiple(of: 2) ? fixture.runs : other
                group.addTask {
                    try await runs.start(key, RunsFixture.script(count)) { files in
                        try FileManager.default.createDirectory(
                            atPath: files + "/inputs", withIntermediateDirectories: false)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .started }.count == 1)
        #expect(try await fixture.end(key).cause == .exited(0))
        #expect(try await fixture.start(key, "echo again") == .alreadyStarted)
        #expect(try await fixture.log(key) == "ran\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.directory) == [key.rawValue])
    }

    @Test func `a start whose inputs fail leaves nothing and can be repeated`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        await #expect(throws: RunsFixture.Unexpected.self) {
            try await fixture.runs.start(key, RunsFixture.script("true")) { _ in throw RunsFixture.Unexpected() }
        }
        #expect(try await fixture.runs.observe(key) == .unknownKey)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.directory) == [])
        #expect(try await fixture.start(key, "true") == .started)
        #expect(try await fixture.end(key).succeeded)
    }

    @Test func `the log is there while the run goes on, and changes are told`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        try await fixture.start(key, "echo one; while [ ! -e go ]; do sleep 0.02; done; echo two")
        try await fixture.printed("one\n", key)
        #expect(try await fixture.runs.observe(key) == .running(logBytes: 4))
        try Data().write(to: URL(fileURLWithPath: fixture.runs.files(of: key) + "/work/go"))
        try await fixture.printed("two\n", key)
        #expect(try await fixture.end(key).succeeded)
    }

    @Test func `P2 cancelling ends the whole tree, from any server, as often as one likes`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let mark = mark()
        try await fixture.start(
            key, "(setsid sh -c 'sleep \(mark) & sleep \(mark)' &) ; trap '' TERM; echo up; sleep \(mark)")
        try await fixture.printed("up", key)
        #expect(await eventually { processes(marked: mark).count == 3 })
        let other = try RunsFixture.server(of: fixture.directory)
        #expect(try await other.cancel(key))
        _ = try await fixture.runs.cancel(key)  // It may have ended by now.
        #expect(try await fixture.end(key, other).cause == .cancelled)
        #expect(processes(marked: mark).isEmpty)
        #expect(try await other.cancel(key) == false)
        #expect(try await other.cancel(RunsFixture.key()) == false)
    }

    @Test func `a supervisor that is asked to end cancels its run`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        try await fixture.start(key, "echo up; sleep 600")
        try await fixture.printed("up", key)
        kill(try fixture.supervisor(of: key), SIGTERM)
        #expect(try await fixture.end(key).cause == .cancelled)
    }

    @Test func `what a run leaves in the background is gone when its main program has ended`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let mark = mark()
        try await fixture.start(key, "(setsid sleep \(mark) &); (sleep \(mark) &) ; echo main")
        #expect(try await fixture.end(key).succeeded)
        #expect(processes(marked: mark).isEmpty)
        #expect(try await fixture.log(key) == "main\n")
    }

    @Test func `P6 a flood of log is bounded, and its beginning and end are kept`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        try await fixture.start(
            key, "echo first; head -c 30000000 /dev/zero | tr '\\0' x; echo; echo last",
            SandboxLimits(wallTime: .seconds(60), log: 200_000))
        let end = try await fixture.end(key)
        #expect(end.succeeded && end.logTruncated)
        #expect(end.logBytes == 30_000_012)
        let log = try await fixture.log(key)
        #expect(log.hasPrefix("first\nxxx") && log.hasSuffix("xxx\nlast\n"))
        #expect(log.contains("\n... \(30_000_012 - 200_000) bytes left out ...\n"))
        #expect(log.utf8.count < 200_100)
    }

    @Test func `each limit ends a detached run with its cause`() async throws {
        let fixture = try RunsFixture()
        let cases: [(String, SandboxLimits, RunEnd.Cause)] = [
            ("sleep 600", SandboxLimits(wallTime: .milliseconds(300)), .wallTimeLimit),
            ("while :; do :; done", SandboxLimits(cpuTime: .seconds(1)), .cpuTimeLimit),
            ("head -c 9000000 /dev/zero >out; sleep 600", SandboxLimits(output: 1 << 20), .outputLimit),
            ("perl -e '$x = \"a\" x 90_000_000; sleep 600'", SandboxLimits(memory: 50 << 20), .memoryLimit),
            ("kill -KILL $$", SandboxLimits(), .signalled(SIGKILL)),
        ]
        for (script, limits, cause) in cases {
            let key = try RunsFixture.key()
            try await fixture.start(key, script, limits)
            #expect(try await fixture.end(key).cause == cause)
        }
    }

    @Test func `a run that cannot start says why`() async throws {
        let fixture = try RunsFixture(settings: SandboxSettings(bubblewrap: "/nonexistent/bwrap"))
        let key = try RunsFixture.key()
        try await fixture.start(key, "true")
        guard case .couldNotStart(let reason) = try await fixture.end(key).cause else {
            Issue.record("it ran")
            return
        }
        #expect(reason.contains("/nonexistent/bwrap") && reason.contains("apt install bubblewrap"))
    }

    @Test func `a supervisor that cannot start is an error, and the key can be tried again`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let broken = try RunsFixture.server(of: fixture.directory, supervisor: "/nonexistent/kiln")
        await #expect(throws: SandboxError.self) {
            try await broken.start(key, RunSpecification(executable: "/bin/true", policy: SandboxPolicy()))
        }
        #expect(try await fixture.runs.observe(key) == .starting)
        #expect(
            try await fixture.runs.start(key, RunSpecification(executable: "/bin/false", policy: SandboxPolicy()))
                == .alreadyStarted)
        #expect(try await fixture.end(key).succeeded, "the first specification counts")
    }

    @Test func `a key that was never supervised can be cancelled and then never runs`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let broken = try RunsFixture.server(of: fixture.directory, supervisor: "/nonexistent/kiln")
        _ = try? await broken.start(key, RunSpecification(executable: "/bin/true", policy: SandboxPolicy()))
        #expect(try await fixture.runs.cancel(key))
        #expect(try await fixture.end(key).cause == .cancelled)
        #expect(try await fixture.start(key, "echo ran") == .alreadyStarted)
        #expect(try await fixture.end(key).cause == .cancelled)
        #expect(try await fixture.log(key) == "")
    }

    @Test func `removing takes everything away, whatever its modes and depth, but not while it runs`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        try await fixture.start(
            key,
            """
            mkdir -p a/b; touch a/b/c; chmod 000 a/b; chmod 000 a; ln -s / root; mkfifo pipe; touch -- '-rf' 'new
            line'; i=0; while [ $i -lt 100 ]; do mkdir deep; cd deep; i=$((i+1)); done; echo up; sleep 600
            """)
        try await fixture.printed("up", key)
        await #expect(throws: SandboxError.stillRunning(key)) { try await fixture.runs.remove(key) }
        try await fixture.runs.cancel(key)
        _ = try await fixture.end(key)
        try await fixture.runs.remove(key)
        try await fixture.runs.remove(key)
        #expect(try await fixture.runs.observe(key) == .unknownKey)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.directory) == [])
        #expect(FileManager.default.fileExists(atPath: "/usr/bin"))
    }

    @Test(arguments: [
        "", ".", "..", "a/b", "../x", ".hidden", "-rf", "a b", "ä", "a\0", String(repeating: "a", count: 101),
    ])
    func `what could not name a folder is no key`(_ text: String) {
        #expect(RunKey(text) == nil)
    }

    @Test(arguments: ["a", "A-1_b.c", String(repeating: "a", count: 100)])
    func `plain names are keys`(_ text: String) {
        #expect(RunKey(text)?.rawValue == text)
    }
}
