import Domain
import HTTPTypes
import Hummingbird
import Intake
import Storage

/// The API of the Open Event App Generator, version 2, on the recipe that says `generator_api`: its clients go on as
/// they are (docs/moving-from-open-event.md). What is asked for is taken in like every submission.
struct GeneratorRoutes {
    let web: Web

    /// Two short values and what else a client may send along.
    private static let mostBytes = 64 * 1024

    func add(to routes: inout RouteTable) {
        routes.post("/api/v2/generate") { request, context in try await generate(request, context) }
        routes.get("/api/v2/app/{id}/status") { request, context in try await status(request, context) }
        routes.get("/api/v2/app/{id}/download") { request, context in try await download(request, context) }
    }

    // MARK: Start

    private func generate(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let recipe = web.dependencies.recipes().offered.first(where: { $0.generatorAPI != nil }),
            let form = GeneratorForm(recipe)
        else { throw WebError.notFound(.page) }
        let submissions = Submissions(web: web)
        let key = try Submissions.key(request)
        // Whatever the content type says: the old API read every body as JSON.
        let body = try await submissions.collect(request, upTo: Self.mostBytes, context)
        guard let fields = form.fields(from: body) else { return GeneratorRefusal.invalidData.answer }
        let asked = web.settings.mail.languages.reading(form.reading(recipe), web.language(request))
        let outcome = try await web.dependencies.receiver.receive(json: fields.bytes, for: asked)
        switch outcome {
        case .refused(let refusal):
            return GeneratorRefusal(refusal.faults, of: recipe, form).answer
        case .accepted(let inputs):
            let (inputs, language) = MailLanguages.taken(from: inputs)
            let wish = Submissions.Wish(
                key: key, isFresh: Submissions.wantsFresh(request), language: language ?? web.language(request))
            let build = try await submissions.accept(
                inputs, for: recipe, as: wish, from: web.client(request, context))
            return started(build, request)
        }
    }

    private func started(_ build: Build, _ request: Request) -> Response {
        let cookie = BuildCookie.adding(build.id, to: BuildCookie.builds(of: request), isSecure: web.siteMap.isSecure)
        return .json(
            [
                "status": "ok", "identifier": .string(build.id.text),
                "started_at": .string(HTTPDate.text(build.createdAt)), "task_id": .string(build.id.text),
            ], headers: [.setCookie: cookie, .cacheControl: "no-store"])
    }

    // MARK: Follow

    private func status(_ request: Request, _ context: WebContext) async throws -> Response {
        let snapshot = try await web.snapshot(context)
        guard isServed(snapshot.build) else { throw WebError.notFound(.build) }
        let bytes = GeneratorState(snapshot, web.siteMap).json.bytes
        return Response.json(bytes: bytes, headers: [.cacheControl: "private, no-cache"]).tagged(
            ETag(hashing: bytes), for: request)
    }

    private func download(_ request: Request, _ context: WebContext) async throws -> Response {
        let build = try await web.build(context)
        guard isServed(build) else { throw WebError.notFound(.build) }
        guard build.state == .succeeded else { throw WebError.notFound(.app) }
        guard build.filesRemovedAt == nil else { throw WebError.expired(.app) }
        let products = build.artifacts.filter { $0.role == .product }
        guard let app = products.first(where: \.isAndroidApp) ?? products.first else {
            throw WebError.notFound(.app)
        }
        return try await ArtifactRoutes(web: web).answer(app, of: build, to: request)
    }

    /// Builds of other recipes are not found here; those of one that is no longer offered still end.
    private func isServed(_ build: Build) -> Bool {
        web.dependencies.recipes()[build.recipe]?.generatorAPI != nil
    }
}
