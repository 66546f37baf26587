import Curl
package import Domain

extension GiteaProvider {
    /// Where servers look for workflows, in their order.
    private static let folders = [".gitea/workflows", ".forgejo/workflows", ".github/workflows"]

    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        for recipe in recipes {
            guard case .gitea(let settings) = recipe.build.settings(at: .gitea) else { continue }
            findings += await check(settings, subject: "recipe \(recipe.id): gitea")
        }
        return findings
    }

    private func check(_ settings: GiteaSettings, subject: String) async -> [ProviderFinding] {
        var findings = tools.findings(for: ProviderSettings.gitea(settings).secrets, subject: subject)
        let calls: GiteaCalls
        do throws(RemoteFault) { calls = try GiteaCalls(settings, tools) } catch { return findings }
        do throws(RemoteFault) {
            let repository = try await calls.forge.json(GiteaRepository.self, calls.repository)
            findings += Self.findings(repository, settings, subject)
        } catch {
            return findings + [
                ProviderFinding(
                    subject: "\(subject): repository", passed: false, message: error.words,
                    mend:
                        "Look at the address, the token and the repository: without rights the server says that it is not there."
                )
            ]
        }
        findings.append(await checkWorkflow(calls, subject))
        return findings
    }

    private static func findings(
        _ repository: GiteaRepository, _ settings: GiteaSettings, _ subject: String
    ) -> [ProviderFinding] {
        let name = repository.full_name ?? settings.repository.description
        let isOn = repository.has_actions != false && repository.archived != true
        let mayPush = repository.permissions?.push != false
        return [
            ProviderFinding(
                subject: "\(subject): repository", passed: isOn,
                message: isOn ? "\(name) is there" : "\(name) runs no workflows",
                mend: isOn ? nil : "Switch Actions on in the repository's settings."),
            ProviderFinding(
                subject: "\(subject): token", passed: mayPush,
                message: mayPush ? "its user may write" : "its user may only read",
                mend: mayPush ? nil : "Give the token's user write access, and the token the scope `write:repository`."),
        ]
    }

    /// The file at the ref, and whether runs of it can be found by their key.
    private func checkWorkflow(_ calls: GiteaCalls, _ subject: String) async -> ProviderFinding {
        let subject = "\(subject): workflow"
        let settings = calls.settings
        for folder in Self.folders {
            let answer: HTTPAnswer
            do throws(RemoteFault) {
                answer = try await calls.forge.send(
                    .get, "\(calls.repository)/raw/\(folder)/\(settings.workflow.percentEncoded)",
                    query: [("ref", settings.ref)], for: .reading)
            } catch .missing {
                continue
            } catch {
                return ProviderFinding(
                    subject: subject, passed: false, message: error.words, mend: "Look at the token's rights.")
            }
            let lines = String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
            let isNamed = lines.contains { $0.hasPrefix("run-name:") && $0.contains(JobParameters.attempt) }
            return ProviderFinding(
                subject: subject, passed: isNamed,
                message: isNamed
                    ? "\(folder)/\(settings.workflow) is there on \(settings.ref)"
                    : "the `run-name` of \(folder)/\(settings.workflow) does not show KILN_ATTEMPT",
                mend: isNamed
                    ? nil
                    : "Add the line `run-name: Kiln ${{ inputs.KILN_ATTEMPT }}`; without it a lost answer starts a second run."
            )
        }
        return ProviderFinding(
            subject: subject, passed: false,
            message: "\(settings.workflow) is not there on \(settings.ref)",
            mend: "Push it to .gitea/workflows on that branch, or correct `workflow` and `ref` in the recipe.")
    }
}
