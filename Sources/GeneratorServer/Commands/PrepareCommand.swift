import ArgumentParser
import BuildRunner
import Domain
import Foundation
import Recipes
import Sandbox

/// `kiln prepare`: fetches and makes what the recipes need once, so that builds need no network.
struct PrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare", abstract: "Fetch and make what the recipes need once.",
        discussion: "What is there already is left alone. Ends with 0 if every recipe is prepared, 1 if one is not.")

    @Argument(help: "Only these recipes.")
    var recipes: [String] = []

    @Flag(help: "Make it anew, even if it is there.")
    var force = false

    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?

    func run() async throws {
        let configuration = try ConfigurationLoading.load(config, ProcessInfo.processInfo.environment)
        let data = DataFolder(configuration.data.directory)
        do { try data.make() } catch {
            print(HouseError.dataFolder(path: data.path, reason: error.localizedDescription))
            throw ExitCode.failure
        }
        let directory = DataFolder.absolute(configuration.recipes.directory)
        let loaded = RecipeLoader().load(directory: directory)
        for diagnostic in loaded.diagnostics where diagnostic.severity == .error { print(diagnostic.text) }
        let unknown = recipes.filter { name in !loaded.recipes.contains { $0.id.text == name } }
        for name in unknown {
            let guess = Suggestion.nearest(to: name, in: loaded.recipes.map(\.id.text))
            print("There is no recipe '\(name)'." + (guess.map { " Did you mean '\($0)'?" } ?? ""))
        }
        let runs = try LocalRuns(
            directory: data.preparing, settings: Parts.sandbox(configuration), supervisor: .thisExecutable())
        let preparer = Preparer(
            folders: PreparedFolders(directory: data.prepared, recipes: directory), runs: runs)
        var failed = loaded.hasErrors || !unknown.isEmpty
        for recipe in loaded.recipes where recipes.isEmpty || recipes.contains(recipe.id.text) {
            failed = !(await prepare(recipe, with: preparer)) || failed
        }
        if failed { throw ExitCode.failure }
    }

    private func prepare(_ recipe: Recipe, with preparer: Preparer) async -> Bool {
        do {
            switch try await preparer.prepare(recipe, force: force, report: { print("  \($0)") }) {
            case .nothingToPrepare: print("\(recipe.id): nothing to prepare")
            case .alreadyThere: print("\(recipe.id): prepared already")
            case .made: print("\(recipe.id): prepared")
            }
            return true
        } catch {
            print("\(recipe.id): not prepared: \(error)")
            return false
        }
    }
}
