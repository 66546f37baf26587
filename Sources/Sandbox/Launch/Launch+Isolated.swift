internal import Glibc

extension LaunchPlan {
    /// Limits of the kernel, set by the last tool before the program, behind the walls.
    ///
    /// Since Linux 5.14 processes are counted in each user namespace, so a limit set before the walls would count others.
    var limitArguments: [String] {
        let limits = policy.limits
        let seconds = UInt64(max(1, limits.cpuTime.components.seconds))
        var arguments = [
            "--core=0",
            "--cpu=\(Self.allowed(seconds, RLIMIT_CPU)):\(Self.allowed(seconds + 1, RLIMIT_CPU))",
            "--nproc=\(Self.allowed(UInt64(max(1, limits.processes)), __RLIMIT_NPROC))",
            "--nofile=\(Self.allowed(UInt64(max(8, limits.openFiles)), RLIMIT_NOFILE))",
            "--fsize=\(Self.allowed(limits.fileSize, RLIMIT_FSIZE))",
            "--memlock=\(Self.allowed(65_536, __RLIMIT_MEMLOCK))",
        ]
        if let bytes = limits.addressSpace { arguments.append("--as=\(Self.allowed(bytes, RLIMIT_AS))") }
        return arguments
    }

    /// The limit, or the lower one that this process was started with: nobody but root can raise that again.
    static func allowed(_ wanted: UInt64, _ resource: __rlimit_resource) -> UInt64 {
        var current = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &current) == 0 else { return wanted }
        return min(wanted, UInt64(current.rlim_max))
    }

    /// The variables of the program.
    var environment: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": Self.home, "TMPDIR": "/tmp",
            "LANG": "C.UTF-8", "USER": "kiln", "LOGNAME": "kiln",
        ].merging(policy.environment) { $1 }
    }

    /// Gives up all rights that root has, for good.
    func dropArguments(to user: UInt32) -> [String] {
        [
            "--reuid=\(user)", "--regid=\(user)", "--clear-groups", "--inh-caps=-all", "--ambient-caps=-all",
            "--bounding-set=-all", "--no-new-privs",
        ]
    }

    /// The walls: own processes, mounts, names, IPC and (without the policy's leave) network.
    ///
    /// Where Kiln is root, bubblewrap works as root (it can then bind what lies in private folders, and needs no leave
    /// for user namespaces), and behind the walls the work becomes an unprivileged user without any capability.
    /// Elsewhere a user namespace of its own does the same, in which no further ones can be made.
    func isolated(readOnly: [SandboxBind], writable: [SandboxBind]) throws(SandboxError) -> Launch {
        let standIns = try SystemPaths.write(into: scratch, user: userInside, network: policy.network)
        var wall = ["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        wall += ["--unshare-cgroup-try", "--hostname", "kiln"]
        if !policy.network { wall.append("--unshare-net") }
        wall += ["--cap-drop", "ALL"]
        if user == nil {
            wall += ["--unshare-user", "--disable-userns", "--uid", "\(userInside)", "--gid", "\(userInside)"]
        } else {
            for capability in ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"] { wall += ["--cap-add", capability] }
        }
        wall += rootArguments()
        wall += folderArguments(above: readOnly + writable)
        wall += systemArguments(standIns: standIns)
        for bind in readOnly { wall += ["--ro-bind", bind.source, bind.destination] }
        for bind in writable { wall += ["--bind", bind.source, bind.destination] }
        // Last: everything above is mounted on this root, and the memory that it lives in has no limit.
        wall += ["--chdir", policy.workingDirectory, "--remount-ro", "/", "--"]
        if let user { wall += [Self.setpriv] + dropArguments(to: user) + ["--"] }

        // If the system runs out of memory, it shall end the run first; and bubblewrap ends with us from the start.
        let chain = ["--pdeathsig", "KILL", "--", Self.choom, "-n", "1000", "--", settings.bubblewrap] + wall
        return Launch(
            executable: Self.setpriv,
            arguments: chain + [Self.prlimit] + limitArguments + ["--", executable] + arguments,
            environment: environment, startDirectory: "/", writableFolders: writable.map(\.source), isIsolated: true)
    }

    /// Folders above what is bound: those that bubblewrap makes by itself are closed to everyone but its own user.
    private func folderArguments(above binds: [SandboxBind]) -> [String] {
        var folders: Set<String> = ["/etc/ssl", "/home", "/var"]
        if policy.network { folders.formUnion(["/etc/apt", "/var/lib"]) }
        for bind in binds {
            var path = ""
            for part in bind.destination.split(separator: "/").dropLast() {
                path += "/\(part)"
                folders.insert(path)
            }
        }
        // What a mount of ours will hold is made in it by bubblewrap.
        let mounted = [
            "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/dev", "/tmp", Self.home,
        ]
        let open = folders.filter { folder in !mounted.contains { folder == $0 || folder.hasPrefix($0 + "/") } }
        return (["/etc"] + open.sorted()).flatMap { ["--perms", "0755", "--dir", $0] }
    }

    private func rootArguments() -> [String] {
        var wall = ["--ro-bind", "/usr", "/usr"]
        for root in SystemPaths.roots {
            if let target = System.link(root) {
                wall += ["--symlink", target, root]
            } else if System.exists(root) {
                wall += ["--ro-bind", root, root]
            }
        }
        return wall
    }

    private func systemArguments(standIns: [SandboxBind]) -> [String] {
        var wall: [String] = []
        for path in SystemPaths.configuration + (policy.network ? SystemPaths.network : []) {
            // Links like /etc/resolv.conf may lead to where nothing is bound, so their target is shown in their place.
            wall += ["--ro-bind-try", path, path]
        }
        for bind in standIns { wall += ["--ro-bind", bind.source, bind.destination] }
        wall += ["--proc", "/proc", "--dev", "/dev"]
        let temporary = ["--perms", "1777", "--size", "\(policy.limits.temporary)", "--tmpfs"]
        for device in policy.devices { wall += ["--dev-bind", device, device] }
        wall += temporary + ["/dev/shm", "--remount-ro", "/dev"]
        wall += temporary + ["/tmp"] + temporary + [Self.home] + ["--symlink", "/tmp", "/var/tmp"]
        return wall
    }
}
