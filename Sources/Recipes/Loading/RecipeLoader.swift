package import Domain
import Foundation

/// What was found in a folder of recipes.
package struct LoadedRecipes: Sendable {
    /// The recipes without errors, in the order of the list.
    package var recipes: [Recipe]
    /// Everything that is wrong or doubtful, by file and line.
    package var diagnostics: [Diagnostic]

    package var hasErrors: Bool {
        diagnostics.contains { $0.severity == .error }
    }

    /// The recipe of that name, offered or not.
    package subscript(id: RecipeID) -> Recipe? {
        recipes.first { $0.id == id }
    }

    init(recipes: [Recipe], diagnostics: [Diagnostic]) {
        self.recipes = recipes.sorted { ($0.order, $0.title, $0.id) < ($1.order, $1.title, $1.id) }
        self.diagnostics = diagnostics.sorted()
    }
}

/// Reads recipes from disk. Its calls read files and return when all is read: they belong to the start of the process.
package struct RecipeLoader: Sendable {
    /// The largest `recipe.yml` that is read, in bytes.
    package static let mostBytes: Int64 = 1 << 20

    package init() {}

    /// Reads every `<id>/recipe.yml` in `directory`. Folders whose names start with a dot, and files, are passed over.
    package func load(directory: String) -> LoadedRecipes {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            return LoadedRecipes(
                recipes: [],
                diagnostics: [
                    Diagnostic(
                        place: .wholeFile(directory), problem: "the folder of recipes cannot be read",
                        mend: "create it, or set `recipes.directory` to the folder that holds them")
                ])
        }
        var recipes: [Recipe] = []
        var diagnostics: [Diagnostic] = []
        let folders = names.filter { !$0.hasPrefix(".") && Self.isFolder("\(directory)/\($0)") }
        for name in folders {
            let loaded = load(folder: "\(directory)/\(name)")
            recipes += loaded.recipes
            diagnostics += loaded.diagnostics
        }
        if folders.isEmpty {
            diagnostics.append(
                Diagnostic(
                    place: .wholeFile(directory), problem: "there is no recipe in it",
                    mend: "make a folder with a recipe.yml in it (docs/recipes.md shows how)"))
        }
        return LoadedRecipes(recipes: recipes, diagnostics: diagnostics)
    }

    /// Reads the recipe of one folder.
    package func load(folder path: String) -> LoadedRecipes {
        let folder = RecipeFolder(path)
        var diagnostics = folder.diagnostics
        guard let text = text(of: folder, into: &diagnostics) else {
            return LoadedRecipes(recipes: [], diagnostics: diagnostics)
        }
        let file = "\(path)/recipe.yml"
        let (root, readingFaults) = YAMLReader.read(text, file: file)
        diagnostics += readingFaults
        guard let root else { return LoadedRecipes(recipes: [], diagnostics: diagnostics) }

        var rules = RecipeRules(root: root, folder: folder, folderName: Self.name(of: path), file: file)
        rules.checker.checkObject(root, RecipeFormat.recipe, at: "")
        rules.check()
        diagnostics += rules.checker.diagnostics
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            return LoadedRecipes(recipes: [], diagnostics: diagnostics)
        }
        do {
            let recipe = try RecipeDecoder(digest: try folder.digest()).recipe(root)
            return LoadedRecipes(recipes: [recipe], diagnostics: diagnostics)
        } catch {
            diagnostics.append(
                Diagnostic(
                    place: .wholeFile(path), problem: "cannot be read: \(error)",
                    mend: "let the user that runs Kiln read every file of the folder"))
            return LoadedRecipes(recipes: [], diagnostics: diagnostics)
        }
    }

    private func text(of folder: RecipeFolder, into diagnostics: inout [Diagnostic]) -> String? {
        let file = "\(folder.path)/recipe.yml"
        func refuse(_ problem: String, mend: String, at place: Diagnostic.Place) -> String? {
            diagnostics.append(Diagnostic(place: place, problem: problem, mend: mend))
            return nil
        }
        switch folder.entry("recipe.yml")?.kind {
        case .file(let bytes, _):
            guard bytes <= Self.mostBytes else {
                return refuse(
                    "has \(bytes) bytes, at most \(Self.mostBytes) are read", mend: "keep data in files of their own",
                    at: .wholeFile(file))
            }
        case .link:
            return refuse("is a link", mend: "put the file itself there", at: .wholeFile(file))
        case .folder, .other:
            return refuse("is not a file", mend: "put the recipe's description there", at: .wholeFile(file))
        case nil:
            let isYAML = folder.entry("recipe.yaml") != nil
            return refuse(
                isYAML ? "has a recipe.yaml, but no recipe.yml" : "has no recipe.yml",
                mend: isYAML ? "rename it" : "write one (docs/recipes.md shows how), or move the folder away",
                at: .wholeFile(folder.path))
        }
        let bytes = folder.head(of: "recipe.yml", count: Int(Self.mostBytes) + 1)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return refuse(
                "holds bytes that are not UTF-8", mend: "save the file as UTF-8",
                at: .file(file, line: UTF8Fault.line(in: bytes), column: 1))
        }
        return text
    }

    private static func name(of path: String) -> String {
        URL(filePath: path).standardizedFileURL.lastPathComponent
    }

    private static func isFolder(_ path: String) -> Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) != nil
            || (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeDirectory
    }
}

/// Where a text stops being UTF-8.
package enum UTF8Fault {
    /// The line, from 1, of the first byte that is no UTF-8.
    package static func line(in bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var line = 1
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" { line += 1 }
        }
        return line
    }
}
