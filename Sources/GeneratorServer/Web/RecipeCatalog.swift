import Domain

/// The recipes as they are offered now.
struct RecipeCatalog: Sendable {
    /// All that were loaded, in the order of the list.
    let recipes: [Recipe]
    /// Pictures by recipe.
    let pictures: [RecipeID: PublicFile]
    private let byID: [RecipeID: Recipe]

    init(recipes: [Recipe], pictures: [RecipeID: PublicFile] = [:]) {
        self.recipes = recipes
        self.pictures = pictures
        self.byID = Dictionary(recipes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Also finds recipes that are no longer offered: their builds still have pages.
    subscript(id: RecipeID) -> Recipe? { byID[id] }

    var offered: [Recipe] { recipes.filter(\.isOffered) }
}
