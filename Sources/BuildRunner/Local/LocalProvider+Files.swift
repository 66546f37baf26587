package import Domain
import Sandbox

extension LocalProvider {
    package func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> {
        guard let key = RunKey(run.id) else { return .refused(FailureWords.runGone) }
        let folder = "\(runs.files(of: key))/out"
        return await answer {
            try await Blocking.run { () throws(FileFault) in
                try FolderWork.plainFiles(in: folder).map { ProducedFile(name: $0.name, bytes: $0.bytes) }
            }
        }
    }

    package func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> {
        guard let key = RunKey(run.id), !file.name.contains("/"), file.name != "..", file.name != "." else {
            return .refused(FailureWords.runGone)
        }
        let source = "\(runs.files(of: key))/out/\(file.name)"
        return await answer {
            try await Blocking.run { () throws(FileFault) in
                try FileWork.share(source, as: path, limit: limit)
            }
        }
    }

    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        switch await SandboxCheck.probe(settings) {
        case .isolated:
            findings.append(ProviderFinding(subject: "sandbox", passed: true, message: "builds run isolated"))
        case .refused(let reason, let mend):
            findings.append(
                ProviderFinding(
                    subject: "sandbox", passed: settings.allowUnsandboxed,
                    message: settings.allowUnsandboxed ? "builds run WITHOUT isolation: \(reason)" : reason, mend: mend)
            )
        }
        for recipe in recipes where recipe.build.settings(at: .local) != nil || recipe.check != nil {
            findings += await check(recipe)
        }
        return findings
    }

    private func check(_ recipe: Recipe) async -> [ProviderFinding] {
        let steps = [recipe.prepare?.tools, recipe.check?.tools, recipe.build.tools, recipe.verify?.tools]
        let tools = Set(steps.compactMap(\.self).joined()).sorted()
        let missing = tools.filter { tool in
            !["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains {
                FolderWork.exists("\($0)/\(tool)")
            }
        }
        var findings = [
            ProviderFinding(
                subject: "recipe \(recipe.id): tools", passed: missing.isEmpty,
                message: missing.isEmpty
                    ? (tools.isEmpty ? "none are needed" : "all \(tools.count) are installed")
                    : "missing: \(missing.joined(separator: ", "))",
                mend: missing.isEmpty ? nil : "Install them (`make setup` does on Debian).")
        ]
        do {
            switch try await prepared.status(of: recipe) {
            case .notNeeded: break
            case .ready(let path):
                findings.append(
                    ProviderFinding(subject: "recipe \(recipe.id): prepared files", passed: true, message: path))
            case .missing(let path):
                findings.append(
                    ProviderFinding(
                        subject: "recipe \(recipe.id): prepared files", passed: false, message: "\(path) is missing",
                        mend: "Run `kiln prepare \(recipe.id)`."))
            }
        } catch {
            findings.append(
                ProviderFinding(
                    subject: "recipe \(recipe.id): prepared files", passed: false, message: "\(error)",
                    mend: "Look at the recipe's folder and its modes."))
        }
        return findings
    }
}

/// A local call's outcome; what is thrown leaves open what happened.
func answer<Value: Sendable>(_ body: () async throws -> Value) async -> ProviderAnswer<Value> {
    do {
        return .done(try await body())
    } catch let fault as FileFault {
        switch fault {
        case .notAFile, .tooLarge: return .refused(FailureWords.unusableFile)
        case .system: return .unknown(reason: "\(fault)")
        }
    } catch {
        return .unknown(reason: "\(error)")
    }
}

extension LocalRuns {
    /// How long an ended run may take to be gone.
    private static let endLimit = Duration.seconds(5)

    /// Ends a run and removes its folder; done too if there is none.
    func endAndRemove(_ key: RunKey) async -> ProviderAnswer<Void> {
        do {
            try await cancel(key)
            var seen = try await observe(key)
            let deadline = ContinuousClock.now + Self.endLimit
            while seen.isUnderWay {
                guard ContinuousClock.now < deadline else {
                    return .refusedUntil(after: .seconds(2), reason: "the run has not ended yet")
                }
                seen = try await waitForChange(of: key, since: seen, timeout: .seconds(1))
            }
            while true {
                do {
                    try await remove(key)
                    return .done(())
                } catch SandboxError.stillRunning where ContinuousClock.now < deadline {
                    // The supervisor has written the end down and is about to go.
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        } catch {
            return .unknown(reason: "\(error)")
        }
    }
}

extension RunObservation {
    fileprivate var isUnderWay: Bool {
        if case .running = self { true } else { false }
    }
}
