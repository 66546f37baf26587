import Domain
import Foundation
import Recipes
import TestSupport
import Testing

struct SchemaTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func committed(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test func `the published schema is the loader's table`() throws {
        // To renew it: kiln help-recipe --schema > docs/recipe.schema.json
        #expect(try committed("docs/recipe.schema.json") == RecipeSchema.json())
    }

    @Test func `the guide's tables are the loader's table`() throws {
        // To renew them: kiln help-recipe, between the two markers.
        let guide = try committed("docs/recipes.md")
        #expect(guide.contains("<!-- keys -->\n\n\(RecipeGuide.markdown())\n<!-- /keys -->"))
    }

    @Test func `the guide's example is a recipe without findings`() throws {
        let guide = try committed("docs/recipes.md")
        let start = try #require(guide.firstRange(of: "```yaml\n# yaml-language-server"))
        let end = try #require(guide[start.upperBound...].firstRange(of: "```"))
        let yaml = "# yaml-language-server" + guide[start.upperBound..<end.lowerBound]
        let fixture = try RecipeFixture()
        try fixture.write(yaml, id: "greeting")
        let loaded = fixture.load()
        #expect(loaded.diagnostics.map(\.text) == [])
        #expect(loaded.recipes.count == 1)
    }

    /// Every example that begins with `build:`, as a recipe with the fields that it names.
    @Test func `the guide's examples of builds at a CI are recipes without findings`() throws {
        let kinds = [
            "name": "type: text", "wallpaper": "type: image, image: {width: 8, height: 8}", "quiet": "type: toggle",
            "packages": "type: multichoice, choices: [vim, git]",
            "architecture": "type: multichoice, required: true, choices: [amd64, i386]",
        ]
        let examples = try committed("docs/recipes.md").split(separator: "```yaml\n").dropFirst().compactMap { part in
            part.hasPrefix("build:") ? part.firstRange(of: "```").map { part[..<$0.lowerBound] } : nil
        }
        #expect(examples.count >= 8)
        for example in examples {
            let words = Set(example.split { !($0.isLetter || $0 == "_") }.map(String.init))
            let named = kinds.filter { words.contains($0.key) }.sorted { $0.key < $1.key }
            let fixture = try RecipeFixture()
            try fixture.write(
                """
                id: sample
                title: Sample
                summary: An example of the guide.
                fields:
                  - {name: email, type: email, label: Your address, required: true, private: true}
                \(named.map { "  - {name: \($0.key), label: \($0.key), \($0.value)}" }.joined(separator: "\n"))
                \(example)
                artifacts:
                  - {match: '*.iso'}
                """)
            #expect(fixture.load().diagnostics.map(\.short) == [], "\(example)")
        }
    }

    @Test func `a recipe that the loader takes and ones that it refuses fare alike under the schema`() throws {
        let validator = try JSONSchemaValidator()
        guard validator.isThere else { return }
        let refused = [
            "type: text, choices: [a]", "type: choice", "type: image", "type: toggle, default: 3", "type: texd",
            "type: file", "type: url, default: x", "type: text, max_lenght: 3",
        ].map { RecipeFixture.recipe(field: $0) }
        let good = [RecipeLoaderTests.full, RecipeFixture.minimal]
        let faults = try validator.faults(of: good + refused, under: RecipeSchema.json())
        #expect(faults.count == good.count + refused.count)
        for (yaml, faults) in zip(good, faults) { #expect(faults == 0, "\(yaml)") }
        for (yaml, faults) in zip(refused, faults.dropFirst(good.count)) {
            #expect(faults > 0, "\(yaml)")
            #expect(try RecipeFixture.findings(in: yaml).contains { $0.contains("error") }, "\(yaml)")
        }
    }

    @Test func `what a form wants filled in or on, its schema wants too`() throws {
        let fixture = try RecipeFixture()
        try fixture.write(RecipeFixture.recipe(field: "type: toggle, required: true"))
        let text = FormSchema.json(for: try #require(fixture.load()[.sample]))
        #expect(text.contains("\"const\": true"))
        try fixture.write(RecipeFixture.recipe(field: "type: text, required: true"))
        #expect(FormSchema.json(for: try #require(fixture.load()[.sample])).contains("\"minLength\": 1"))
    }

    @Test func `a form's schema names every field and its bounds`() throws {
        let fixture = try RecipeFixture()
        try fixture.write(RecipeLoaderTests.full)
        let recipe = try #require(fixture.load()[.sample])
        let text = FormSchema.json(for: recipe)
        let schema = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(
            Set(properties.keys) == ["email", "name", "homepage", "count", "theme", "quiet", "packages"])
        #expect(schema["required"] as? [String] == ["email"])
        #expect(properties["name"]?["maxLength"] as? Int == 20)
        #expect(properties["name"]?["pattern"] as? String == "^(?:[a-z ]+)$")
        #expect(properties["count"]?["type"] as? String == "integer")
        #expect(properties["theme"]?["enum"] as? [String] == ["light", "dark"])
        #expect(Set(try #require(schema["x-kiln-files"] as? [String: Any]).keys) == ["wallpaper", "files", "notes"])
    }
}

/// Python's `jsonschema` as a second opinion, where it is installed.
private struct JSONSchemaValidator {
    let isThere: Bool

    init() throws {
        isThere = try Self.run("import jsonschema, yaml", input: []).code == 0
    }

    /// How many faults each of the texts has.
    func faults(of texts: [String], under schema: String) throws -> [Int] {
        let program = """
            import json, sys, yaml, jsonschema
            schema = json.loads(sys.argv[1])
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            print(*[len(list(validator.iter_errors(yaml.safe_load(text)))) for text in sys.argv[2:]])
            """
        let output = try Self.run(program, input: [schema] + texts).output
        return output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }

    private static func run(_ program: String, input: [String]) throws -> (code: Int32, output: String) {
        let end = try Program.runHere(["python3", "-c", program] + input)
        return (end.code, end.text)
    }
}
