package import Domain
import Foundation
import Logging
package import Sandbox

/// Runs the check scripts of recipes over submissions, in the sandbox, while somebody waits for the answer.
///
/// Unlike a build's run it belongs to this process: it ends with its task, and nothing of it is left.
package struct SubmissionCheck: Sendable {
    package struct Settings: Hashable, Sendable {
        /// Checks at a time.
        package var atOnce: Int
        /// Submissions that wait for their turn, a quarter of them of one source; more are sent away.
        package var mostWaiting: Int
        /// How long one waits for its turn.
        package var longestWait: Duration

        package init(atOnce: Int = 4, mostWaiting: Int = 32, longestWait: Duration = .seconds(20)) {
            self.atOnce = atOnce
            self.mostWaiting = mostWaiting
            self.longestWait = longestWait
        }
    }

    private let sandbox: SandboxSettings
    private let prepared: PreparedFolders
    private let uploadPath: @Sendable (UploadID) -> String
    private let scratch: String
    private let turns: Turns

    /// - Parameter scratch: a folder of this Kiln alone, which may be missing; what is left in it is an earlier process's.
    package init(
        sandbox: SandboxSettings = SandboxSettings(), prepared: PreparedFolders,
        uploadPath: @escaping @Sendable (UploadID) -> String,
        scratch: String, clock: any WallClock, settings: Settings = Settings()
    ) {
        self.sandbox = sandbox
        self.prepared = prepared
        self.uploadPath = uploadPath
        self.scratch = scratch
        turns = Turns(
            atOnce: settings.atOnce, mostWaiting: settings.mostWaiting, mostOfOne: settings.mostWaiting / 4,
            longestWait: settings.longestWait, sleep: { try await clock.sleep(until: clock.now() + $0) })
    }

    /// What the recipe's script says of these inputs; nothing where the recipe has none.
    ///
    /// - Parameters:
    ///   - source: who submits it; nobody's submissions keep those of others waiting. `nil`: a build that was accepted.
    ///   - fetched: what was fetched for the build, as the run will find it.
    package func findings(
        on inputs: Inputs, for recipe: Recipe, source: String? = nil, fetched: String? = nil
    ) async throws(CheckFault) -> CheckFindings {
        guard let step = recipe.check else { return CheckFindings() }
        // There are few accepted ones at a time, and they are never sent away.
        return try await turns.run(for: source, isOwed: source == nil, refused: CheckFault.init) {
            () throws(CheckFault) in
            try await run(step, on: inputs, for: recipe, fetched)
        }
    }

    private func run(
        _ step: CheckStep, on inputs: Inputs, for recipe: Recipe, _ fetched: String?
    ) async throws(CheckFault) -> CheckFindings {
        let folder = "\(scratch)/check-\(UUID().uuidString)"
        let result: Result<CheckFindings, CheckFault>
        do {
            try await prepare(folder, step, inputs, recipe, fetched)
            let end = await command(step, recipe, folder).run()
            result = await Self.judge(end, folder, recipe)
        } catch {
            result = .failure(.failed(reason: "\(error)"))
        }
        // What a script closed even to itself goes with the scratch of this process.
        await Blocking.run { try? FolderWork.remove(folder) }
        return try result.get()
    }

    private func prepare(
        _ folder: String, _ step: CheckStep, _ inputs: Inputs, _ recipe: Recipe, _ fetched: String?
    ) async throws {
        // Without what was fetched, of which the check is given its own copy below.
        let values = recipe.publicValues(of: recipe.submitted(inputs), in: step.uses)
        let (source, uploadPath) = (prepared.folder(of: recipe), uploadPath)
        try await Blocking.run {
            try FolderWork.make(folder, mode: 0o700)
            try FolderWork.copy(source, to: "\(folder)/recipe", limit: ScriptRun.recipeLimit)
            let given = ScriptInputs(
                document: try SubmissionDocument(recipe, values).json(), target: nil, values: values)
            try given.write(to: "\(folder)/inputs", uploadPath: uploadPath)
            if let fetched, let name = recipe.fetch?.into {
                try FileWork.copy(fetched, to: "\(folder)/inputs/files/\(name)")
            }
            for name in ["recipe", "inputs"] { try FolderWork.letOthersRead("\(folder)/\(name)") }
            for name in ["work", "out"] { try FolderWork.make("\(folder)/\(name)") }
        }
    }

    private func command(_ step: CheckStep, _ recipe: Recipe, _ folder: String) -> SandboxedCommand {
        SandboxedCommand(
            settings: sandbox,
            policy: SandboxPolicy(
                readOnly: [
                    SandboxBind("\(folder)/recipe", at: "/kiln/recipe"),
                    SandboxBind("\(folder)/inputs", at: "/kiln/inputs"),
                ],
                writable: [
                    SandboxBind("\(folder)/work", at: "/kiln/work"), SandboxBind("\(folder)/out", at: "/kiln/out"),
                ],
                environment: [
                    "KILN_RECIPE": recipe.id.text, "KILN_RECIPE_DIR": "/kiln/recipe", "KILN_INPUTS": "/kiln/inputs",
                    "KILN_WORK": "/kiln/work", "KILN_OUT": "/kiln/out",
                ],
                workingDirectory: "/kiln/work", limits: SandboxLimits(step.limits)),
            executable: "/kiln/recipe/\(step.script)", outputLimit: 16 << 10)
    }

    private static func judge(
        _ end: CommandEnd, _ folder: String, _ recipe: Recipe
    ) async -> Result<CheckFindings, CheckFault> {
        guard !Task.isCancelled, end.cause != .cancelled else { return .failure(.stopped) }
        guard end.succeeded else {
            let said = String(decoding: end.standardError.suffix(600), as: UTF8.self).shownLine(limit: 600)
            return .failure(.failed(reason: "the check ended by \(end.cause); it said: \(said)"))
        }
        do {
            let bytes = try await Blocking.run { () throws(FileFault) -> [UInt8]? in
                // Looked for and not just opened: the script may have left anything under this name.
                let files = try FolderWork.plainFiles(in: "\(folder)/out")
                guard files.contains(where: { $0.name == "findings.json" }) else { return nil }
                return try FileWork.read("\(folder)/out/findings.json", limit: CheckFindings.largest)
            }
            guard let bytes else { return .failure(.failed(reason: "the check left no findings.json")) }
            return .success(try CheckFindings(json: bytes, of: recipe))
        } catch let fault as CheckFault {
            return .failure(fault)
        } catch {
            return .failure(.failed(reason: "findings.json cannot be read: \(error)"))
        }
    }
}

extension CheckFault {
    fileprivate init(_ refusal: Turns.Refusal) {
        switch refusal {
        case .lineIsFull, .tooLate: self = .busy
        case .cancelled: self = .stopped
        }
    }
}
