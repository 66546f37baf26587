import Curl
package import Domain

extension JenkinsProvider {
    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        var servers: Set<JenkinsSettings> = []
        for recipe in recipes {
            guard case .jenkins(let settings) = recipe.build.settings(at: .jenkins) else { continue }
            var server = settings
            server.job = ""
            do throws(RemoteFault) {
                let client = try JenkinsClient(settings, api: api)
                if servers.insert(server).inserted { findings.append(await check(serverOf: settings, client)) }
                findings += await check(jobOf: recipe, settings, client)
            } catch .refusedUntil(_, let reason) {
                findings.append(
                    ProviderFinding(
                        subject: "recipe \(recipe.id): jenkins", passed: false, message: reason,
                        mend: "It is an API token of the user \(settings.user). \(settings.token.place)"))
            } catch {
                findings.append(
                    ProviderFinding(
                        subject: "recipe \(recipe.id): jenkins", passed: false,
                        message: "the job's name `\(settings.job)` cannot be one",
                        mend: "write it as Jenkins shows its full name: `folder/image`"))
            }
        }
        return findings
    }

    /// Address, version and credentials.
    private func check(serverOf settings: JenkinsSettings, _ client: JenkinsClient) async -> ProviderFinding {
        func finding(_ passed: Bool, _ message: String, _ mend: String? = nil) -> ProviderFinding {
            ProviderFinding(subject: "jenkins \(settings.baseURL)", passed: passed, message: message, mend: mend)
        }
        let answer: HTTPAnswer
        do throws(RemoteFault) {
            answer = try await api.send(
                client.request(.get, "\(client.base)/me/api/json?tree=id"), for: .reading,
                also: [302, 303, 401, 403, 404])
        } catch {
            return finding(false, error.words, "see whether Jenkins runs, and mend `url` in the recipe")
        }
        guard let version = answer.headers["x-jenkins"] else {
            return finding(
                false, "what answers \(answer.status) there is no Jenkins",
                "write Jenkins' own address, with its prefix: `https://ci.example.org/jenkins`")
        }
        let shown = version.shownLine()
        guard answer.status == 200 else {
            return finding(
                false, "Jenkins \(shown) does not accept the user \(settings.user) with the token \(settings.token)",
                "make an API token on the user's Security page and set KILN_SECRET_\(settings.token) to it")
        }
        return finding(true, "Jenkins \(shown) knows the user \(settings.user)")
    }

    /// Whether the job is there and takes everything that it is given: Jenkins drops, without a word, parameters that a
    /// job does not define.
    private func check(
        jobOf recipe: Recipe, _ settings: JenkinsSettings, _ client: JenkinsClient
    ) async -> [ProviderFinding] {
        func finding(_ passed: Bool, _ message: String, _ mend: String? = nil) -> ProviderFinding {
            ProviderFinding(
                subject: "recipe \(recipe.id): jenkins job \(settings.job)", passed: passed, message: message,
                mend: mend)
        }
        let job: JenkinsAnswers.Job
        do throws(RemoteFault) {
            job = try await client.json(
                JenkinsAnswers.Job.self, of: client.job,
                tree: "buildable,property[parameterDefinitions[name,type]],actions[parameterDefinitions[name,type]]")
        } catch .missing {
            return [
                finding(
                    false, "there is no such job, or the user \(settings.user) may not read it",
                    "make the job, or give the user the rights Job/Read, Job/Build and Job/Cancel")
            ]
        } catch {
            return [finding(false, error.words)]
        }
        if job.buildable == false { return [finding(false, "the job is disabled", "enable it in Jenkins")] }
        let wanted =
            [JobParameters.attempt, JobParameters.url] + recipe.build.parameters.map(\.name)
        let missing = wanted.filter { name in !job.definitions.contains { $0.name == name } }
        guard missing.isEmpty else {
            let names = missing.joined(separator: ", ")
            return [
                finding(
                    false, "the job does not define \(names): Jenkins drops them",
                    "add \(names) to the job's parameters; a Jenkinsfile's count once it has run for the first time")
            ]
        }
        let type = job.definitions.first { $0.name == JobParameters.url }?.type
        return [
            finding(
                true,
                type == "PasswordParameterDefinition"
                    ? "it takes all \(wanted.count) parameters"
                    : "it takes all \(wanted.count) parameters; \(JobParameters.url) would be hidden as a password one")
        ]
    }
}
