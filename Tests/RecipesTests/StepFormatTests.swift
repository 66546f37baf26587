import Domain
import Recipes
import TestSupport
import Testing

/// What recipes say of the steps around the run: check, fetch, sign, and the API that they answer.
struct StepFormatTests {
    static let recipe = """
        id: sample
        title: Sample
        summary: An app of your event.
        fields:
          - {name: email, type: email, label: Your address, required: true, private: true}
          - {name: place, type: url, label: Address of the data}
          - {name: name, type: text, label: Name}
        check: {script: verify.sh, tools: [sh], limits: {time: 5s, address_space: false}}
        fetch:
          from: place
          into: fetched
          documents:
            - {path: /event, name: event}
            - {path: /sessions/types, name: session_types, required: false}
          max_document_bytes: 5 MiB
          max_pictures: 100
          time: 30s
        build:
          script: build.sh
          uses: [place, name]
          limits: {address_space: 16 GiB}
        artifacts:
          - {match: '*.apk'}
        sign: {artifact: '*.apk', packages: org.example.event.*}
        generator_api: {endpoint: place}
        """

    private func load(_ yaml: String) throws -> Recipe {
        let fixture = try RecipeFixture()
        try fixture.write(yaml)
        let loaded = fixture.load()
        #expect(loaded.diagnostics.map(\.text) == [])
        return try #require(loaded.recipes.first)
    }

    @Test func `every step is read, with its defaults`() throws {
        let recipe = try load(Self.recipe)
        let check = try #require(recipe.check)
        #expect(check.script == "verify.sh" && check.tools == ["sh"] && check.limits.time == .seconds(5))
        #expect(check.uses.map(\.text) == ["place", "name"], "those of the build where it names none")
        #expect(check.limits.addressSpace == .unlimited)
        #expect(recipe.build.limits.addressSpace == .bytes(16 << 30))
        let fetch = try #require(recipe.fetch)
        #expect(fetch.from.text == "place" && fetch.into.text == "fetched")
        #expect(
            fetch.documents == [
                FetchStep.Document(path: "/event", name: "event", isRequired: true),
                FetchStep.Document(path: "/sessions/types", name: "session_types", isRequired: false),
            ])
        #expect(fetch.maxDocumentBytes == 5 << 20 && fetch.maxPictures == 100 && fetch.time == .seconds(30))
        #expect(fetch.maxPictureBytes == 10 << 20 && fetch.maxBytes == 200 << 20)
        #expect(recipe.sign == SignStep(artifact: "*.apk", scheme: .apk, packages: "org.example.event.*"))
        #expect(recipe.generatorAPI?.endpoint.text == "place")
    }

    @Test func `a recipe without these steps has none`() throws {
        let recipe = try load(RecipeFixture.minimal)
        #expect(recipe.check == nil && recipe.fetch == nil && recipe.sign == nil && recipe.generatorAPI == nil)
        #expect(recipe.build.limits.addressSpace == nil)
    }

    /// P8
    @Test(arguments: [
        (
            "script: verify.sh", "script: chek.sh",
            "check.script: there is no file `chek.sh` in the recipe's folder"
        ),
        ("tools: [sh]", "uses: [nam]", "check.uses[0]: there is no field `nam`; did you mean `name`?"),
        ("tools: [sh]", "uses: [email]", "check.uses[0]: `email` is private and is given to no script"),
        ("from: place", "from: name", "fetch.from: `name` is no field of type `url`"),
        ("from: place", "from: plaec", "fetch.from: there is no field `plaec`; did you mean `place`?"),
        (
            "into: fetched", "into: name",
            "fetch.into: `name` is a field of the form: what is fetched would replace it"
        ),
        (
            "name: session_types", "name: event",
            "fetch.documents[1].name: `event` is already the name of another document"
        ),
        ("path: /event", "path: event", "fetch.documents[0].path: `event` is not of the wanted form"),
        ("path: /event", "path: '/event?x=1'", "fetch.documents[0].path: `/event?x=1` is not of the wanted form"),
        (
            "sign: {artifact: '*.apk'", "sign: {artifact: '*.zip'",
            "sign.artifact: `*.zip` is the pattern of no artifact"
        ),
        ("org.example.event.*", "'*'", "sign.packages: is empty"),
        ("org.example.event.*", "org.example", "sign.packages: `org.example` is not of the wanted form"),
        ("generator_api: {endpoint: place", "generator_api: {endpoint: email", "generator_api.endpoint: `email` is no"),
    ])
    func `what does not fit is said with its place`(_ old: String, _ new: String, _ finding: String) throws {
        let yaml = Self.recipe.replacing(old, with: new)
        try #require(yaml != Self.recipe)
        let findings = try RecipeFixture.findings(in: yaml)
        #expect(findings.contains { $0.contains(finding) }, "\(findings)")
    }

    @Test func `pictures that nobody lists are noticed`() throws {
        let check = "check: {script: verify.sh, tools: [sh], limits: {time: 5s, address_space: false}}\n"
        let findings = try RecipeFixture.findings(in: Self.recipe.replacing(check, with: ""))
        #expect(findings.contains { $0.contains("fetch.max_pictures: nobody says which pictures") }, "\(findings)")
    }
}
