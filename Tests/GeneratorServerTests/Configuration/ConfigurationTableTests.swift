import Foundation
import Recipes
import TestSupport
import Testing

@testable import GeneratorServer

struct ConfigurationTableTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test func `paths and variables are unique, and every default can be read`() throws {
        let keys = ConfigurationTable.keys
        #expect(Set(keys.map(\.path)).count == keys.count)
        #expect(Set(keys.map(\.variable)).count == keys.count)
        for key in keys {
            if let written = key.defaultText { #expect(throws: Never.self) { try key.parse(key.split(written)) } }
            #expect(!key.help.isEmpty && !key.help.contains("|"))
            #expect(key.path.wholeMatch(of: /[a-z]+(\.[a-z_]+)+/) != nil)
        }
    }

    @Test func `kiln.example.yml is the table, and is read without problems`() throws {
        // To renew it: kiln help-configuration --example > kiln.example.yml
        let file = Self.root.appending(path: "kiln.example.yml")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text == ConfigurationGuide.example())
        #expect(throws: Never.self) { try KilnConfiguration.load(file: file.path, environment: [:]) }
    }

    @Test func `the example without its marks is read as well, but for the keys that want a value`() throws {
        let bare = ConfigurationGuide.example().split(separator: "\n").dropFirst(3).map { line in
            line.hasPrefix("#") ? String(line.dropFirst()) : String(line)
        }
        let directory = try TemporaryDirectory()
        let file = directory.path("kiln.yml")
        try bare.joined(separator: "\n").write(toFile: file, atomically: false, encoding: .utf8)
        let wanting = ConfigurationTable.keys.filter { $0.defaultText == nil }.map(\.path)
        let problems = #expect(throws: ConfigurationProblems.self) {
            try KilnConfiguration.load(file: file, environment: [:])
        }
        #expect(Set(problems?.diagnostics.map(\.path) ?? []) == Set(wanting))
        #expect(problems?.diagnostics.allSatisfy { $0.problem == "has no value" } == true)
    }

    @Test(arguments: ["README.md", "docs/configuration.md"])
    func `the documents' tables are the table`(path: String) throws {
        // To renew it: kiln help-configuration, between the two markers.
        guard let text = try? String(contentsOf: Self.root.appending(path: path), encoding: .utf8),
            text.contains("<!-- configuration -->")
        else { return }
        #expect(
            text.contains("<!-- configuration -->\n\n\(ConfigurationGuide.markdown())\n<!-- /configuration -->"))
    }
}
