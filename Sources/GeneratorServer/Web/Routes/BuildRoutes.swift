import Domain
import HTTPTypes
import Hummingbird
import Intake
import Storage

/// A build's page, and the requester's own controls.
struct BuildRoutes {
    let web: Web

    func add(to routes: inout RouteTable) {
        routes.get("/builds/{id}") { request, context in
            let snapshot = try await web.snapshot(context)
            if Preference(request).wantsJSON { return web.buildAnswer(snapshot, request) }
            return .html(
                try await web.dependencies.pages.build(
                    BuildPages(web: web).page(snapshot, request, context)),
                headers: [.vary: "Accept", .cacheControl: "no-store"])
        }
        routes.get("/api/v1/builds/{id}") { request, context in
            web.buildAnswer(try await web.snapshot(context), request)
        }
        for prefix in ["/builds/{id}", "/api/v1/builds/{id}"] {
            routes.post(prefix + "/cancel") { request, context in try await cancel(request, context) }
            routes.post(prefix + "/rebuild") { request, context in try await rebuild(request, context) }
        }
    }

    private func cancel(_ request: Request, _ context: WebContext) async throws -> Response {
        let build = try await web.build(context)
        let attempts = web.dependencies.recipes()[build.recipe]?.build.maxAttempts ?? 1
        // The lead speaks for its group; it goes last, so that what is answered is so of all.
        let others = build.group == build.id ? try await web.dependencies.builds.group(of: build.id).dropFirst() : []
        for other in others {
            _ = try await web.dependencies.builds.apply(
                .cancelled, to: other.id, policy: BuildPolicy(maxAttempts: attempts), lease: nil, at: web.now)
        }
        let transition = try await web.dependencies.builds.apply(
            .cancelled, to: build.id, policy: BuildPolicy(maxAttempts: attempts), lease: nil, at: web.now)
        guard Preference(request).wantsJSON else {
            return Response(status: .seeOther, headers: [.location: web.siteMap.build(build.id)])
        }
        return web.buildAnswer(try await web.buildView.snapshot(of: transition.build), request)
    }

    /// A new build with the same inputs. Its files are its own, so that the old build's end does not touch it (P4).
    private func rebuild(_ request: Request, _ context: WebContext) async throws -> Response {
        let build = try await web.build(context)
        let isLead = build.group == build.id
        let group = isLead ? try await web.dependencies.builds.group(of: build.id) : [build]
        guard group.allSatisfy(\.state.isTerminal) else { throw WebError.stillUnderWay }
        guard build.filesRemovedAt == nil else { throw WebError.expired(.build) }
        guard let recipe = web.dependencies.recipes()[build.recipe], recipe.isOffered else {
            throw WebError.notFound(.recipe)
        }
        guard recipe.digest == build.recipeDigest else { throw WebError.recipeChanged(recipe.id) }
        if web.stopping.isSet { throw WebError.stopping }
        // What was fetched is fetched anew: it may have changed.
        let inputs = try await copy(of: recipe.submitted(build.inputs))
        let key: Submissions.Key =
            if case .program(let key) = try Submissions.key(request) { .program(key) } else { .none }
        let wish = Submissions.Wish(
            key: key, isFresh: true, target: isLead ? nil : build.target, language: build.language)
        let new = try await Submissions(web: web).accept(
            inputs, for: recipe, as: wish, from: web.client(request, context))
        return try await web.accepted(new, request)
    }

    private func copy(of inputs: Inputs) async throws -> Inputs {
        var copies: [UploadID] = []
        do {
            var inputs = inputs
            for place in inputs.values.indices {
                guard case .upload(var upload) = inputs.values[place].content else { continue }
                upload.id = try await web.dependencies.uploads.duplicate(upload.id)
                copies.append(upload.id)
                inputs.values[place].content = .upload(upload)
            }
            return inputs
        } catch {
            await web.dependencies.uploads.remove(copies)
            if case IntakeError.missingUpload = error { throw WebError.expired(.build) }
            throw error
        }
    }
}

extension Web {
    func buildAnswer(_ snapshot: BuildSnapshot, _ request: Request) -> Response {
        let bytes = json(snapshot, request).bytes
        return Response.json(bytes: bytes, headers: [.vary: "Accept", .cacheControl: "private, no-cache"]).tagged(
            ETag(hashing: bytes), for: request)
    }
}
