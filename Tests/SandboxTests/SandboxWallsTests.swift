import Foundation
import Sandbox
import Testing

/// P4, P5, P7: what a program behind the walls can see and do.
@Suite struct SandboxWallsTests {
    @Test func `a program gets its arguments as they are and its output and code come back`() async {
        let policy = SandboxPolicy()
        let command = SandboxedCommand(
            policy: policy, executable: "/usr/bin/printf", arguments: ["%s|", "$(id)", "a b", "`x`;'\"\n", "-e"])
        let end = await command.run()
        #expect(end.cause == .exited(0))
        #expect(end.text == "$(id)|a b|`x`;'\"\n|-e|")
        #expect(end.isolated)
        #expect(await shell("echo no >&2; exit 7").cause == .exited(7))
        #expect(await shell("kill -TERM $$").cause == .signalled(15))
    }

    @Test func `nothing of the server's environment is passed and the policy's variables are`() async throws {
        unsafe setenv("SANDBOX_TEST_SECRET", "hunter2", 1)
        let policy = SandboxPolicy(environment: ["FIELD_NAME": "$(id) 'x'\n2", "HOME": "/tmp"])
        let end = await shell("env -0 | sort -z", policy)
        let names = end.text.split(separator: "\0").compactMap { $0.split(separator: "=").first }
        #expect(Set(names) == ["FIELD_NAME", "HOME", "LANG", "LOGNAME", "PATH", "PWD", "TMPDIR", "USER"])
        #expect(end.text.contains("FIELD_NAME=$(id) 'x'\n2"))
    }

    @Test(arguments: ["LD_PRELOAD", "LD_LIBRARY_PATH", "GCONV_PATH", "GLIBC_TUNABLES", "A=B", ""])
    func `variables that steer how the walls are built are refused`(_ name: String) async {
        let end = await shell("true", SandboxPolicy(environment: [name: "/tmp/x"]))
        guard case .couldNotStart(let reason) = end.cause else {
            Issue.record("ran: \(end)")
            return
        }
        #expect(reason.contains("cannot be set"))
    }

    @Test func `there is no network`() async {
        let end = await shell("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; cat /proc/net/route | tail -n +2")
        #expect(end.text == "lo\n")
    }

    @Test func `with network, the policy gives it and names can be looked up as on the host`() async throws {
        let host = try String(contentsOfFile: "/proc/net/dev", encoding: .utf8).split(separator: "\n").count
        let end = await shell("wc -l </proc/net/dev; ls /etc/nsswitch.conf", SandboxPolicy(network: true))
        #expect(end.text == "\(host)\n/etc/nsswitch.conf\n")
        #expect(await shell("grep hosts: /etc/nsswitch.conf", SandboxPolicy(network: true)).text.contains("dns"))
        #expect(!(await shell("grep hosts: /etc/nsswitch.conf").text.contains("dns")))
    }

    @Test(arguments: ["/", "/usr", "/usr/bin", "/etc", "/dev", "/proc/sys/kernel", "/home", "/var", "/lib"])
    func `nothing of the root can be written`(_ folder: String) async {
        let end = await shell(
            "touch \(folder)/kiln-was-here 2>/dev/null && echo written; mkdir \(folder)/k 2>/dev/null && echo made")
        #expect(end.text == "")
    }

    @Test func `the host's secrets and folders are not there`() async throws {
        let scratch = try Scratch()
        let secret = try scratch.file("secret", "hunter2")
        for path in [
            secret, "/etc/shadow", "/etc/gshadow", "/root", "/etc/ssl/private", "/var/lib", "/run", "/sys", "/etc/apt",
            "/etc/sudoers", "/proc/1/root/etc/shadow", "/boot",
        ] {
            let end = await SandboxedCommand(
                policy: SandboxPolicy(), executable: "/usr/bin/test", arguments: ["-e", path]
            )
            .run()
            #expect(end.cause == .exited(1), "\(path)")
        }
        let passwords = await shell("cut -d: -f1 /etc/passwd | tr '\\n' ' '; whoami")
        #expect(passwords.text == "root kiln nobody kiln\n")
        #expect(await shell("ls /home").text == "kiln\n")
    }

