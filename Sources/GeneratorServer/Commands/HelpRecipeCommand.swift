import ArgumentParser
import Recipes

/// `kiln help-recipe`: every key of a recipe, or the JSON Schema for editors.
struct HelpRecipeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help-recipe", abstract: "Explain every key of recipe.yml.",
        discussion: "The guide with an example is docs/recipes.md.")

    @Flag(help: "Print the JSON Schema that editors use (docs/recipe.schema.json).")
    var schema = false

    func run() throws {
        print(schema ? RecipeSchema.json() : RecipeGuide.markdown(), terminator: "")
    }
}
