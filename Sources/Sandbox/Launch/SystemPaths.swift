internal import Foundation
internal import Glibc
internal import SystemPackage

/// The pieces of the host that every sandboxed program sees, and the small files that stand in for the host's own.
enum SystemPaths {
    /// Folders of programs and libraries; where they are links into `/usr`, as on Debian, the links are made again.
    static let roots = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]

    /// Files and folders of `/etc` that hold no secrets and that common tools cannot do without.
    static var configuration: [String] {
        let java = ((try? System.names(in: "/etc")) ?? []).filter { $0.hasPrefix("java-") }.map { "/etc/\($0)" }
        return [
            "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/fonts",
            "/etc/localtime", "/etc/timezone", "/etc/magic", "/etc/mime.types", "/etc/os-release",
            "/etc/debian_version",
            "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/ca-certificates.conf",
        ] + java.sorted()
    }

    /// What a program with network needs: names, and Debian's package sources (not `auth.conf`, which holds passwords).
    static let network = [
        "/etc/resolv.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
        "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/apt.conf", "/etc/apt/apt.conf.d",
        "/etc/apt/preferences", "/etc/apt/preferences.d", "/etc/apt/trusted.gpg", "/etc/apt/trusted.gpg.d",
        "/etc/apt/keyrings", "/var/lib/apt", "/var/lib/dpkg",
    ]

    /// The stand-ins, by path inside, for a program that runs as `user` inside and has the network or not.
    static func files(user: UInt32, network: Bool) -> [(path: String, text: String)] {
        [
            (
                "/etc/passwd",
                """
                root:x:0:0:root:/root:/usr/sbin/nologin
                kiln:x:\(user):\(user):kiln:/home/kiln:/bin/sh
                nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin

                """
            ),
            ("/etc/group", "root:x:0:\nkiln:x:\(user):\nnogroup:x:65534:\n"),
            ("/etc/hosts", "127.0.0.1 localhost kiln\n::1 localhost kiln\n" + (network ? hostNames() : "")),
            ("/etc/hostname", "kiln\n"),
            (
                "/etc/nsswitch.conf",
                "passwd: files\ngroup: files\nhosts: files\(network ? " dns" : "")\nservices: files\nprotocols: files\n"
            ),
        ]
    }

    /// The operator's own names for machines, which a mirror inside their network may need.
    private static func hostNames() -> String {
        let bytes = (try? System.read("/etc/hosts", limit: 65_536)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("#") && !$0.hasPrefix("127.") && !$0.hasPrefix("::1") }
            .map { $0 + "\n" }.joined()
    }

    /// Writes the stand-ins into a folder of the host; the binds that show them inside.
    static func write(into folder: String, user: UInt32, network: Bool) throws(SandboxError) -> [SandboxBind] {
        var binds: [SandboxBind] = []
        for (path, text) in files(user: user, network: network) {
            let source = "\(folder)/\((path as NSString).lastPathComponent)"
            let file = try System.open(
                source, .writeOnly, [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
            defer { System.close(file) }
            _ = fchmod(file.rawValue, 0o644)  // whatever the umask
            try System.write(Array(text.utf8), to: file, path: source)
            binds.append(SandboxBind(source, at: path))
        }
        return binds
    }
}
