internal import CLinux
internal import Foundation
internal import Glibc

/// The living processes below one process, as `/proc` shows them.
enum ProcessTree {
    /// What one process says of itself.
    struct Row: Equatable {
        var identifier: pid_t
        var parent: pid_t
        /// Its own processor time and that of its ended children, in ticks.
        var ticks: Int64
        var isEnded: Bool
    }

    /// What a tree uses together.
    struct Usage: Equatable {
        var processes = 0
        var memory: UInt64 = 0
        /// Bytes on disk in files that are open and have no name any more.
        var namelessBytes: UInt64 = 0
        var cpuMilliseconds: Int64 = 0
    }

    static func all() -> [pid_t] {
        ((try? System.names(in: "/proc")) ?? []).compactMap(pid_t.init)
    }

    /// All processes below `root`, without it.
    static func descendants(of root: pid_t) -> [Row] {
        var children: [pid_t: [Row]] = [:]
        for process in all() {
            guard let row = row(of: process) else { continue }
            children[row.parent, default: []].append(row)
        }
        var found: [Row] = []
        var open = [root]
        while let next = open.popLast() {
            let rows = children.removeValue(forKey: next) ?? []
            found += rows
            open += rows.map(\.identifier)
        }
        return found
    }

    static func usage(below root: pid_t) -> Usage {
        var usage = Usage()
        var seen: Set<FileIdentity> = []
        let ticksPerSecond = Int64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        for row in descendants(of: root) {
            usage.processes += 1
            usage.memory += memory(of: row.identifier)
            for file in namelessFiles(of: row.identifier) where seen.insert(file.identity).inserted {
                if file.isInMemory { usage.memory += file.bytes } else { usage.namelessBytes += file.bytes }
            }
            usage.cpuMilliseconds += row.ticks * 1000 / ticksPerSecond
        }
        return usage
    }

    /// Waits for processes that were sent SIGKILL; at most two seconds, because nobody can end one that hangs in the kernel.
    static func waitUntilGone(_ processes: [pid_t]) {
        var left = processes
        for _ in 0..<400 {
            left.removeAll { row(of: $0)?.isEnded ?? true }
            if left.isEmpty { return }
            usleep(5000)
        }
    }

    static func row(of process: pid_t) -> Row? {
        guard let bytes = try? System.read("/proc/\(process)/stat", limit: 4096) else { return nil }
        return parse(String(decoding: bytes, as: UTF8.self), process)
    }

    /// The fields of `/proc/<pid>/stat`; the name before them may itself hold spaces and parentheses.
    static func parse(_ line: String, _ process: pid_t) -> Row? {
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let parent = pid_t(fields[1]) else { return nil }
        let ticks = fields[11...14].compactMap { Int64($0) }.reduce(0, +)
        return Row(identifier: process, parent: parent, ticks: ticks, isEnded: fields[0] == "Z" || fields[0] == "X")
    }

    private struct FileIdentity: Hashable {
        var device: UInt64
        var number: UInt64
    }

    /// Files that a process has open and that no folder shows: removed ones, and those of `memfd_create`.
    private static func namelessFiles(
        of process: pid_t
    ) -> [(identity: FileIdentity, isInMemory: Bool, bytes: UInt64)] {
        let folder = "/proc/\(process)/fd"
        return ((try? System.names(in: folder)) ?? []).compactMap { name in
            guard let target = System.link("\(folder)/\(name)"), target.hasSuffix(" (deleted)"),
                let file = try? System.information("\(folder)/\(name)"),
                file.st_nlink == 0, file.st_mode & S_IFMT == S_IFREG
            else { return nil }
            return (
                FileIdentity(device: UInt64(file.st_dev), number: UInt64(file.st_ino)), target.hasPrefix("/memfd:"),
                UInt64(max(file.st_blocks, 0)) * 512
            )
        }
    }

    /// Bytes that go when the process goes: anonymous and shared memory, not mapped files.
    private static func memory(of process: pid_t) -> UInt64 {
        guard let bytes = try? System.read("/proc/\(process)/status", limit: 8192) else { return 0 }
        var kilobytes: UInt64 = 0
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("RssAnon:") || line.hasPrefix("RssShmem:") {
            kilobytes +=
                line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { UInt64($0) } ?? 0
        }
        return kilobytes * 1024
    }
}
