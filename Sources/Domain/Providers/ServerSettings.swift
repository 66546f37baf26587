/// Travis CI, API version 3. It keeps no files: what comes out is found by its release link or sent by callback.
package struct TravisSettings: Hashable, Sendable {
    /// Of the API, without a slash at its end.
    package var baseURL: String
    package var repository: RepositorySlug
    package var branch: String
    package var token: SecretName

    package init(
        baseURL: String = "https://api.travis-ci.com", repository: RepositorySlug, branch: String, token: SecretName
    ) {
        self.baseURL = baseURL
        self.repository = repository
        self.branch = branch
        self.token = token
    }
}

/// A Jenkins server.
package struct JenkinsSettings: Hashable, Sendable {
    /// Of the server, without a slash at its end.
    package var baseURL: String
    /// The job's full name: `image`, `folder/image`.
    package var job: String
    package var user: String
    /// The user's API token.
    package var token: SecretName

    package init(baseURL: String, job: String, user: String, token: SecretName) {
        self.baseURL = baseURL
        self.job = job
        self.user = user
        self.token = token
    }
}

/// A Buildbot master.
package struct BuildbotSettings: Hashable, Sendable {
    /// Of the web interface, without a slash at its end.
    package var baseURL: String
    /// Name of the force scheduler.
    package var scheduler: String
    /// The builder that is to build, where the scheduler serves several; `nil`: the scheduler's first.
    package var builder: String?
    /// `nil`: the master asks for no log-in.
    package var user: String?
    package var password: SecretName?

    package init(
        baseURL: String, scheduler: String, builder: String? = nil, user: String? = nil, password: SecretName? = nil
    ) {
        self.baseURL = baseURL
        self.scheduler = scheduler
        self.builder = builder
        self.user = user
        self.password = password
    }
}

/// The operator's own service, asked by signed POSTs; it reports by callback.
package struct WebhookSettings: Hashable, Sendable {
    package var url: String
    /// Signs each request with HMAC-SHA256.
    package var secret: SecretName

    package init(url: String, secret: SecretName) {
        self.url = url
        self.secret = secret
    }
}
