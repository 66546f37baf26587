/// Whether this machine lets programs be isolated.
package enum SandboxVerdict: Sendable, Equatable {
    /// It does.
    case isolated
    /// It does not: what is wrong, and how to mend it.
    case refused(reason: String, mend: String)
}

/// Finds out whether programs can be isolated here, by isolating one.
package enum SandboxCheck {
    /// Runs `true` behind the walls; takes some milliseconds.
    package static func probe(_ settings: SandboxSettings = SandboxSettings()) async -> SandboxVerdict {
        let policy = SandboxPolicy(limits: SandboxLimits(wallTime: .seconds(20), temporary: 1 << 20))
        let command = SandboxedCommand(settings: settings, policy: policy, executable: "/usr/bin/true")
        let end = await command.run(isIsolated: true)
        return end.succeeded ? .isolated : explain(end)
    }

    /// Isolated, unless the operator allows otherwise and the machine refuses.
    static func shallIsolate(_ settings: SandboxSettings) async -> Bool {
        guard settings.allowUnsandboxed else { return true }
        return await probe(settings) == .isolated
    }

    /// Plain words for what the tools print.
    static func explain(_ end: CommandEnd) -> SandboxVerdict {
        var reason =
            switch end.cause {
            case .couldNotStart(let reason): reason
            case .wallTimeLimit: "a first program in the sandbox did not end within 20 seconds"
            case let other: "a first program in the sandbox ended as \(other)"
            }
        let printed = String(decoding: end.standardError.prefix(400), as: UTF8.self)
        if reason.contains("is missing") {
            return .refused(reason: reason, mend: "Install it: apt install bubblewrap util-linux")
        }
        if !printed.isEmpty && !printed.hasPrefix(reason) { reason += ": " + printed.trimmed }
        let isRefusal = [
            "ermission", "not permitted", "No space left", "user namespace", "setting up uid map", "RTM_NEWADDR",
        ]
        .contains { reason.contains($0) }
        return .refused(
            reason: reason, mend: isRefusal ? Self.mend : "Read the message above; `kiln doctor` tries again.")
    }

    private static let mend = """
        The kernel refuses namespaces to this user. On a Debian or Ubuntu host: `sysctl kernel.unprivileged_userns_clone=1`, \
        `sysctl user.max_user_namespaces=10000` and, where AppArmor restricts them, \
        `sysctl kernel.apparmor_restrict_unprivileged_userns=0` (or an AppArmor profile for /usr/bin/bwrap), each kept in \
        /etc/sysctl.d/. In a container: start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        --security-opt systempaths=unconfined` as an unprivileged user, or with `--cap-add SYS_ADMIN` besides as root. \
        As the last resort the operator may allow builds without isolation by configuration.
        """
}

extension String {
    fileprivate var trimmed: String {
        split(separator: "\n").joined(separator: "; ")
    }
}
