import Curl
package import Domain

extension BuildbotProvider {
    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        for recipe in recipes {
            guard case .buildbot(let settings)? = recipe.build.settings(at: .buildbot) else { continue }
            let master = BuildbotMaster(api: api, settings: settings, sessions: sessions)
            findings += await BuildbotCheck(master: master, recipe: recipe).findings()
        }
        return findings
    }
}

/// Whether one recipe's builds can be run: the address, the scheduler with its fields, the log-in, the right to start.
struct BuildbotCheck: Sendable {
    let master: BuildbotMaster
    let recipe: Recipe

    func findings() async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        do throws(RemoteFault) {
            let target = try await BuildbotTarget.find(at: master)
            findings.append(
                finding(
                    "force scheduler", target.isEnabled,
                    target.isEnabled ? "builds on `\(target.builder)`" : "it is switched off",
                    mend: "Switch the force scheduler `\(master.settings.scheduler)` on."))
            findings += fields(of: target)
        } catch {
            findings.append(unreached(error))
        }
        findings.append(await logIn())
        return findings
    }

    /// Buildbot ignores what it has no field for, without a word.
    private func fields(of target: BuildbotTarget) -> [ProviderFinding] {
        let own = [JobParameters.attempt, JobParameters.url]
        let names = own + recipe.build.parameters.map(\.name)
        var findings: [ProviderFinding] = []
        let missing = names.filter { name in target.kinds[name].map { $0 == .fixed } ?? true }
        findings.append(
            finding(
                "parameters", missing.isEmpty,
                missing.isEmpty
                    ? "the force scheduler takes all \(names.count)"
                    : "the force scheduler has no field for: \(missing.joined(separator: ", "))",
                mend:
                    "Give the scheduler `\(master.settings.scheduler)` a `util.StringParameter(name=..., default='')` "
                    + "for each."))
        let replaced = names.filter { target.fallbacks[$0] != nil }
        if !replaced.isEmpty {
            findings.append(
                finding(
                    "defaults", false,
                    "an empty value becomes the field's default: \(replaced.joined(separator: ", "))",
                    mend: "Write `default=''` for these fields in master.cfg."))
        }
        let unserved = target.required.subtracting(names).sorted()
        if !unserved.isEmpty {
            findings.append(
                finding(
                    "required fields", false, "no parameter fills: \(unserved.joined(separator: ", "))",
                    mend: "Add them to `build.parameters`, or drop `required=True`."))
        }
        let reserved = names.filter(BuildbotTarget.reserved.contains)
        if !reserved.isEmpty {
            findings.append(
                finding(
                    "reserved names", false, "Buildbot keeps for itself: \(reserved.joined(separator: ", "))",
                    mend: "Name these parameters otherwise."))
        }
        return findings
    }

    private func logIn() async -> ProviderFinding {
        do throws(RemoteFault) {
            guard try await master.logIn() else {
                return finding("log-in", true, "none is set", mend: nil)
            }
            // A method that nobody has: refused without the right, and without any effect with it.
            let path = "forceschedulers/\(master.settings.scheduler.percentEncoded)"
            _ = try await master.control(path, "kiln-check", [:], for: .reading)
            return finding("log-in", true, "`\(master.settings.user ?? "")` may start builds", mend: nil)
        } catch {
            if let secret = master.settings.password, master.api.tools.secret(secret) == nil {
                return finding("log-in", false, secret.isMissing, mend: secret.place)
            }
            return finding(
                "log-in", false, error.words,
                mend: "Look at `user` and `password` in the recipe, at the secret, and at `authz` in master.cfg.")
        }
    }

    private func unreached(_ fault: RemoteFault) -> ProviderFinding {
        if case .missing = fault {
            let builder = master.settings.builder.map { ", or it does not start the builder `\($0)`" } ?? ""
            return finding(
                "force scheduler", false, "there is none of the name `\(master.settings.scheduler)`\(builder)",
                mend: "Look at `scheduler` and `builder` in the recipe and at `c['schedulers']` in master.cfg.")
        }
        return finding(
            "address", false, fault.words, mend: "See that \(master.settings.baseURL) can be reached from here.")
    }

    private func finding(_ part: String, _ passed: Bool, _ message: String, mend: String?) -> ProviderFinding {
        ProviderFinding(
            subject: "recipe \(recipe.id): Buildbot \(part)", passed: passed, message: message,
            mend: passed ? nil : mend)
    }
}
