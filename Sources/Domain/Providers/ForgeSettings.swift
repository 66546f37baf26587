/// GitHub Actions, also on GitHub Enterprise Server.
package struct GitHubSettings: Hashable, Sendable {
    package enum Trigger: Hashable, Sendable {
        /// `workflow_dispatch` of this workflow (file name or id); parameters become its inputs.
        case workflow(String)
        /// `repository_dispatch` with this event type; parameters become its `client_payload`. The workflow that it starts
        /// shows the key in its `run-name`.
        case repository(eventType: String)
    }

    package enum Credential: Hashable, Sendable {
        /// A personal access token, classic or fine-grained.
        case token(SecretName)
        /// A GitHub App: its id (or client id), its installation, its private key (PEM).
        case app(id: String, installation: Int64, privateKey: SecretName)
    }

    /// Of the REST API, without a slash at its end: `https://api.github.com`, `https://ghe.example.org/api/v3`.
    package var baseURL: String
    package var repository: RepositorySlug
    package var trigger: Trigger
    /// Branch or tag that is built.
    package var ref: String
    package var credential: Credential
    /// Signs webhooks that GitHub sends; `nil`: none are taken.
    package var webhookSecret: SecretName?
    /// The files come from the release with this tag; `nil`: from the run's artifacts.
    package var releaseTag: JobTemplate?

    package init(
        baseURL: String = "https://api.github.com", repository: RepositorySlug, trigger: Trigger, ref: String,
        credential: Credential, webhookSecret: SecretName? = nil, releaseTag: JobTemplate? = nil
    ) {
        self.baseURL = baseURL
        self.repository = repository
        self.trigger = trigger
        self.ref = ref
        self.credential = credential
        self.webhookSecret = webhookSecret
        self.releaseTag = releaseTag
    }
}

/// GitLab CI, on gitlab.com or a server of one's own.
package struct GitLabSettings: Hashable, Sendable {
    /// Of the server, without `/api/v4` and without a slash at its end.
    package var baseURL: String
    /// Its number, or its path (`group/sub/name`).
    package var project: String
    package var ref: String
    /// An access token with `api`; reads, cancels, and starts pipelines where there is no trigger token.
    package var token: SecretName
    /// A pipeline trigger token; `nil`: the pipeline API is used.
    package var triggerToken: SecretName?
    /// What GitLab sends as `X-Gitlab-Token`; `nil`: no webhooks are taken.
    package var webhookSecret: SecretName?
    /// The files come from the release with this tag; `nil`: from the jobs' artifacts.
    package var releaseTag: JobTemplate?

    package init(
        baseURL: String = "https://gitlab.com", project: String, ref: String, token: SecretName,
        triggerToken: SecretName? = nil, webhookSecret: SecretName? = nil, releaseTag: JobTemplate? = nil
    ) {
        self.baseURL = baseURL
        self.project = project
        self.ref = ref
        self.token = token
        self.triggerToken = triggerToken
        self.webhookSecret = webhookSecret
        self.releaseTag = releaseTag
    }
}

/// Gitea or Forgejo Actions.
package struct GiteaSettings: Hashable, Sendable {
    /// Of the server, without `/api/v1` and without a slash at its end.
    package var baseURL: String
    package var repository: RepositorySlug
    /// File name of the workflow.
    package var workflow: String
    package var ref: String
    package var token: SecretName
    /// Signs webhooks that Gitea sends (`X-Gitea-Signature`); `nil`: none are taken.
    package var webhookSecret: SecretName?
    /// The files come from the release with this tag; `nil`: from the run's artifacts.
    package var releaseTag: JobTemplate?

    package init(
        baseURL: String, repository: RepositorySlug, workflow: String, ref: String, token: SecretName,
        webhookSecret: SecretName? = nil, releaseTag: JobTemplate? = nil
    ) {
        self.baseURL = baseURL
        self.repository = repository
        self.workflow = workflow
        self.ref = ref
        self.token = token
        self.webhookSecret = webhookSecret
        self.releaseTag = releaseTag
    }
}
