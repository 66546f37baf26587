import Domain

/// Makes a provider's settings from a build step in which no errors were found.
struct ProviderDecoder {
    private let build: ObjectReader

    init(_ build: ObjectReader) {
        self.build = build
    }

    func settings(of name: String) throws(ObjectReader.Gap) -> ProviderSettings {
        switch ProviderSettings.Name(rawValue: name) {
        case .local: .local
        case .github: .github(try github(build.object("github", RecipeFormat.github)))
        case .gitlab: .gitlab(try gitlab(build.object("gitlab", RecipeFormat.gitlab)))
        case .gitea: .gitea(try gitea(build.object("gitea", RecipeFormat.gitea)))
        case .travis: .travis(try travis(build.object("travis", RecipeFormat.travis)))
        case .jenkins: .jenkins(try jenkins(build.object("jenkins", RecipeFormat.jenkins)))
        case .buildbot: .buildbot(try buildbot(build.object("buildbot", RecipeFormat.buildbot)))
        case .webhook: .webhook(try webhook(build.object("webhook", RecipeFormat.webhook)))
        case nil: throw ObjectReader.Gap(key: "provider")
        }
    }

    private func github(_ reader: ObjectReader) throws(ObjectReader.Gap) -> GitHubSettings {
        let trigger: GitHubSettings.Trigger
        if let event = try reader.optional("event", \.string) {
            trigger = .repository(eventType: event)
        } else {
            trigger = .workflow(try reader.text("workflow"))
        }
        let credential: GitHubSettings.Credential
        if reader.has("token") {
            credential = .token(SecretName(try reader.text("token")))
        } else {
            credential = .app(
                id: try reader.text("app_id"), installation: Int64(try reader.integer("installation_id")),
                privateKey: SecretName(try reader.text("private_key")))
        }
        return GitHubSettings(
            baseURL: try reader.baseAddress(), repository: try reader.slug(), trigger: trigger,
            ref: try reader.text("ref"), credential: credential, webhookSecret: try reader.secret("webhook_secret"),
            releaseTag: try reader.optionalTemplate("release_tag"))
    }

    private func gitlab(_ reader: ObjectReader) throws(ObjectReader.Gap) -> GitLabSettings {
        GitLabSettings(
            baseURL: try reader.baseAddress(), project: try reader.text("project"), ref: try reader.text("ref"),
            token: SecretName(try reader.text("token")), triggerToken: try reader.secret("trigger_token"),
            webhookSecret: try reader.secret("webhook_secret"),
            releaseTag: try reader.optionalTemplate("release_tag"))
    }

    private func gitea(_ reader: ObjectReader) throws(ObjectReader.Gap) -> GiteaSettings {
        GiteaSettings(
            baseURL: try reader.baseAddress(), repository: try reader.slug(), workflow: try reader.text("workflow"),
            ref: try reader.text("ref"), token: SecretName(try reader.text("token")),
            webhookSecret: try reader.secret("webhook_secret"),
            releaseTag: try reader.optionalTemplate("release_tag"))
    }

    private func travis(_ reader: ObjectReader) throws(ObjectReader.Gap) -> TravisSettings {
        TravisSettings(
            baseURL: try reader.baseAddress(), repository: try reader.slug(), branch: try reader.text("branch"),
            token: SecretName(try reader.text("token")))
    }

    private func jenkins(_ reader: ObjectReader) throws(ObjectReader.Gap) -> JenkinsSettings {
        JenkinsSettings(
            baseURL: try reader.baseAddress(), job: try reader.text("job"), user: try reader.text("user"),
            token: SecretName(try reader.text("token")))
    }

    private func buildbot(_ reader: ObjectReader) throws(ObjectReader.Gap) -> BuildbotSettings {
        BuildbotSettings(
            baseURL: try reader.baseAddress(), scheduler: try reader.text("scheduler"),
            builder: try reader.optional("builder", \.string), user: try reader.optional("user", \.string),
            password: try reader.secret("password"))
    }

    private func webhook(_ reader: ObjectReader) throws(ObjectReader.Gap) -> WebhookSettings {
        WebhookSettings(url: try reader.text("url"), secret: SecretName(try reader.text("secret")))
    }
}

extension ObjectReader {
    /// Without the slash at its end.
    fileprivate func baseAddress() throws(Gap) -> String {
        var address = try text("url")
        while address.hasSuffix("/") { address.removeLast() }
        return address
    }

    fileprivate func slug() throws(Gap) -> RepositorySlug {
        guard let slug = RepositorySlug(try text("repository")) else { throw Gap(key: "repository") }
        return slug
    }

    fileprivate func secret(_ key: String) throws(Gap) -> SecretName? {
        try optional(key, \.string).map { SecretName($0) }
    }

    fileprivate func optionalTemplate(_ key: String) throws(Gap) -> JobTemplate? {
        guard let text = try optional(key, \.string) else { return nil }
        return try Self.template(text, key)
    }

    func template(_ key: String) throws(Gap) -> JobTemplate {
        try Self.template(try text(key), key)
    }

    static func template(_ text: String, _ key: String) throws(Gap) -> JobTemplate {
        do throws(JobTemplate.Fault) { return try JobTemplate(text) } catch { throw Gap(key: key) }
    }
}