    @Test func `it has no rights and cannot get any`() async {
        let end = await shell(
            "id -u; grep -E '^(Cap|NoNew)' /proc/self/status | tr -d '\\t'; mount -t tmpfs x /tmp 2>/dev/null && echo mounted"
        )
        let lines = end.text.split(separator: "\n").map(String.init)
        #expect(lines.first != "0")
        #expect(lines.dropFirst().filter { $0.hasPrefix("Cap") }.allSatisfy { $0.hasSuffix(":0000000000000000") })
        #expect(lines.last == "NoNewPrivs:1")
    }

    @Test func `it sees its own processes only`() async {
        let end = await shell("cat /proc/[0-9]*/comm | sort -u | tr '\\n' ' '")
        #expect(Set(end.text.split(separator: " ")).isSubset(of: ["bwrap", "cat", "sh", "sort", "tr"]))
        #expect(await shell("kill -0 \(getpid()) 2>&1 || echo none").text.contains("none"))
    }

    @Test func `the temporary folders are its own, and bounded`() async {
        let policy = SandboxPolicy(limits: SandboxLimits(temporary: 1 << 20))
        for folder in ["/tmp", "/home/kiln", "/dev/shm", "$HOME", "$TMPDIR", "/var/tmp"] {
            let end = await shell(
                "ls -A \(folder); head -c 3000000 /dev/zero >\(folder)/x; stat -c %s \(folder)/x", policy)
            #expect(end.text == "1048576\n", "\(folder)")
            #expect(end.complaint.contains("No space left"))
        }
    }

    @Test func `read-only binds can be read and writable ones written, at their place inside`() async throws {
        let scratch = try Scratch()
        let input = try scratch.file("claimed name.txt", "given")
        let work = try scratch.folder("work")
        let policy = SandboxPolicy(
            readOnly: [SandboxBind(input, at: "/kiln/inputs/file")],
            writable: [SandboxBind(work, at: "/kiln/work")], workingDirectory: "/kiln/work")
        let end = await shell(
            "cat ../inputs/file; echo x 2>/dev/null >>../inputs/file || echo closed; echo made >out; pwd", policy)
        #expect(end.text == "givenclosed\n/kiln/work\n")
        #expect(try String(contentsOfFile: "\(work)/out", encoding: .utf8) == "made\n")
        #expect(try String(contentsOfFile: input, encoding: .utf8) == "given")
    }

    @Test func `a device of the host is there only when the policy names it`() async throws {
        let candidates = [
            "/dev/kvm", "/dev/kmsg", "/dev/fuse", "/dev/loop-control", "/dev/vda", "/dev/sda", "/dev/hwrng",
        ]
        let device = try #require(candidates.first { FileManager.default.fileExists(atPath: $0) })
        #expect(await shell("test -e \(device)").cause == .exited(1))
        #expect(
            await shell("test -c \(device) || test -b \(device)", SandboxPolicy(devices: [device])).cause == .exited(0))
    }

    @Test(.enabled(if: isRoot)) func `as root, a source that the run's user cannot read is refused by name`()
        async throws
    {
        let scratch = try Scratch()
        let input = try scratch.file("private", "given")
        unsafe chmod(input, 0o600)
        let end = await shell("true", SandboxPolicy(readOnly: [SandboxBind(input, at: "/in")]))
        guard case .couldNotStart(let reason) = end.cause else {
            Issue.record("ran: \(end)")
            return
        }
        #expect(reason.contains(input))
        // Its folders may be private: the bind shows the file itself.
        unsafe chmod(input, 0o644)
        unsafe chmod(scratch.path, 0o700)
        #expect(await shell("cat /in", SandboxPolicy(readOnly: [SandboxBind(input, at: "/in")])).text == "given")
    }

    @Test func `standard input is nothing, a file or bytes`() async throws {
        let scratch = try Scratch()
        let file = try scratch.file("private", "from a file")
        unsafe chmod(file, 0o600)
        #expect(await shell("wc -c").text == "0\n")
        #expect(await shell("cat", input: .file(file)).text == "from a file")
        #expect(await shell("wc -c", input: .bytes([UInt8](repeating: 7, count: 300_000))).text == "300000\n")
    }

    @Test func `a program that is not there could not start`() async {
        let end = await SandboxedCommand(policy: SandboxPolicy(), executable: "/usr/bin/no-such-tool").run()
        guard case .couldNotStart(let reason) = end.cause else {
            Issue.record("ran: \(end)")
            return
        }
        #expect(reason.contains("/usr/bin/no-such-tool"))
    }
}
