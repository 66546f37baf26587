internal import Foundation
internal import Glibc

extension LaunchPlan {
    /// Limits without walls, for machines whose operator accepts that.
    ///
    /// Nothing is bound, so arguments, variables and the working directory that name a place inside are changed to name
    /// its source; programs that know places by other means do not find them.
    func unisolated(binds: [SandboxBind], writable: [SandboxBind]) throws(SandboxError) -> Launch {
        let home = "\(scratch)/home"
        let temporary = "\(scratch)/tmp"
        for folder in [home, temporary] {
            if !System.exists(folder) { try System.makeDirectory(folder, mode: 0o700) }
            if let user, unsafe chown(folder, user, user) != 0 { throw System.failure("chown", folder) }
        }
        let places = binds + [SandboxBind(home, at: Self.home), SandboxBind(temporary, at: "/tmp")]
        if let user {
            try openWay(for: user)
            try checkReachable(places.map(\.source), for: user)
        }
        // The kernel counts all processes of a user here, so ours get room beside those that the user has.
        var drop = ["--pdeathsig", "KILL", "--"]
        if let user {
            // A change of user undoes `--pdeathsig`, so it has to come after.
            drop = dropArguments(to: user) + ["--", Self.setpriv] + drop
        } else {
            drop = ["--no-new-privs"] + drop
        }
        let chain = drop + [Self.choom, "-n", "1000", "--", Self.prlimit] + limitArguments + ["--"]
        var variables = environment.mapValues { Self.translate($0, places) }
        let directory = Self.translate(policy.workingDirectory, places)
        variables[StrayProcesses.variable] = scratch
        return Launch(
            executable: Self.setpriv,
            arguments: chain + [Self.translate(executable, places)] + arguments.map { Self.translate($0, places) },
            environment: variables, startDirectory: directory,
            writableFolders: writable.map(\.source) + [home, temporary], isIsolated: false)
    }

    /// The path on the host of a path inside; everything else stays as it is.
    static func translate(_ text: String, _ places: [SandboxBind]) -> String {
        let fitting = places.filter { text == $0.destination || text.hasPrefix($0.destination + "/") }
        guard let place = fitting.max(by: { $0.destination.count < $1.destination.count }) else { return text }
        return place.source + text.dropFirst(place.destination.count)
    }

    /// Without binds the run's user has to walk to its files; only this user gets through our private folders.
    private func openWay(for user: UInt32) throws(SandboxError) {
        let run = files.map { ($0 as NSString).deletingLastPathComponent }
        for folder in [scratch] + (run.map { [$0] } ?? []) {
            guard unsafe chown(folder, 0, user) == 0, unsafe chmod(folder, 0o710) == 0 else {
                throw System.failure("chown", folder)
            }
        }
        if let run {
            let runs = (run as NSString).deletingLastPathComponent
            let mode = try System.information(runs).st_mode & 0o7777 | S_IXOTH
            guard unsafe chmod(runs, mode) == 0 else { throw System.failure("chmod", runs) }
        }
    }

    private func checkReachable(_ paths: [String], for user: UInt32) throws(SandboxError) {
        for path in paths {
            var above = ""
            for part in path.split(separator: "/").dropLast() {
                above += "/\(part)"
                let information = try System.information(above)
                let needed = information.st_gid == user ? S_IXGRP : S_IXOTH
                guard information.st_mode & needed != 0 else { throw .unreadable(path: above) }
            }
        }
    }
}
