import Foundation
import Glibc
import Sandbox
import Testing

/// P6: what a program takes is bounded, and its end is told as what it was.
@Suite struct SandboxLimitsTests {
    private func policy(_ change: (inout SandboxLimits) -> Void, writable: [SandboxBind] = []) -> SandboxPolicy {
        var limits = SandboxLimits(wallTime: .seconds(60))
        change(&limits)
        return SandboxPolicy(writable: writable, limits: limits)
    }

    @Test func `a program that hangs ends at the wall time`() async {
        let mark = mark()
        let end = await shell("sleep \(mark)", policy { $0.wallTime = .milliseconds(300) })
        #expect(end.cause == .wallTimeLimit)
        #expect(processes(marked: mark).isEmpty)
    }

    @Test func `a program that only computes ends at the processor time`() async {
        let end = await shell("while :; do :; done", policy { $0.cpuTime = .seconds(1) })
        #expect(end.cause == .cpuTimeLimit)
    }

    @Test func `many processes that compute share the processor time`() async {
        let end = await shell(
            "for i in 1 2 3 4 5 6; do (while :; do :; done) & done; wait", policy { $0.cpuTime = .seconds(2) })
        #expect(end.cause == .cpuTimeLimit)
    }

    @Test func `one process cannot have more address space`() async {
        let end = await shell(
            "perl -e '$x = \"a\" x 300_000_000; print length $x'", policy { $0.addressSpace = 100 << 20 })
        #expect(end.cause == .exited(12), "perl's own code for no memory")
        #expect(end.text == "")
    }

    @Test func `processes that share out a hog's memory end at the memory limit`() async {
        let hog = "perl -e '$x = \"a\" x 60_000_000; print STDERR 1; sleep 600'"
        let end = await shell(
            "for i in 1 2 3 4; do \(hog) & done; wait",
            policy {
                $0.memory = 150 << 20; $0.addressSpace = 200 << 20
            })
        #expect(end.cause == .memoryLimit)
    }

    @Test func `memory in files without a name counts`() async {
        #if arch(x86_64)
            let create = 319
        #else
            let create = 279
        #endif
        let hog =
            #"perl -e '$n = "x"; open F,"+>&=",syscall(\#(create),$n,0); print F "a" x 1000000 for 1..90; sleep 600'"#
        #expect(await shell(hog, policy { $0.memory = 50 << 20 }).cause == .memoryLimit)
    }

    @Test func `a fork bomb gets its number of processes and ends`() async {
        let end = await shell(
            "bomb() { bomb | bomb & bomb; }; bomb",
            policy {
                $0.processes = 40; $0.wallTime = .seconds(2)
            })
        #expect(end.cause != .exited(0))
        #expect(end.complaint.contains("fork"))
        // The machine, and other runs, go on.
        #expect(await shell("(:); echo well").text == "well\n")
    }

    @Test func `runs at the same time do not use up each other's processes`() async {
        let script = "i=0; while [ $i -lt 30 ]; do sleep 1 & i=$((i+1)); done; wait; echo all"
        let policy = policy { $0.processes = 40 }
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<4 { group.addTask { await shell(script, policy).text } }
            for await text in group { #expect(text == "all\n") }
        }
    }

    @Test func `files that are open at a time are limited`() async {
        let script = "perl -e 'while (open my $f, \"<\", \"/dev/null\") { push @f, $f } print scalar @f'"
        let end = await shell(script, policy { $0.openFiles = 50 })
        #expect((1..<50).contains(Int(end.text) ?? 0))
    }

    @Test func `one file cannot be larger than allowed`() async throws {
        let scratch = try Scratch()
        let work = try scratch.folder("work")
        let end = await shell(
            "head -c 3000000 /dev/zero >/work/x",
            policy({ $0.fileSize = 1 << 20 }, writable: [SandboxBind(work, at: "/work")]))
        #expect(end.cause == .signalled(SIGXFSZ) || end.cause == .exited(1))
        #expect(try FileManager.default.attributesOfItem(atPath: "\(work)/x")[.size] as? Int == 1 << 20)
    }

    @Test(arguments: [
        "i=0; while :; do head -c 1000000 /dev/zero >/work/$i; i=$((i+1)); done",
        "i=0; while :; do : >/work/$i; i=$((i+1)); done",
        #"perl -e 'open F,">","/work/x"; unlink "/work/x"; print F "a" x 1000000 for 1..20; sleep 600'"#,
        "cd /work; while mkdir d && cd d; do :; done; sleep 600",
    ])
    func `a run that fills the disk with bytes, files or depth ends at the output limit`(_ script: String) async throws
    {
        let scratch = try Scratch()
        let work = try scratch.folder("work")
        let end = await shell(
            script,
            policy(
                {
                    $0.output = 5 << 20; $0.outputFiles = 500
                }, writable: [SandboxBind(work, at: "/work")]))
        #expect(end.cause == .outputLimit)
    }

    @Test func `output beyond the limit is dropped and said`() async {
        let end = await shell("head -c 5000000 /dev/zero; echo kept >&2", outputLimit: 1000)
        #expect(end.cause == .exited(0))
        #expect(end.standardOutput.count == 1000)
        #expect(end.complaint == "kept\n")
        #expect(end.outputTruncated)
    }

    @Test func `a command ends with its task, and leaves nothing`() async {
        let mark = mark()
        let task = Task { await shell("setsid sleep \(mark) & sleep \(mark)") }
        #expect(await eventually { processes(marked: mark).count == 2 })
        task.cancel()
        #expect(await task.value.cause == .cancelled)
        #expect(await eventually { processes(marked: mark).isEmpty })
    }
}
