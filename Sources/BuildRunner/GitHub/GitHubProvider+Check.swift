import Curl
package import Domain

extension GitHubProvider {
    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        for recipe in recipes {
            guard case .github(let settings) = recipe.build.settings(at: .github) else { continue }
            findings += await check(recipe, settings)
        }
        return findings
    }

    private func check(_ recipe: Recipe, _ settings: GitHubSettings) async -> [ProviderFinding] {
        let subject = "recipe \(recipe.id): github"
        var findings = checkParameters(recipe, settings, subject)
        if let name = settings.webhookSecret, tools.secret(name)?.isEmpty ?? true {
            findings.append(
                ProviderFinding(
                    subject: "\(subject) webhook", passed: false, message: name.isMissing,
                    mend: "\(name.place) Give it to the webhook at GitHub too."))
        }
        let api = api(settings)
        do throws(RemoteFault) {
            findings += try await checkRepository(api, subject)
        } catch {
            findings.append(
                ProviderFinding(
                    subject: "\(subject) \(settings.repository)", passed: false, message: error.words,
                    mend: missing(settings)?.place ?? Self.mend(error, settings)))
            return findings
        }
        guard case .workflow(let workflow) = settings.trigger else { return findings }
        let place = "\(subject) workflow \(workflow)"
        do throws(RemoteFault) {
            let seen = try await api.get(
                GitHubAnswers.Workflow.self, "\(api.repository)/actions/workflows/\(workflow.percentEncoded)")
            let isActive = seen.state == "active"
            findings.append(
                ProviderFinding(
                    subject: place, passed: isActive, message: "\(seen.path) is \(seen.state)",
                    mend: isActive ? nil : "Enable the workflow on the repository's Actions page."))
        } catch {
            findings.append(
                ProviderFinding(
                    subject: place, passed: false, message: error.words,
                    mend: "The workflow's file has to be on the default branch, below .github/workflows."))
        }
        return findings
    }

    private func checkParameters(_ recipe: Recipe, _ settings: GitHubSettings, _ subject: String) -> [ProviderFinding] {
        guard case .workflow = settings.trigger else { return [] }
        // KILN_ATTEMPT and KILN_URL come on top.
        let count = recipe.build.parameters.count + 2
        guard count > Self.mostInputs else { return [] }
        return [
            ProviderFinding(
                subject: "\(subject) parameters", passed: false,
                message: "\(count) parameters; a workflow takes at most \(Self.mostInputs) inputs",
                mend: "Leave some to $KILN_URL/build.json, which holds every field, or use repository_dispatch.")
        ]
    }

    private func checkRepository(_ api: GitHubAPI, _ subject: String) async throws(RemoteFault) -> [ProviderFinding] {
        let answer = try await api.send(GitHubAPI.Call(path: api.repository))
        let seen = try api.remote.decode(GitHubAnswers.Repository.self, answer, for: .reading)
        var findings = [
            ProviderFinding(
                subject: "\(subject) \(api.settings.repository)", passed: seen.isArchived != true,
                message: seen.isArchived == true ? "the repository is archived" : "reached, credentials are good",
                mend: seen.isArchived == true ? "Archived repositories run nothing: unarchive it." : nil)
        ]
        if let finding = rights(seen, try await GitHubCredentials(api: api).permissions(), api, subject) {
            findings.append(finding)
        }
        if let left = answer.headers["x-ratelimit-remaining"].flatMap({ Int($0) }),
            let limit = answer.headers["x-ratelimit-limit"].flatMap({ Int($0) }), limit > 0
        {
            let isEnough = left * 10 >= limit
            findings.append(
                ProviderFinding(
                    subject: "\(subject) rate limit", passed: isEnough, message: "\(left) of \(limit) calls are left",
                    mend: isEnough ? nil : "Raise the recipe's poll interval, set up the webhook, or use a GitHub App.")
            )
        }
        return findings
    }

    /// What a fine-grained token may do is not told; the user's own rights and an App's are.
    private func rights(
        _ seen: GitHubAnswers.Repository, _ app: [String: String]?, _ api: GitHubAPI, _ subject: String
    ) -> ProviderFinding? {
        let needed: String
        let has: Bool
        if let app {
            needed =
                if case .repository = api.settings.trigger { "contents" } else { "actions" }
            has = app[needed] == "write" && app["actions"] != nil
        } else if let permissions = seen.permissions {
            needed = "push"
            has = permissions["push"] == true
        } else {
            return nil
        }
        return ProviderFinding(
            subject: "\(subject) rights", passed: has, message: has ? "\(needed) is given" : "\(needed) is missing",
            mend: has
                ? nil
                : "Give the token or App the rights that docs/providers/github.md names: Actions read and write.")
    }

    private func missing(_ settings: GitHubSettings) -> SecretName? {
        let name: SecretName
        switch settings.credential {
        case .token(let token): name = token
        case .app(_, _, let key): name = key
        }
        return tools.secret(name)?.isEmpty ?? true ? name : nil
    }

    private static func mend(_ fault: RemoteFault, _ settings: GitHubSettings) -> String {
        switch fault {
        case .missing:
            "Check the repository's name, and that the token or App may see it: GitHub answers 404 for both."
        case .refusedUntil, .refused, .unknown:
            switch settings.credential {
            case .token(let name): "Check the address, and the token in KILN_SECRET_\(name): it may have expired."
            case .app(_, _, let name):
                "Check the address, the App's id and installation, and its key in KILN_SECRET_\(name)."
            }
        }
    }
}
