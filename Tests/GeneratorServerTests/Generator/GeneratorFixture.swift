import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

extension FieldName {
    static let endpoint = FieldName(unchecked: "endpoint")
}

extension Recipe {
    /// A recipe like the event app's: either an address or a file, and a colour with a default.
    static var generator: Recipe {
        var recipe = Recipe.sample(fields: [
            Field(name: .sampleEmail, label: "Your address", isRequired: true, isPrivate: true, kind: .email),
            Field(name: .endpoint, label: "Address of the event", kind: .url),
            Field(
                name: FieldName(unchecked: "color"), label: "Colour",
                kind: .text(TextRule(maxLength: 7, defaultValue: "#2f5d62"))),
        ])
        recipe.generatorAPI = GeneratorAPI(endpoint: .endpoint)
        return recipe
    }
}

extension LiveServer {
    /// A server with the sample recipe, and one that answers the old API.
    static var generatorOptions: Options {
        var options = Options()
        var generator = Recipe.generator
        generator.id = RecipeID(unchecked: "event")
        options.recipes = [.sample(), generator]
        return options
    }

    /// Asks for an app as an old client does.
    func generate(
        _ body: String = #"{"email":"ada@example.org","endpoint":"https://event.example/api/v1/events/1"}"#,
        _ headers: KeyValuePairs<String, String> = ["Content-Type": "application/json"]
    ) async throws -> TestClient.Answer {
        try await client.post("/api/v2/generate", headers, body: Array(body.utf8))
    }

    /// The same, well; the build's id.
    func generated() async throws -> BuildID {
        let answer = try await generate()
        try #require(answer.status == 200, "\(answer.text)")
        guard case .string(let id)? = try JSON(parsing: answer.body)["task_id"] else { throw WebError.incident }
        return try #require(BuildID(id))
    }

    func taskState(_ id: BuildID) async throws -> JSON {
        let answer = try await client.get("/api/v2/app/\(id)/status")
        try #require(answer.status == 200, "\(answer.text)")
        return try JSON(parsing: answer.body)
    }

    /// Ends a waiting build well, with an app, its listing and a picture of it.
    func finishApp(_ id: BuildID, _ bytes: [UInt8]) async throws {
        let attempt = try await start(id)
        try await apply(.runSucceeded(of: attempt), to: id)
        let listing = try await keep([1], named: "a-listing.txt", role: .product, type: "text/plain", of: id)
        let app = try await keep(
            bytes, named: "mozfest.apk", role: .product, type: "application/vnd.android.package-archive", of: id)
        try await apply(.collected([listing, app], of: attempt, needsVerification: false), to: id)
    }
}
