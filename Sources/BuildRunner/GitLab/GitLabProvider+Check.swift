import Curl
package import Domain

extension GitLabProvider {
    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        for recipe in recipes {
            guard case .gitlab(let settings) = recipe.build.settings(at: .gitlab) else { continue }
            findings += await check(settings, subject: "recipe \(recipe.id): gitlab")
        }
        return findings
    }

    private func check(_ settings: GitLabSettings, subject: String) async -> [ProviderFinding] {
        var findings = tools.findings(for: ProviderSettings.gitlab(settings).secrets, subject: subject)
        let calls: GitLabCalls
        do throws(RemoteFault) { calls = try GitLabCalls(settings, tools) } catch { return findings }
        let project: GitLabProject
        do throws(RemoteFault) {
            project = try await calls.forge.json(GitLabProject.self, calls.project)
        } catch {
            return findings + [finding("\(subject): project", error, mend: Self.mend(project: settings.project))]
        }
        findings.append(
            ProviderFinding(
                subject: "\(subject): project", passed: project.builds_access_level != "disabled",
                message: project.builds_access_level == "disabled"
                    ? "CI/CD is switched off" : "\(project.path_with_namespace ?? settings.project) is there",
                mend: project.builds_access_level == "disabled"
                    ? "Switch CI/CD on in the project's settings, under Visibility." : nil))
        findings += await checkToken(calls, subject)
        findings.append(await checkRef(calls, subject))
        if project.ci_pipeline_variables_minimum_override_role == "no_one_allowed" {
            findings.append(
                ProviderFinding(
                    subject: "\(subject): variables", passed: false, message: "pipelines take no variables",
                    mend:
                        "In Settings > CI/CD > Variables, let Developers or Maintainers use pipeline variables, whichever the token is."
                ))
        }
        if settings.triggerToken != nil {
            findings.append(
                ProviderFinding(
                    subject: "\(subject): trigger token", passed: true,
                    message: "not tried: that would start a pipeline"))
        }
        return findings
    }

    private func checkToken(_ calls: GitLabCalls, _ subject: String) async -> [ProviderFinding] {
        let subject = "\(subject): token"
        do throws(RemoteFault) {
            let token = try await calls.forge.json(GitLabToken.self, "/personal_access_tokens/self")
            let scopes = token.scopes ?? []
            let isEnough = scopes.contains("api")
            return [
                ProviderFinding(
                    subject: subject, passed: isEnough,
                    message: "its scopes are \(scopes.joined(separator: ", "))"
                        + (token.expires_at.map { "; it ends on \($0)" } ?? ""),
                    mend: isEnough ? nil : "Make one with the scope `api`.")
            ]
        } catch .missing {
            // Servers before 15.5 and tokens of other kinds cannot be asked; the project's own answer was a yes.
            return [ProviderFinding(subject: subject, passed: true, message: "accepted; its scopes are not told")]
        } catch {
            return [finding(subject, error, mend: "Make a new one with the scope `api`.")]
        }
    }

    private func checkRef(_ calls: GitLabCalls, _ subject: String) async -> ProviderFinding {
        let ref = calls.settings.ref
        do throws(RemoteFault) {
            _ = try await calls.forge.send(
                .get, "\(calls.project)/repository/commits/\(ref.percentEncoded)", for: .reading)
            return ProviderFinding(subject: "\(subject): ref", passed: true, message: "\(ref) is there")
        } catch {
            return finding("\(subject): ref", error, mend: "Correct `ref` in the recipe, or push that branch or tag.")
        }
    }

    private func finding(_ subject: String, _ fault: RemoteFault, mend: String) -> ProviderFinding {
        ProviderFinding(subject: subject, passed: false, message: fault.words, mend: mend)
    }

    private static func mend(project: String) -> String {
        "Look at the address, the token and the project `\(project)`: without rights GitLab says that it is not there."
    }
}
