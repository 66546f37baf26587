package import Domain
package import Logging
package import Sandbox

/// Builds on this machine: the recipe's script in the sandbox, under a supervisor that outlives the server.
///
/// The recipe that is on the disk when a run starts is the one that is run, in a copy of its own: recipes are mended
/// while builds wait, and the newer one is what the operator wants. `build.json` tells the version that was accepted, and
/// a difference is logged.
package struct LocalProvider: BuildProvider {
    package let name = "local"
    /// Only where a hint was lost.
    package let pollInterval = Duration.seconds(2)

    let runs: LocalRuns
    let settings: SandboxSettings
    let prepared: PreparedFolders
    private let uploadPath: @Sendable (UploadID) -> String
    private let logger: Logger

    package init(
        runs: LocalRuns, settings: SandboxSettings, prepared: PreparedFolders,
        uploadPath: @escaping @Sendable (UploadID) -> String, logger: Logger
    ) {
        self.runs = runs
        self.settings = settings
        self.prepared = prepared
        self.uploadPath = uploadPath
        self.logger = logger
    }

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        guard let key = RunKey(attempt.key), let file = order.recipe.build.script else {
            return .refused(FailureWords.notStartable)
        }
        do {
            var preparedFolder: String?
            switch try await prepared.status(of: order.recipe) {
            case .notNeeded: break
            case .ready(let path): preparedFolder = path
            case .missing(let path):
                logger.error(
                    "the recipe is not prepared: run `kiln prepare`",
                    metadata: ["recipe": "\(order.recipe.id)", "missing": "\(path)", "build": "\(order.build.id)"])
                return .refused(FailureWords.notPrepared)
            }
            if order.recipe.digest != order.build.recipeDigest {
                logger.notice(
                    "the recipe was changed since the build was accepted; it is built with the newer one",
                    metadata: [
                        "build": "\(order.build.id)", "accepted": "\(order.build.recipeDigest)",
                        "current": "\(order.recipe.digest)",
                    ])
            }
            let script = ScriptRun(
                order: order, recipeFolder: prepared.folder(of: order.recipe), preparedFolder: preparedFolder,
                uploadPath: uploadPath)
            let specification = script.specification(
                script: file, limits: order.recipe.build.limits)
            try await runs.start(key, specification) { files in
                try await Blocking.run { try script.populate(files) }
            }
            return .done(run(of: attempt))
        } catch {
            logger.warning(
                "a local run could not be started", metadata: ["build": "\(order.build.id)", "error": "\(error)"])
            return .unknown(reason: "\(error)")
        }
    }

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await answer {
            guard let key = RunKey(attempt.key) else { return nil }
            // A run that nobody began is started by the next trigger, with all that was prepared for it.
            switch try await runs.observe(key) {
            case .unknownKey, .starting: return nil
            case .running, .ended, .lost: return run(of: attempt)
            }
        }
    }

    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        guard let key = RunKey(run.id) else { return .refused(FailureWords.runGone) }
        return await answer {
            switch try await runs.observe(key) {
            case .unknownKey: return Observation(status: .lost(reason: "the run's folder is gone"))
            case .starting: return Observation(status: .waiting)
            case .running: return Observation(status: .running)
            case .lost: return Observation(status: .lost(reason: "nobody supervises the run any more"))
            case .ended(let end):
                return Observation(status: end.status(limits: order.recipe.build.limits))
            }
        }
    }

    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        guard let key = RunKey(run.id) else { return .refused(FailureWords.runGone) }
        return await answer { try await runs.log(of: key, from: Int(offset), limit: limit) }
    }

    package func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await answer {
            guard let key = RunKey(attempt.key) else { return }
            try await runs.cancel(key)
        }
    }

    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        guard let key = RunKey(attempt.key) else { return .done(()) }
        return await runs.endAndRemove(key)
    }

    package func changes(of run: Run) -> AsyncStream<Void>? {
        RunKey(run.id).map { runs.changes(of: $0) }
    }

    package func heldAttempts() async -> ProviderAnswer<[Attempt]> {
        await answer {
            let attempts = try await runs.list().compactMap { key in
                let text = key.rawValue
                let suffix = Verifier.suffix
                return Attempt.parse(text.hasSuffix(suffix) ? text.dropLast(suffix.count) : text[...])?.attempt
            }
            return Array(Set(attempts))
        }
    }

    private func run(of attempt: Attempt) -> Run {
        Run(attempt: attempt, provider: name, id: attempt.key, url: nil)
    }
}
