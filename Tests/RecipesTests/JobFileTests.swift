import Foundation
import Recipes
import Testing

/// A recipe's parameters beside the job file that reads them.
struct JobFileTests {
    private static let github = """
        name: build
        run-name: Build ${{ inputs.KILN_ATTEMPT }}
        on:
          workflow_dispatch:
            inputs:
              KILN_ATTEMPT:
                required: true
              KILN_URL: {required: true}
              label: {type: string}
        jobs:
          build:
            runs-on: ubuntu-latest
            env:
              LABEL: ${{ inputs.label }}
              KILN_URL: ${{ inputs.KILN_URL }}
            steps:
              - run: ./build.sh "$LABEL"
        """

    /// The warnings about a recipe with these parameters and this job file.
    private func findings(_ provider: String, settings: String, parameters: [String], _ file: String, _ text: String)
        throws -> [String]
    {
        let fixture = try RecipeFixture()
        let list = parameters.map { "{name: \($0), value: '{{name}}'}" }.joined(separator: ", ")
        let folder = try fixture.write(
            ProviderFormatTests.recipe(
                build: "provider: \(provider)\n\(provider): \(settings)\nparameters: [\(list)]"))
        try FileManager.default.createDirectory(atPath: "\(folder)/ci", withIntermediateDirectories: true)
        try text.write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
        let loaded = fixture.load()
        #expect(!loaded.hasErrors, "a job file is never a reason to refuse a recipe")
        return loaded.diagnostics.map(\.short)
    }

    private func github(_ parameters: [String], _ text: String = Self.github) throws -> [String] {
        try findings(
            "github", settings: "{repository: a/b, workflow: b.yml, token: T}", parameters: parameters,
            "ci/github.yml", text)
    }

    @Test func `a job file that reads what it is given is no finding`() throws {
        #expect(try github(["label"]) == [])
    }

    @Test func `a parameter that the workflow does not declare is reported, since the dispatch would be refused`()
        throws
    {
        let found = try github(["label", "colour"])
        #expect(found.count == 1)
        #expect(found[0].contains("ci/github.yml does not declare `colour`: the dispatch is refused"))
        #expect(found[0].contains("warning build.parameters[1].name"))
    }

    @Test func `a parameter that the job never reads is reported`() throws {
        let found = try github(["label"], Self.github.replacing("${{ inputs.label }}", with: "none"))
        #expect(found.count == 1 && found[0].contains("ci/github.yml never reads `label`"), "\(found)")
    }

    @Test func `what the job reads and never gets is reported where it stands`() throws {
        let found = try github([])
        #expect(found.contains { $0.hasPrefix("14:") && $0.contains("reads `label`, which the recipe never gives") })
    }

    @Test func `a workflow by which no build could be found again is reported`() throws {
        let found = try github(["label"], Self.github.replacing("KILN_ATTEMPT", with: "OTHER"))
        #expect(found.contains { $0.contains("does not declare `KILN_ATTEMPT`: a build is found again by it") })
    }

    @Test func `the bundle's name is no input`() throws {
        #expect(try github(["label"], Self.github + "\n      - run: tar -xzf inputs.tar.gz -C inputs") == [])
    }

    @Test func `who calls kiln-report reads KILN_URL, and an array that is filled is the job's own`() throws {
        let text = """
            script:
              - sh ci/kiln-report fetch
              - mapfile -t images < <(ls *.iso); ./sign "${images[@]}" "$label"
            """
        let found = try findings(
            "travis", settings: "{repository: a/b, token: T}", parameters: ["label"], "ci/travis.yml", text)
        #expect(found == [])
    }

    @Test func `shell variables of a GitLab job are told from its own and from the CI's`() throws {
        let text = """
            build:
              variables:
                LEVEL: "9"
              script:
                - curl -fsS "$KILN_URL/inputs.tar.gz" | tar xz
                - OUT=out; mkdir "$OUT"
                - ./build.sh "$label" "$LEVEL" "$CI_PROJECT_DIR" "$SIGNING_TOKEN" "${speed}" > "$OUT/log"
            """
        let found = try findings(
            "gitlab", settings: "{project: a/b, token: T}", parameters: ["label", "size"], "ci/gitlab-ci.yml", text)
        #expect(found.count == 2, "\(found)")
        #expect(found.contains { $0.contains("reads `speed`, which the recipe never gives") })
        #expect(found.contains { $0.contains("ci/gitlab-ci.yml never reads `size`") })
    }

    @Test func `what a script reads that the job calls can be said in a comment`() throws {
        let text = "script:\n  # kiln: reads size\n  - ./build.sh $KILN_URL\n"
        let found = try findings(
            "travis", settings: "{repository: a/b, token: T}", parameters: ["size"], "ci/travis.yml", text)
        #expect(found == [])
    }

    @Test func `a Jenkinsfile has to declare what it is given, since Jenkins drops the rest`() throws {
        let text = """
            pipeline {
              parameters {
                string(name: 'KILN_ATTEMPT')
                password(name: 'KILN_URL')
                string(name: 'label')
              }
              stages { stage('Build') { steps { sh './build.sh "$label" "$KILN_URL"' } } }
            }
            """
        let found = try findings(
            "jenkins", settings: "{url: 'https://x', job: j, user: u, token: T}", parameters: ["label", "size"],
            "ci/Jenkinsfile", text)
        #expect(found.count == 1, "\(found)")
        #expect(found[0].contains("ci/Jenkinsfile does not declare `size`: the value is dropped"))
    }

    @Test func `a force scheduler has to know every property`() throws {
        let text = """
            scheduler = ForceScheduler(name="force", builderNames=["image"], properties=[
                StringParameter(name="KILN_ATTEMPT"), StringParameter("KILN_URL"), StringParameter(name="label")])
            step = ShellCommand(command=["./build.sh", Property("label"), Interpolate("%(prop:KILN_URL)s")])
            """
        let found = try findings(
            "buildbot", settings: "{url: 'https://x', scheduler: force}", parameters: ["label"], "ci/master.cfg", text)
        #expect(found == [])
    }
}
