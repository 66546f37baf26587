package import Domain
import Foundation
import Glibc
package import Sandbox

/// Runs the prepare steps of recipes (`kiln prepare`): in the sandbox as builds are, but with the network.
package struct Preparer: Sendable {
    package enum Outcome: Hashable, Sendable {
        case nothingToPrepare
        case alreadyThere(path: String)
        case made(path: String)
    }

    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// The script ended badly; how, and the first line that looks like an error.
        case failed(end: String, errorLine: String?)
        case files(FileFault)
        case sandbox(String)

        package var description: String {
            switch self {
            case .failed(let end, let line): line.map { "\(end): \($0)" } ?? end
            case .files(let fault): "\(fault)"
            case .sandbox(let reason): reason
            }
        }
    }

    private let folders: PreparedFolders
    private let runs: LocalRuns

    /// - Parameter runs: in a folder on the same disk as the prepared folders.
    package init(folders: PreparedFolders, runs: LocalRuns) {
        self.folders = folders
        self.runs = runs
    }

    /// Makes what the recipe needs, unless it is there; `force` makes it anew. `report` gets the script's lines as they
    /// come. What is there appears at once and as a whole; a run that fails leaves what was there before.
    package func prepare(
        _ recipe: Recipe, force: Bool = false, report: @escaping @Sendable (String) -> Void
    ) async throws(Fault) -> Outcome {
        guard let step = recipe.prepare else { return .nothingToPrepare }
        do {
            let target = try await folders.path(for: recipe)
            if !force, FolderWork.exists(target) { return .alreadyThere(path: target) }
            // A name of its own: a second `kiln prepare` at the same time does the same work beside it.
            guard let key = RunKey("prepare-\(UUID().uuidString)") else { return .nothingToPrepare }
            let result: Result<Void, any Error>
            do {
                try await runScript(step, of: recipe, key, report)
                try await install(runs.files(of: key) + "/out", at: target, recipe)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            _ = await runs.endAndRemove(key)
            try result.get()
            return .made(path: target)
        } catch let fault as Fault {
            throw fault
        } catch let fault as FileFault {
            throw .files(fault)
        } catch {
            throw .sandbox("\(error)")
        }
    }

    private func runScript(
        _ step: PrepareStep, of recipe: Recipe, _ key: RunKey, _ report: @escaping @Sendable (String) -> Void
    ) async throws {
        let folder = folders.folder(of: recipe)
        let policy = SandboxPolicy(
            readOnly: [SandboxBind("recipe", at: "/kiln/recipe")],
            writable: [SandboxBind("work", at: "/kiln/work"), SandboxBind("out", at: "/kiln/out")],
            environment: [
                "KILN_RECIPE": recipe.id.text, "KILN_RECIPE_DIR": "/kiln/recipe", "KILN_WORK": "/kiln/work",
                "KILN_OUT": "/kiln/out", "KILN_PREPARED": "/kiln/out",
            ],
            workingDirectory: "/kiln/work", network: true,
            limits: SandboxLimits(
                wallTime: step.timeLimit, cpuTime: step.timeLimit * 4, memory: 4 << 30, addressSpace: nil,
                processes: 1024, openFiles: 4096, fileSize: 16 << 30, output: 32 << 30, outputFiles: 1_000_000,
                temporary: 1 << 30))
        try await runs.start(key, RunSpecification(executable: "/kiln/recipe/\(step.script)", policy: policy)) {
            files in
            try await Blocking.run { () throws(FileFault) in
                try FolderWork.copy(folder, to: "\(files)/recipe", limit: 1 << 30)
            }
        }
        var cleaner = LogCleaner(redaction: Redaction(address: nil, secrets: []))
        var reader = LogReader(LinePatterns(recipe.watch))
        var taken = 0
        var seen = try await runs.observe(key)
        while true {
            while true {
                let bytes = try await runs.log(of: key, from: taken, limit: 256 << 10)
                if bytes.isEmpty { break }
                taken += bytes.count
                for line in cleaner.take(bytes) {
                    reader.read(line.text)
                    report(line.text)
                }
            }
            switch seen {
            case .starting, .running:
                seen = try await runs.waitForChange(of: key, since: seen, timeout: .seconds(5))
            case .ended(let end):
                for line in cleaner.finish() {
                    reader.read(line.text)
                    report(line.text)
                }
                guard end.succeeded else {
                    throw Fault.failed(end: end.prepareWords(step), errorLine: reader.firstError)
                }
                return
            case .unknownKey, .lost:
                throw Fault.failed(end: "the prepare script was interrupted", errorLine: nil)
            }
        }
    }

    private func install(_ output: String, at target: String, _ recipe: Recipe) async throws {
        try await Blocking.run { () throws(FileFault) in
            let parent = "\(folders.directory)/\(recipe.id)"
            try FolderWork.make(parent)
            try FolderWork.letOthersRead(output)
            // What the name promises has to be on the disk before the name is.
            sync()
            let old = "\(parent)/.old-\(UUID().uuidString)"
            // Builds that are under way keep what they have mounted.
            if FolderWork.exists(target), unsafe rename(target, old) != 0 { throw FileFault.last("rename", target) }
            guard unsafe rename(output, target) == 0 else { throw FileFault.last("rename", output) }
            // Earlier versions: of another script or another release of the system.
            for name in try FolderWork.names(in: parent) where "\(parent)/\(name)" != target && name.hasPrefix(".old-")
            {
                try FolderWork.remove("\(parent)/\(name)")
            }
        }
    }
}

extension RunEnd {
    fileprivate func prepareWords(_ step: PrepareStep) -> String {
        switch cause {
        case .exited(let code): "the prepare script ended with exit code \(code)"
        case .signalled(let number): "the prepare script was ended by signal \(number)"
        case .wallTimeLimit, .cpuTimeLimit: "the prepare script took longer than \(step.timeLimit.inWords)"
        case .memoryLimit: "the prepare script needed too much memory"
        case .outputLimit: "the prepare script wrote too much to the disk"
        case .cancelled: "the prepare script was cancelled"
        case .couldNotStart(let reason): "the prepare script could not be started: \(reason)"
        }
    }
}
