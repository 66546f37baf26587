internal import Foundation
internal import Glibc

/// What a run may leave behind when its supervisor is ended in the very moment of starting it.
///
/// Bubblewrap ends with its supervisor (`--die-with-parent`), except in the millisecond before it asked the kernel for that.
enum StrayProcesses {
    /// The variable that marks processes of runs without walls.
    static let variable = "KILN_RUN_SCRATCH"

    /// Ends the processes of a run that nobody supervises. Blocks.
    ///
    /// `scratch` is the run's scratch folder, which they all have in their command line or environment.
    static func end(of scratch: String) {
        let own = getpid()
        let strays = ProcessTree.all().filter { $0 != own && belongs($0, to: scratch) }
        for process in strays { _ = kill(process, SIGKILL) }
        ProcessTree.waitUntilGone(strays)
    }

    private static func belongs(_ process: pid_t, to scratch: String) -> Bool {
        let name = System.link("/proc/\(process)/exe") ?? ""
        if ["bwrap", "setpriv", "choom"].contains((name as NSString).lastPathComponent) {
            return words(of: "/proc/\(process)/cmdline").contains { $0.hasPrefix(scratch + "/") }
        }
        return words(of: "/proc/\(process)/environ").contains("\(variable)=\(scratch)")
    }

    private static func words(of path: String) -> [String] {
        ((try? System.read(path, limit: 1 << 20)) ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
