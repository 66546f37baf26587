import Domain
import Recipes
import TestSupport
import Testing

/// What recipes say of the CIs that build them.
struct ProviderFormatTests {
    /// A recipe with these lines in `build` and `watch`.
    static func recipe(build: String, watch: String = "", fields: String = "") -> String {
        let indented = build.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
        return """
            id: sample
            title: Sample
            summary: A small file with your name in it.
            fields:
              - {name: email, type: email, label: Your address, required: true, private: true}
              - {name: name, type: text, label: Name, required: true}
            \(fields)
            build:
            \(indented.joined(separator: "\n"))
            artifacts:
              - {match: '*.txt'}
            \(watch)
            """
    }

    private static func load(_ yaml: String) throws -> Recipe {
        let fixture = try RecipeFixture()
        try fixture.write(yaml)
        let loaded = fixture.load()
        #expect(loaded.diagnostics.map(\.text) == [])
        return try #require(loaded.recipes.first)
    }

    static let everywhere = """
        provider: github
        fallback: [gitlab, gitea, travis, jenkins, buildbot, webhook, local]
        script: build.sh
        uses: [name]
        github: {repository: ada/image, workflow: build.yml, token: GH, webhook_secret: HOOK, release_tag: "v-{{name}}"}
        gitlab: {url: 'https://gitlab.example.org/', project: group/sub/image, token: GL, trigger_token: TR}
        gitea: {url: 'https://git.example.org', repository: ada/image, workflow: build.yml, token: GT}
        travis: {repository: ada/image, token: TV}
        jenkins: {url: 'https://ci.example.org/jenkins', job: folder/image, user: kiln, token: JK}
        buildbot: {url: 'http://127.0.0.1:8010', scheduler: force, builder: image, user: ci, password: BB}
        webhook: {url: 'https://build.example.org/kiln', secret: WH}
        parameters:
          - {name: label, value: "{{name}} of {{kiln.date}}"}
        bundle: [name]
        triggers_per_minute: 5
        reuse: 1h
        """

