import Foundation
import Glibc
import Sandbox
import TestSupport
import Testing

@Suite struct SandboxCheckTests {
    @Test func `this machine isolates`() async {
        #expect(await SandboxCheck.probe() == .isolated)
    }

    @Test(.enabled(if: isRoot)) func `an unprivileged server isolates too, with the number 1000 inside`() async throws {
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", testSupervisor]
        #expect(try await Program.run(["/usr/bin/setpriv"] + nobody + ["probe"]).text == "isolated\n")
        let script = """
            id -un; unshare -U true 2>/dev/null && echo nested; touch /usr/x /x 2>/dev/null && echo wrote
            ls /root /home/*/. >/dev/null 2>&1; test -e /etc/shadow && echo shadow; tail -n +3 /proc/net/dev | wc -l
            grep CapEff /proc/self/status
            """
        let text = try await Program.run(["/usr/bin/setpriv"] + nobody + ["command", script]).text
        #expect(text == "exited(0)\nkiln\n1\nCapEff:\t0000000000000000\n\n")
    }

    @Test func `a missing bubblewrap is named, with the way to get it`() async {
        guard case .refused(let reason, let mend) = await SandboxCheck.probe(SandboxSettings(bubblewrap: "/no/bwrap"))
        else {
            Issue.record("not refused")
            return
        }
        #expect(reason.contains("/no/bwrap is missing"))
        #expect(mend.contains("apt install bubblewrap"))
    }

    /// A child that another test starts just now may hold the program open for writing until it runs its own.
    private static func probe(_ program: String) async -> SandboxVerdict {
        while true {
            let answer = await SandboxCheck.probe(SandboxSettings(bubblewrap: program))
            guard case .refused(let reason, _) = answer, reason.contains("Text file busy") else { return answer }
        }
    }

    @Test func `a kernel that refuses namespaces is told with what to change`() async throws {
        let scratch = try Scratch()
        let stub = try scratch.file(
            "bwrap",
            "#!/bin/sh\necho 'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.' >&2\nexit 1\n"
        )
        unsafe chmod(stub, 0o755)
        guard case .refused(let reason, let mend) = await Self.probe(stub) else {
            Issue.record("not refused")
            return
        }
        #expect(reason.contains("No permissions to create new namespace"))
        #expect(mend.contains("kernel.unprivileged_userns_clone=1") && mend.contains("AppArmor"))
    }

    @Test func `where isolation is refused nothing runs without it, unless the operator allows that`() async throws {
        let scratch = try Scratch()
        let work = try scratch.folder("work")
        unsafe chmod(scratch.path, 0o755)
        let policy = SandboxPolicy(
            writable: [SandboxBind(work, at: "/kiln/work")], environment: ["KILN_WORK": "/kiln/work"],
            workingDirectory: "/kiln/work", limits: SandboxLimits(openFiles: 77))
        var settings = SandboxSettings(bubblewrap: "/no/bwrap")
        let script = "pwd; ulimit -n; id -u; echo made >$KILN_WORK/out"
        let refused = await shell(script, policy, settings: settings)
        guard case .couldNotStart = refused.cause else {
            Issue.record("ran: \(refused)")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: "\(work)/out"))

        settings.allowUnsandboxed = true
        let allowed = await shell(script, policy, settings: settings)
        #expect(allowed.cause == .exited(0), "\(allowed.complaint)")
        #expect(!allowed.isolated)
        let lines = allowed.text.split(separator: "\n").map(String.init)
        #expect(lines.first == work && lines.dropFirst().first == "77")
        #expect(lines.last != "0", "never as root")
        #expect(try String(contentsOfFile: "\(work)/out", encoding: .utf8) == "made\n")
    }

    @Test func `a run without walls still ends with its whole tree`() async throws {
        let fixture = try RunsFixture(settings: SandboxSettings(bubblewrap: "/no/bwrap", allowUnsandboxed: true))
        unsafe chmod(fixture.scratch.path, 0o755)
        let mark = mark()
        let key = try RunsFixture.key()
        let specification = RunSpecification(
            executable: "/bin/sh", arguments: ["-c", "(setsid sleep \(mark) &); echo up; sleep \(mark)"],
            policy: SandboxPolicy(limits: SandboxLimits(wallTime: .seconds(60))))
        try await fixture.runs.start(key, specification)
        try await fixture.printed("up", key)
        #expect(await eventually { processes(marked: mark).count == 2 })
        try await fixture.runs.cancel(key)
        let end = try await fixture.end(key)
        #expect(end.cause == .cancelled && !end.isolated)
        #expect(processes(marked: mark).isEmpty)

        let lost = try RunsFixture.key()
        try await fixture.runs.start(lost, specification)
        try await fixture.printed("up", lost)
        kill(try fixture.supervisor(of: lost), SIGKILL)
        #expect(try await fixture.settled(lost) == .lost)
        #expect(await eventually { processes(marked: mark).isEmpty })
    }
}
