import BuildRunner
import Domain

/// `build.json`: what one attempt's run is told of its build. docs/callback.md describes it for those who write jobs.
struct JobDocument {
    let build: Build
    let recipe: Recipe
    let attempt: Attempt
    let links: JobLinks
    let bundle: String

    /// The inputs that a job may see: of the fields that the recipe bundles, or of all.
    static func inputs(of build: Build, _ recipe: Recipe) -> [InputValue] {
        recipe.publicValues(of: build.inputs, in: recipe.build.bundle)
    }

    /// With the callback, for the run that asks for it.
    var json: JSON {
        guard case .object(var members) = shared else { return [:] }
        let callback: JSON = [
            "url": .string(links.callback(build.id)), "token": .string(links.token(attempt)),
        ]
        // Early, for readers that go by lines.
        members.insert(JSON.Member(name: "callback", value: callback), at: 2)
        return .object(members)
    }

    /// Without the callback: the bundle may lie about in a workspace that others read.
    var shared: JSON {
        [
            "id": .string(build.id.text), "attempt": .string(attempt.publicKey),
            "recipe": [
                "id": .string(recipe.id.text), "title": .string(recipe.title), "version": .string(build.recipeDigest),
            ],
            "target": .optional(build.target), "submitted_at": .string(build.createdAt.description), "fields": fields,
            "inputs": files, "parameters": parameters, "bundle": ["url": .string(bundle)],
            "page": .string(links.page(build.id)), "expires_with": "attempt", "number": .integer(build.number),
        ]
    }

    private var order: BuildOrder { BuildOrder(build: build, recipe: recipe) }

    private var fields: JSON {
        .object(
            Self.inputs(of: build, recipe).compactMap { input in
                BuildJSON.value(input.content).map { JSON.Member(name: input.field.text, value: $0) }
            })
    }

    private var files: JSON {
        .array(
            Self.inputs(of: build, recipe).compactMap { input in
                guard case .upload(let upload) = input.content else { return nil }
                return [
                    "field": .string(input.field.text), "name": .string(upload.name),
                    "url": .string(links.upload(upload, order, attempt)), "bytes": .integer(upload.bytes),
                    "sha256": .string(upload.sha256), "content_type": .string(upload.contentType),
                ]
            })
    }

    private var parameters: JSON {
        .object(
            JobParameters(order, as: attempt, links: links).values.map {
                JSON.Member(name: $0.name, value: .string($0.value))
            })
    }
}
