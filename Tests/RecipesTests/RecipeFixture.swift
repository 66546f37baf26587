import Domain
import Foundation
import Recipes
import TestSupport

/// A folder of recipes on disk, written by a test.
final class RecipeFixture {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Writes a recipe's folder with `build.sh`, `verify.sh`, `prepare.sh` and a picture.
    @discardableResult
    func write(_ yaml: String, id: String = "sample") throws -> String {
        let folder = directory.path(id)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try yaml.write(toFile: "\(folder)/recipe.yml", atomically: false, encoding: .utf8)
        for script in ["build.sh", "verify.sh", "prepare.sh"] {
            try "#!/bin/sh\ntrue\n".write(toFile: "\(folder)/\(script)", atomically: false, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(script)")
        }
        try "<svg/>".write(toFile: "\(folder)/picture.svg", atomically: false, encoding: .utf8)
        return folder
    }

    func load() -> LoadedRecipes {
        RecipeLoader().load(directory: directory.path)
    }

    /// What is found in the text, as `line:column severity path: problem`.
    static func findings(in yaml: String) throws -> [String] {
        let fixture = try RecipeFixture()
        try fixture.write(yaml)
        return fixture.load().diagnostics.map(\.short)
    }

    static let minimal = """
        id: sample
        title: Sample
        summary: A small file with your name in it.
        fields:
          - {name: email, type: email, label: Your address, required: true, private: true}
          - {name: name, type: text, label: Name, required: true, min_length: 1, max_length: 20}
        build:
          script: build.sh
          uses: [name]
        artifacts:
          - {match: '*.txt'}
        """

    /// The minimal recipe with further lines in its second field, its build, or at its end.
    static func recipe(field: String = "", build: String = "", more: String = "", uses: String = "name, extra")
        -> String
    {
        """
        id: sample
        title: Sample
        summary: A small file with your name in it.
        fields:
          - {name: email, type: email, label: Your address, required: true, private: true}
          - {name: name, type: text, label: Name}
        \(field.isEmpty ? "" : "  - {name: extra, label: Extra, \(field)}")
        build:
          script: build.sh
          uses: [\(field.isEmpty ? "name" : uses)]
        \(build.isEmpty ? "" : "  \(build)")
        artifacts:
          - {match: '*.txt'}
        \(more)
        """
    }
}

extension Diagnostic {
    /// Without the file's name and the mend.
    var short: String {
        let place = if case .file(_, let line, let column) = place { "\(line):\(column) " } else { "" }
        return "\(place)\(severity.rawValue) \(path): \(problem)"
    }
}
