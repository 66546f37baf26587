import Foundation
import Glibc
import Sandbox
import TestSupport
import Testing

/// P2, P3: what `kill -9` at any place leaves.
@Suite struct LocalRunsCrashTests {
    @Test(arguments: isRoot ? [false, true] : [false])
    func `a run survives the kill of the server that started it`(_ asNobody: Bool) async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let drop = asNobody ? ["--reuid=65534", "--regid=65534", "--clear-groups"] : ["--no-new-privs"]
        if asNobody {
            for path in [fixture.scratch.path, fixture.directory] { _ = unsafe chown(path, 65534, 65534) }
        }
        let script = "echo up; while [ ! -e go ]; do sleep 0.02; done; id -u; echo done"
        let arguments = drop + ["--", testSupervisor, "start", fixture.directory, key.rawValue, script]
        try await withProcess(["/usr/bin/setpriv"] + arguments) { server in
            let said = try await server.line()
            #expect(said == "started")
        }
        // The server is gone; the next one finds the run.
        let next = try RunsFixture.server(of: fixture.directory)
        try await fixture.printed("up\n", key)
        #expect(try await next.observe(key) == .running(logBytes: 3))
        #expect(try await fixture.start(key, "echo second") == .alreadyStarted)
        try Data().write(to: URL(fileURLWithPath: next.files(of: key) + "/work/go"))
        let end = try await fixture.end(key, next)
        #expect(end.succeeded)
        let log = try await fixture.log(key)
        #expect(log.hasPrefix("up\n") && log.hasSuffix("done\n"))
        if asNobody { #expect(log == "up\n1000\ndone\n") }
    }

    @Test func `a killed supervisor takes its run with it, which is then lost and never runs again`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let mark = mark()
        try await fixture.start(key, "(setsid sleep \(mark) &); echo up; sleep \(mark)")
        try await fixture.printed("up", key)
        #expect(await eventually { processes(marked: mark).count == 2 })
        kill(try fixture.supervisor(of: key), SIGKILL)
        #expect(try await fixture.settled(key) == .lost)
        #expect(await eventually { processes(marked: mark).isEmpty })
        #expect(try await fixture.start(key, "echo second") == .alreadyStarted)
        #expect(try await fixture.runs.observe(key) == .lost)
        #expect(try await fixture.runs.cancel(key) == false)
        try await fixture.runs.remove(key)
        #expect(try await fixture.runs.observe(key) == .unknownKey)
    }

    @Test func `supervisors killed right after their start leave no process, and no key runs twice`() async throws {
        let fixture = try RunsFixture()
        let mark = mark()
        for _ in 0..<20 {
            let key = try RunsFixture.key()
            try await fixture.start(key, "echo ran; sleep \(mark)")
            kill(try fixture.supervisor(of: key), SIGKILL)
            #expect(try await fixture.settled(key) == .lost)
            #expect(try await fixture.start(key, "echo ran") == .alreadyStarted)
            #expect(try await fixture.runs.observe(key) == .lost)
        }
        #expect(await eventually { processes(marked: mark).isEmpty })
    }

    @Test func `servers killed while they start a run leave a key that can be started, and runs once`() async throws {
        let fixture = try RunsFixture()
        for number in 0..<12 {
            let key = try RunsFixture.key()
            let script = "echo ran"
            try await withProcess([testSupervisor, "start", fixture.directory, key.rawValue, script]) { _ in
                // Somewhere between nothing and everything: the number spreads the moment over the start.
                _ = usleep(UInt32(number) * 4000)
            }
            try await fixture.start(key, script)
            #expect(try await fixture.end(key).succeeded)
            #expect(try await fixture.log(key) == "ran\n")
        }
        try await fixture.runs.sweep()
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.directory)
        #expect(left.filter { $0.hasPrefix(".") } == [])
    }

    @Test func `bubblewrap killed from outside is an end by a signal, with nothing left`() async throws {
        let fixture = try RunsFixture()
        let key = try RunsFixture.key()
        let mark = mark()
        try await fixture.start(key, "(setsid sleep \(mark) &); echo up; sleep \(mark)")
        try await fixture.printed("up", key)
        let supervisor = try fixture.supervisor(of: key)
        let children = try String(contentsOfFile: "/proc/\(supervisor)/task/\(supervisor)/children", encoding: .utf8)
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(supervisor)/task").compactMap {
            try? String(contentsOfFile: "/proc/\(supervisor)/task/\($0)/children", encoding: .utf8)
        }
        let bubblewrap = try #require(
            (all + [children]).joined(separator: " ").split(separator: " ").first.flatMap { pid_t($0) })
        kill(bubblewrap, SIGKILL)
        #expect(try await fixture.end(key).cause == .signalled(SIGKILL))
        #expect(processes(marked: mark).isEmpty)
    }
}
