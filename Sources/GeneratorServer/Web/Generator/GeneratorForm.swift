import Domain

/// Which fields of the recipe the two members of the old API's request go into.
struct GeneratorForm: Hashable, Sendable {
    /// `nil` for a recipe that takes no address.
    let email: FieldName?
    let endpoint: FieldName

    init?(_ recipe: Recipe) {
        guard let api = recipe.generatorAPI else { return nil }
        email = recipe.addressField?.name
        endpoint = api.endpoint
    }

    /// The recipe as a request of this API is read: both values are needed, whatever else the form would take instead.
    func reading(_ recipe: Recipe) -> Recipe {
        var recipe = recipe
        for place in recipe.fields.indices where [email, endpoint].contains(recipe.fields[place].name) {
            recipe.fields[place].isRequired = true
        }
        return recipe
    }

    /// The request as a submission of the recipe; `nil` if it says nothing. Other members never meant anything.
    func fields(from body: [UInt8]) -> JSON? {
        guard let json = try? JSON(parsing: body), case .object(let members) = json, !members.isEmpty else {
            return nil
        }
        let given = [(email, json["email"]), (endpoint, json["endpoint"])]
        return .object(
            given.compactMap { field, value in
                guard let field, let value else { return nil }
                return JSON.Member(name: field.text, value: value)
            })
    }
}