    @Test func `every provider's settings are read, in the order of preference`() throws {
        let build = try Self.load(
            Self.recipe(
                build: Self.everywhere,
                watch: "watch: {interval: 20s, release: {links: ['https://example.org/{{name}}.iso'], patience: 5m}}")
        )
        #expect(build.build.provider == "github")
        #expect(
            build.build.providers.map(\.name.rawValue) == [
                "github", "gitlab", "gitea", "travis", "jenkins", "buildbot", "webhook", "local",
            ])
        guard case .github(let github)? = build.build.settings(at: .github) else { throw Missing() }
        #expect(github.baseURL == "https://api.github.com" && github.repository.description == "ada/image")
        #expect(github.trigger == .workflow("build.yml") && github.ref == "main")
        #expect(github.credential == .token(SecretName("GH")) && github.webhookSecret == SecretName("HOOK"))
        #expect(github.releaseTag?.source == "v-{{name}}")
        guard case .gitlab(let gitlab)? = build.build.settings(at: .gitlab) else { throw Missing() }
        #expect(gitlab.baseURL == "https://gitlab.example.org", "without the slash at its end")
        #expect(gitlab.project == "group/sub/image" && gitlab.triggerToken == SecretName("TR"))
        guard case .buildbot(let buildbot)? = build.build.settings(at: .buildbot) else { throw Missing() }
        #expect(buildbot.builder == "image" && buildbot.password == SecretName("BB"))
        #expect(
            build.build.providers.flatMap(\.secrets).map(\.text) == [
                "GH", "HOOK", "GL", "TR", "GT", "TV", "JK", "BB", "WH",
            ])
        #expect(build.build.parameters.map(\.name) == ["label"] && build.build.bundle == [.sampleName])
        #expect(build.build.triggersPerMinute == 5 && build.build.reuseWithin == .seconds(3600))
        #expect(build.watch.interval == .seconds(20) && build.watch.release?.patience == .seconds(300))
        #expect(build.watch.release?.links.map(\.source) == ["https://example.org/{{name}}.iso"])
    }

    @Test func `a GitHub App stands in for a token, and an event for a workflow`() throws {
        let recipe = try Self.load(
            Self.recipe(
                build: """
                    provider: github
                    github: {repository: ada/image, event: kiln, app_id: '12', installation_id: 34, private_key: PEM}
                    """))
        guard case .github(let github)? = recipe.build.settings(at: .github) else { throw Missing() }
        #expect(github.trigger == .repository(eventType: "kiln"))
        #expect(github.credential == .app(id: "12", installation: 34, privateKey: SecretName("PEM")))
        #expect(recipe.build.script == nil)
    }

    @Test(arguments: [
        ("provider: github", "build.provider: there is no `build.github` that says where that is"),
        ("provider: githup", "build.provider: does not know `githup`; did you mean `github`?"),
        ("uses: [name]", "build: the key `script` is missing"),
        (
            "provider: travis\nfallback: [travis]\ntravis: {repository: a/b, token: T}",
            "build.fallback[0]: `travis` is named twice"
        ),
        (
            "provider: github\ngithub: {repository: a/b, token: T}", "build.github: says not what is started"
        ),
        (
            "provider: github\ngithub: {repository: a/b, workflow: b.yml, event: e, token: T}",
            "build.github: starts two things"
        ),
        ("provider: github\ngithub: {repository: a/b, workflow: b.yml}", "build.github: says not with which rights"),
        (
            "provider: github\ngithub: {repository: a/b, workflow: b.yml, token: T, app_id: '1'}",
            "build.github: names both a token and an App"
        ),
        (
            "provider: travis\ntravis: {repository: a-b, token: T}",
            "build.travis.repository: `a-b` is not of the wanted form"
        ),
        (
            "provider: travis\ntravis: {repository: a/b, token: 'ghp_a-secret-itself'}",
            "build.travis.token: `ghp_a-secret-itself` is not of the wanted form"
        ),
        (
            "provider: jenkins\njenkins: {url: 'ftp://x', job: j, user: u, token: T}",
            "build.jenkins.url: `ftp://x` is not of the wanted form"
        ),
        (
            "provider: webhook\nwebhook: {url: 'https://x', secret: S}\nparameters: [{name: a, value: '{{nmae}}'}]",
            "build.parameters[0].value: there is no field `nmae`; did you mean `name`?"
        ),
        (
            "provider: webhook\nwebhook: {url: 'https://x', secret: S}\nparameters: [{name: a, value: '{{email}}'}]",
            "build.parameters[0].value: `email` is private and is never given to the run"
        ),
        (
            "provider: webhook\nwebhook: {url: 'https://x', secret: S}\nparameters: [{name: a, value: '{{name'}]",
            "build.parameters[0].value: a tag `{{` is not closed"
        ),
        (
            "provider: webhook\nwebhook: {url: 'https://x', secret: S}\nparameters: [{name: KILN_URL, value: x}]",
            "build.parameters[0].name: names that begin with `KILN_` are Kiln's own"
        ),
        (
            "provider: webhook\nwebhook: {url: 'https://x', secret: S}\ntargets: name",
            "build.targets: `name` is no field of type `multichoice`"
        ),
        (
            "provider: webhook\nwebhook: {url: 'https://x', secret: S}\nbundle: [email]",
            "build.bundle[0]: `email` is private and is never given to the run"
        ),
    ])
    func `what does not fit is an error with its place`(_ build: String, _ wanted: String) throws {
        let found = try RecipeFixture.findings(in: Self.recipe(build: build)).filter { $0.contains(" error ") }
        #expect(found.contains { $0.contains(wanted) }, "\(found)")
    }

    @Test(arguments: [
        ("https://{{name}}.example.org/x", "lets a requester choose the host"),
        ("example.org/x", "is not a web address"),
        ("https://example.org/{{kiln.attempt}}", "`{{kiln.attempt}}` is not known here"),
        ("https://example.org/{{#name}}x", "the section `{{#name}}` is not closed"),
    ])
    func `a link that a requester could bend is refused (P5)`(_ link: String, _ wanted: String) throws {
        let yaml = Self.recipe(
            build: "provider: webhook\nwebhook: {url: 'https://x', secret: S}",
            watch: "watch: {release: {links: ['\(link)']}}")
        let found = try RecipeFixture.findings(in: yaml)
        #expect(found.contains { $0.contains("error watch.release.links[0]") && $0.contains(wanted) }, "\(found)")
    }

    @Test func `a field that a remote job is not given is reported`() throws {
        let yaml = Self.recipe(
            build: """
                provider: webhook
                webhook: {url: 'https://x', secret: S}
                parameters: [{name: a, value: '{{name}}'}]
                bundle: [name]
                """, fields: "  - {name: tone, type: text, label: Tone}")
        let found = try RecipeFixture.findings(in: yaml)
        #expect(found.contains { $0.contains("warning fields[2]: unused field: `tone`") }, "\(found)")
    }

    private struct Missing: Error {}
}
