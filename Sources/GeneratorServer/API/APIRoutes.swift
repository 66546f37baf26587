import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Intake
import NIOCore
import Recipes
import Storage

/// What programs have beside the routes that they share with people.
struct APIRoutes {
    let web: Web
    /// Builds that one request may ask for.
    private static let mostIDs = 50

    func add(to routes: inout RouteTable) {
        routes.get("/api/v1/recipes") { request, _ in
            let recipes = web.dependencies.recipes().offered.map { summary($0, request) }
            return .json(["recipes": .array(recipes)])
        }
        routes.get("/api/v1/recipes/{id}") { request, context in
            let recipe = try web.settings.mail.languages.asking(
                web.offeredRecipe(context), web.settings.mail.languages.standard)
            guard case .object(let members) = summary(recipe, request) else { throw WebError.incident }
            let form = JSON.Member(name: "form", value: try JSON(parsing: Array(FormSchema.json(for: recipe).utf8)))
            return .json(.object(members + [form]))
        }
        routes.get("/api/v1/builds") { request, _ in try await builds(request) }
        routes.post("/api/v1/builds") { request, context in try await submit(request, context) }
        routes.get("/api/v1/openapi.json") { request, _ in
            let description = OpenAPI.description(server: web.origin(request))
            return Response.json(description).tagged(ETag(hashing: description.bytes), for: request)
        }
    }

    private func summary(_ recipe: Recipe, _ request: Request) -> JSON {
        let origin = web.origin(request)
        return [
            "id": .string(recipe.id.text), "title": .string(recipe.title), "summary": .string(recipe.summary),
            "links": [
                "self": .string(origin + web.siteMap.apiRecipe(recipe.id)),
                "page": .string(origin + web.siteMap.recipe(recipe.id)),
                "builds": .string(origin + web.siteMap.apiRecipe(recipe.id) + "/builds"),
            ],
        ]
    }

    /// Those that are asked for by id, or the browser's own: nobody sees a build by asking for all (P4).
    private func builds(_ request: Request) async throws -> Response {
        let named = PercentCoding.query(request.uri.query).first { $0.name == "ids" }?.value
        let ids = named.map { $0.split(separator: ",").compactMap { BuildID($0) } } ?? BuildCookie.builds(of: request)
        guard named != nil || !ids.isEmpty else { throw WebError.buildsNotListed }
        var found: [JSON] = []
        for id in ids.prefix(Self.mostIDs) {
            guard let snapshot = try await web.buildView.snapshot(of: id) else { continue }
            found.append(web.json(snapshot, request))
        }
        return .json(["builds": .array(found)], headers: [.vary: "Cookie", .cacheControl: "private, no-cache"])
    }

    /// `{"recipe": id, "inputs": {...}}`
    private func submit(_ request: Request, _ context: WebContext) async throws -> Response {
        let type = MediaType.essence(request.headers[.contentType] ?? "")
        guard type == "application/json" else {
            throw WebError.unsupportedBody(found: type.isEmpty ? nil : String(type.prefix(100)))
        }
        let submissions = Submissions(web: web)
        let key = try Submissions.key(request)
        let body = try ProgramRequest(json: try await submissions.collect(request, upTo: 1 << 20, context))
        guard let name = body.recipe else {
            throw WebError.malformed(.json("The member \"recipe\" is missing: the id of a recipe."))
        }
        guard let recipe = RecipeID(name).flatMap({ web.dependencies.recipes()[$0] }), recipe.isOffered else {
            throw WebError.notFound(.recipe)
        }
        let outcome = try await web.dependencies.receiver.receive(
            json: body.inputs, for: web.settings.mail.languages.reading(recipe, web.language(request)))
        return try await FormRoutes(web: web).answer(outcome, recipe, key, request, context)
    }
}

extension JSON {
    /// Reads a JSON text. Members come in no particular order.
    init(parsing bytes: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(JSON.self, from: Data(bytes))
        } catch {
            throw WebError.malformed(.json("The body is no valid JSON."))
        }
    }
}

extension JSON: Decodable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: Name.self) {
            self = .object(
                try members.allKeys.sorted { $0.stringValue < $1.stringValue }.map { name in
                    Member(name: name.stringValue, value: try members.decode(JSON.self, forKey: name))
                })
            return
        }
        if var elements = try? decoder.unkeyedContainer() {
            var array: [JSON] = []
            while !elements.isAtEnd { array.append(try elements.decode(JSON.self)) }
            self = .array(array)
            return
        }
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let truth = try? value.decode(Bool.self) {
            self = .bool(truth)
        } else if let number = try? value.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else {
            self = .string(try value.decode(String.self))
        }
    }
}
