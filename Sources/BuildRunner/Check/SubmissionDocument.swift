import Domain
import Foundation

/// `build.json` of a check: what is known before there is a build.
struct SubmissionDocument: Encodable {
    var recipe: String
    var recipe_digest: String
    var inputs: [String: BuildDocument.Value]
    var uploads: [String: BuildDocument.UploadEntry]

    init(_ recipe: Recipe, _ values: [InputValue]) {
        self.recipe = recipe.id.text
        recipe_digest = recipe.digest
        (inputs, uploads) = BuildDocument.entries(of: values)
    }

    func json() throws -> [UInt8] {
        try BuildDocument.json(self)
    }
}
