import BuildRunner
import Domain
import Foundation
import Logging
import Mailer
import Recipes
import Sandbox
import Storage

extension Parts {
    /// What `/health-check` asks.
    func checks(
        providers: [any BuildProvider], states: @escaping @Sendable () -> [ProviderState],
        mail: MailRoute?
    ) -> [HealthCheck] {
        let (store, provider, recipes, sandbox, clock) = (store, provider, recipes, sandbox, clock)
        let (folder, logger) = (data.path, logger)
        var checks = [
            HealthCheck(name: "database") {
                do {
                    try await store.probe()
                    return .init(passed: true, output: "answers and takes writes")
                } catch {
                    logger.error("The database failed its check", metadata: ["error": "\(error)"])
                    return .init(passed: false, output: "does not take writes")
                }
            },
            HealthCheck(name: "disk") {
                guard let space = try? DiskSpace.at(path: folder) else {
                    return .init(passed: false, output: "unknown")
                }
                let free = "\(space.freeBytes.sizeText) free"
                return .init(passed: space.freeBytes >= Self.leastFreeBytes, output: free)
            },
            HealthCheck(name: "sandbox") {
                switch await SandboxCheck.probe(sandbox) {
                case .isolated: return .init(passed: true, output: "builds are isolated")
                case .refused(let reason, _):
                    let allowed = sandbox.allowUnsandboxed ? "allowed by the operator; " : "builds are refused; "
                    return .init(passed: sandbox.allowUnsandboxed, output: "no isolation: \(allowed)\(reason)")
                }
            },
            HealthCheck(name: "recipes") {
                let offered = recipes.recipes.filter(\.isOffered)
                let broken = recipes.hasErrors ? ["a recipe cannot be used, see `kiln check`"] : []
                let faults = broken + (await provider.check(offered)).filter { !$0.passed }.map(\.subject)
                let output = faults.isEmpty ? "\(offered.count) offered" : faults.joined(separator: "; ")
                return .init(passed: faults.isEmpty, output: output)
            },
            HealthCheck(name: "outbox") {
                guard let summary = try? await store.outboxSummary() else {
                    return .init(passed: false, output: "cannot be read")
                }
                let age = summary.oldestWaitingAt.map { clock.now() - $0 } ?? .zero
                return .init(passed: age < .seconds(3600), output: Self.words(on: summary, age: age))
            },
        ]
        checks += providers.compactMap { remote in
            let built = recipes.recipes.filter { recipe in
                recipe.isOffered && recipe.build.providers.contains { $0.name.rawValue == remote.name }
            }
            guard remote.name != provider.name, !built.isEmpty else { return nil }
            return ProviderHealth(remote, recipes: built, states: states, clock: clock, logger: logger).check
        }
        if recipes.recipes.contains(where: { $0.sign != nil }) {
            let signer = productSigner
            checks.append(
                HealthCheck(name: "signing") {
                    // The words are the operator's; others learn that something is wrong.
                    guard let trouble = await signer.trouble() else {
                        return .init(passed: true, output: "keys open, tools are there")
                    }
                    logger.error("Nothing can be signed", metadata: ["reason": "\(trouble)", "mend": "kiln doctor"])
                    return .init(passed: false, output: "products cannot be signed, see `kiln doctor`")
                })
        }
        if let mail { checks.append(MailHealth(mail, clock: clock, logger: logger).check) }
        return checks
    }

    private static func words(on outbox: OutboxSummary, age: Duration) -> String {
        var words = ["\(outbox.waiting) waiting"]
        if outbox.waiting > 0 { words.append("the oldest for \(Quantity.span(age))") }
        words.append("\(outbox.refused) refused")
        if outbox.bounced > 0 { words.append("\(outbox.bounced) came back") }
        return words.joined(separator: ", ")
    }

    /// Says at start, loudly, what would otherwise be learnt from a failed build.
    func warnOfWhatStopsBuilds() async {
        if case .refused(let reason, let mend) = await SandboxCheck.probe(sandbox) {
            let what: Logger.Message =
                sandbox.allowUnsandboxed
                ? "Builds are NOT isolated, as the operator allowed"
                : "Builds are refused: this machine cannot isolate them"
            logger.error(what, metadata: ["reason": "\(reason)", "mend": "\(mend)"])
        }
        for finding in await provider.check(recipes.recipes) where !finding.passed && finding.subject != "sandbox" {
            logger.error(
                "A recipe cannot be built yet",
                metadata: [
                    "subject": "\(finding.subject)", "finding": "\(finding.message)",
                    "mend": "\(finding.mend ?? "kiln doctor")",
                ])
        }
        if recipes.recipes.contains(where: { $0.sign != nil }), let trouble = await productSigner.trouble() {
            logger.error(
                "Nothing can be signed: builds of recipes with `sign` wait",
                metadata: ["reason": "\(trouble)", "mend": "kiln doctor"])
        }
        for recipe in recipes.recipes {
            for secret in recipe.build.providers.flatMap(\.secrets) where secrets.value(of: secret) == nil {
                logger.error(
                    "A recipe names a secret that is not set",
                    metadata: ["recipe": "\(recipe.id)", "secret": "\(secret)", "mend": "\(secret.place)"])
            }
        }
    }

    /// Below this, uploads and builds are about to fail.
    static let leastFreeBytes: Int64 = 256 << 20
}
