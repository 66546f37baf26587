package import Domain

extension TravisProvider {
    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        var accounts: Set<String> = []
        for recipe in recipes {
            guard case .travis(let settings) = recipe.build.settings(at: .travis) else { continue }
            let subject = "recipe \(recipe.id): travis \(settings.repository)"
            guard let client = try? TravisClient(settings, api: api) else {
                findings.append(
                    ProviderFinding(
                        subject: subject, passed: false, message: settings.token.isMissing,
                        mend: "It is an API token of Travis. \(settings.token.place)"))
                continue
            }
            if accounts.insert("\(settings.baseURL) \(settings.token)").inserted {
                findings.append(await check(accountOf: settings, client))
            }
            findings += Self.check(parametersOf: recipe, subject)
            findings.append(await check(repositoryOf: settings, subject, client))
            if recipe.watch.release == nil {
                findings.append(
                    ProviderFinding(
                        subject: subject, passed: true,
                        message:
                            "Travis keeps no files and the recipe watches no release link: the job has to send them",
                        mend: "call `kiln-report upload FILE` in .travis.yml, or add `watch.release` to the recipe"))
            }
        }
        return findings
    }

    /// Address and credentials.
    private func check(accountOf settings: TravisSettings, _ client: TravisClient) async -> ProviderFinding {
        let subject = "travis \(settings.baseURL)"
        do throws(RemoteFault) {
            let user = try await client.json(TravisAnswers.User.self, of: "\(client.base)/user")
            return ProviderFinding(
                subject: subject, passed: true, message: "Travis knows the token as \(user.login.shownLine())")
        } catch {
            return ProviderFinding(
                subject: subject, passed: false, message: error.words,
                mend: "see that `url` is the API's address, and set KILN_SECRET_\(settings.token) to a valid token")
        }
    }

    private static func check(parametersOf recipe: Recipe, _ subject: String) -> [ProviderFinding] {
        recipe.build.parameters.map(\.name).filter { !TravisVariable.isName($0) }.map { name in
            ProviderFinding(
                subject: subject, passed: false, message: "the parameter `\(name)` cannot be an environment variable",
                mend: "name it with letters, digits and `_`")
        }
    }

    /// The repository, the right to start builds of it, and the branch.
    private func check(
        repositoryOf settings: TravisSettings, _ subject: String, _ client: TravisClient
    ) async -> ProviderFinding {
        func finding(_ passed: Bool, _ message: String, _ mend: String? = nil) -> ProviderFinding {
            ProviderFinding(subject: subject, passed: passed, message: message, mend: mend)
        }
        do throws(RemoteFault) {
            let repository = try await client.json(TravisAnswers.Repository.self, of: client.repository)
            if repository.active == false {
                return finding(
                    false, "the repository is not active at Travis", "switch it on in Travis' settings of it")
            }
            if repository.permissions?.createRequest == false {
                return finding(
                    false, "the token's user may not start builds of the repository",
                    "give the user the right to push to it, and let Travis synchronise the account")
            }
        } catch .missing {
            return finding(
                false, "Travis knows no such repository, or the token's user may not see it",
                "mend `repository` in the recipe, or give Travis and the user access to it")
        } catch {
            return finding(false, error.words)
        }
        do throws(RemoteFault) {
            let address = "\(client.repository)/branch/\(settings.branch.percentEncoded)"
            let branch = try await client.json(TravisAnswers.Branch.self, of: address)
            guard branch.existsOnGitHub != false else { throw .missing(reason: "") }
            return finding(true, "builds of the branch \(settings.branch) can be started")
        } catch .missing {
            return finding(
                false, "Travis knows no branch \(settings.branch) of it", "push the branch, or mend `branch`")
        } catch {
            return finding(false, error.words)
        }
    }
}
