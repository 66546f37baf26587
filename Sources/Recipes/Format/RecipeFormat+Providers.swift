import Domain

/// The keys that say where a recipe's builds run.
extension RecipeFormat {
    static let providerNames = ProviderSettings.Name.allCases.map(\.rawValue)

    /// The key of a provider's settings is the provider's name.
    static let providerSettings: [Key] = [
        Key("github", .object(github), "Where and how GitHub Actions builds it."),
        Key("gitlab", .object(gitlab), "Where and how GitLab CI builds it."),
        Key("gitea", .object(gitea), "Where and how Gitea or Forgejo Actions build it."),
        Key("travis", .object(travis), "Where and how Travis CI builds it."),
        Key("jenkins", .object(jenkins), "Where and how Jenkins builds it."),
        Key("buildbot", .object(buildbot), "Where and how Buildbot builds it."),
        Key("webhook", .object(webhook), "The service of your own that builds it."),
    ]

    static let github = ObjectShape([
        Key(
            "url", webAddress, default: "https://api.github.com",
            "The REST API; of an Enterprise Server with `/api/v3`."),
        Key("repository", slug, required: true, "The repository that holds the workflow, `owner/name`."),
        Key("workflow", .text(1...200, form: fileForm), "The workflow that is dispatched: its file name."),
        Key("event", .text(1...100, form: nameForm), "Instead: the type of the `repository_dispatch` that is sent."),
        Key("ref", .text(1...200, form: refForm), default: "main", "Branch or tag that is built."),
        Key("token", secret, "The secret that holds an access token."),
        Key("app_id", .text(1...40, form: nameForm), "Instead of a token: the id of a GitHub App."),
        Key("installation_id", .integer(1...Int.max), "The App's installation."),
        Key("private_key", secret, "The secret that holds the App's private key (PEM)."),
        Key("webhook_secret", secret, "The secret that signs GitHub's webhooks; without it none are taken."),
        Key(
            "release_tag", .text(1...300),
            "The files come from the release with this tag, not from the run's artifacts."),
    ])

    static let gitlab = ObjectShape([
        Key("url", webAddress, default: "https://gitlab.com", "The server, without `/api/v4`."),
        Key(
            "project", .text(1...300, form: pathForm), required: true, "The project: its path, or its number in quotes."
        ),
        Key("ref", .text(1...200, form: refForm), default: "main", "Branch or tag that is built."),
        Key("token", secret, required: true, "The secret that holds an access token with the scope `api`."),
        Key(
            "trigger_token", secret,
            "The secret that holds a pipeline trigger token; without it the API starts pipelines."),
        Key("webhook_secret", secret, "The secret that GitLab's webhooks carry; without it none are taken."),
        Key(
            "release_tag", .text(1...300),
            "The files come from the release with this tag, not from the jobs' artifacts."),
    ])

    static let gitea = ObjectShape([
        Key("url", webAddress, required: true, "The server, without `/api/v1`."),
        Key("repository", slug, required: true, "The repository that holds the workflow, `owner/name`."),
        Key(
            "workflow", .text(1...200, form: fileForm), required: true,
            "The workflow that is dispatched: its file name."),
        Key("ref", .text(1...200, form: refForm), default: "main", "Branch or tag that is built."),
        Key("token", secret, required: true, "The secret that holds an access token."),
        Key("webhook_secret", secret, "The secret that signs Gitea's webhooks; without it none are taken."),
        Key(
            "release_tag", .text(1...300),
            "The files come from the release with this tag, not from the run's artifacts."),
    ])

    static let travis = ObjectShape([
        Key("url", webAddress, default: "https://api.travis-ci.com", "The API."),
        Key("repository", slug, required: true, "The repository, `owner/name`."),
        Key("branch", .text(1...200, form: refForm), default: "master", "Branch that is built."),
        Key("token", secret, required: true, "The secret that holds an API token."),
    ])

    static let jenkins = ObjectShape([
        Key("url", webAddress, required: true, "The server."),
        Key("job", .text(1...300, form: pathForm), required: true, "The job's full name, `folder/image`."),
        Key("user", .text(1...100), required: true, "The user who starts builds."),
        Key("token", secret, required: true, "The secret that holds the user's API token."),
    ])

    static let buildbot = ObjectShape([
        Key("url", webAddress, required: true, "The master's web interface."),
        Key("scheduler", .text(1...100, form: nameForm), required: true, "The force scheduler that starts builds."),
        Key("builder", .text(1...100), "The builder, where the scheduler serves several."),
        Key("user", .text(1...100), "The user who starts builds, where the master asks for one."),
        Key("password", secret, "The secret that holds the user's password."),
    ])

    static let webhook = ObjectShape([
        Key("url", webAddress, required: true, "Where requests are sent."),
        Key("secret", secret, required: true, "The secret that signs them (HMAC-SHA256)."),
    ])

    static let parameter = ObjectShape([
        Key("name", .text(1...100, form: parameterForm), required: true, "The name by which the job knows it."),
        Key(
            "value", .text(0...2000), required: true,
            "What it is: text, `{{field}}`, `{{#field}}...{{/field}}`, `{{kiln.date}}` and the like."),
    ])

    static let release = ObjectShape([
        Key(
            "links", .list(.text(1...1000), count: 1...20), required: true,
            "Where the result can appear, in the order of preference; values are fixed when the build is accepted."),
        Key(
            "interval", .span(.seconds(1)...days(1)), default: "15s",
            "The pause between looks when it is about to appear."),
        Key(
            "longest_interval", .span(.seconds(1)...days(1)), default: "5m", "The pause between looks long before that."
        ),
        Key(
            "patience", .span(.seconds(1)...days(7)), default: "10m",
            "How long after the run's own end it may take to appear."),
    ])

    // MARK: - Parts used more than once

    static let secret = Shape.text(
        1...64,
        form: TextForm(
            pattern: "^[A-Za-z][A-Za-z0-9_]{0,63}$",
            wants: "the name of a secret (letters, digits and `_`), never the secret itself"))

    static let webAddress = Shape.text(
        1...1000,
        form: TextForm(
            pattern: #"^https?://[A-Za-z0-9.:_\[\]-]+(/[A-Za-z0-9._~%/-]*)?$"#,
            wants: "an address such as `https://ci.example.org`, without a query"))

    static let slug = Shape.text(
        1...200,
        form: TextForm(pattern: "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", wants: "`owner/name`"))

    static let fileForm = TextForm(
        pattern: "^[A-Za-z0-9_.-]+$", wants: "a file name, such as `build.yml`, without folders")
    static let nameForm = TextForm(pattern: "^[A-Za-z0-9_.-]+$", wants: "letters, digits and . _ -")
    static let refForm = TextForm(
        pattern: "^[A-Za-z0-9_][A-Za-z0-9_./+-]*$", wants: "the name of a branch or tag")
    static let pathForm = TextForm(
        pattern: "^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*$", wants: "names, with `/` between them"
    )
    static let parameterForm = TextForm(
        pattern: "^[A-Za-z_][A-Za-z0-9_]{0,99}$", wants: "letters, digits and `_`, not starting with a digit")
}
