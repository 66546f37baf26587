import Domain
import HTTPTypes
import Hummingbird
import Storage

/// What the reader of a mail says of a build that was asked for with their address. Looking changes nothing, because
/// mail servers look at links; only a button does.
struct ConfirmationRoutes {
    let web: Web

    func add(to routes: inout RouteTable) {
        routes.get("/confirm/{capability}") { request, context in
            let build = try await build(context)
            return .html(try page(build, request, context), headers: [.cacheControl: "no-store"])
        }
        routes.post("/confirm/{capability}") { request, context in
            try await confirm(build(context), request, context)
        }
        routes.post("/confirm/{capability}/disown") { request, context in
            try await disown(build(context), request)
        }
        routes.get("/confirm/disowned") { request, context in
            .html(try web.dependencies.pages.notice(Self.disowned(web.frame(request, context))))
        }
        for prefix in ["/builds/{id}", "/api/v1/builds/{id}"] {
            routes.post(prefix + "/confirmation") { request, context in
                try await ConfirmationMail(web: web).sendAgain(web.snapshot(context), request)
            }
        }
    }

    /// The build that the link is about.
    private func build(_ context: WebContext) async throws -> Build {
        guard let token = web.parameter("capability", context),
            case .confirm(let id)? = web.dependencies.signer.capability(of: token, at: web.now),
            let build = try await web.dependencies.builds.build(id)
        else { throw WebError.notFound(.link) }
        return build
    }

    private func page(_ build: Build, _ request: Request, _ context: WebContext) throws -> String {
        let recipe = web.dependencies.recipes()[build.recipe]
        let frame = web.frame(request, context)
        let token = web.dependencies.signer.sign(.confirm(build.id))
        let isNotMe = PercentCoding.query(request.uri.query).contains { $0.name == "not-me" }
        if build.isWaitingForConfirmation, let end = build.confirmBy, end > web.now {
            return try web.dependencies.pages.confirm(
                ConfirmPage(
                    frame: frame, recipeTitle: recipe?.title ?? build.recipe.text, address: build.address ?? "",
                    askedAt: build.createdAt, confirmBy: end,
                    inputs: InputLines.lines(build.inputs, recipe: recipe), confirmURL: web.siteMap.confirm(token),
                    disownURL: web.siteMap.disown(token), isNotMe: isNotMe))
        }
        if isNotMe { return try web.dependencies.pages.notice(notMe(frame, token)) }
        return try web.dependencies.pages.notice(settled(build, recipe, frame))
    }

    /// The question was answered, or nobody did in time.
    private func settled(_ build: Build, _ recipe: Recipe?, _ frame: PageFrame) -> NoticePage {
        guard build.confirmBy == nil else {
            let words = WebError.tooLateToConfirm.words
            return NoticePage(
                frame: frame, title: words.title, paragraphs: [words.what, words.mend ?? ""],
                link: recipe?.isOffered == true
                    ? .init(url: web.siteMap.recipe(build.recipe), label: "Start it again") : nil)
        }
        return NoticePage(
            frame: frame, title: "It is confirmed", paragraphs: ["Somebody has followed this link before."],
            link: .init(url: web.siteMap.build(build.id), label: "Look how it is"))
    }

    /// Also who finds out late can say so.
    private func notMe(_ frame: PageFrame, _ token: String) -> NoticePage {
        NoticePage(
            frame: frame, title: "Was it not you?",
            paragraphs: [
                "Whether it was confirmed or given up, nobody waits for an answer any more. If you did not ask for it, "
                    + "say so: nothing more is taken with your address from where it was asked for."
            ], action: .init(url: web.siteMap.disown(token), label: "It was not me"))
    }

    private func confirm(_ build: Build, _ request: Request, _ context: WebContext) async throws -> Response {
        // What is overdue is about to be given up, and may be so already when this is written.
        if build.isWaitingForConfirmation, let end = build.confirmBy, end <= web.now {
            throw WebError.tooLateToConfirm
        }
        let memory = web.now + web.settings.mail.confirmMemory
        if case .tooLate = try await web.dependencies.addresses.confirm(build.id, rememberUntil: memory, at: web.now) {
            throw WebError.tooLateToConfirm
        }
        guard !Preference(request).wantsJSON else {
            return .json(web.json(try await web.buildView.snapshot(of: try await self.build(context)), request))
        }
        // Whoever reads the mail is the requester, perhaps at another device than the one with the form.
        let cookie = BuildCookie.adding(
            build.id, to: BuildCookie.builds(of: request), isSecure: web.siteMap.isSecure)
        return Response(
            status: .seeOther,
            headers: [.location: web.siteMap.build(build.id), .setCookie: cookie, .cacheControl: "no-store"])
    }

    private func disown(_ build: Build, _ request: Request) async throws -> Response {
        let end = web.now + web.settings.mail.blockMemory
        try await web.dependencies.addresses.disown(build.id, blockUntil: end, at: web.now)
        guard !Preference(request).wantsJSON else { return Response(status: .noContent) }
        return Response(
            status: .seeOther, headers: [.location: web.siteMap.disowned, .cacheControl: "no-store"])
    }

    private static func disowned(_ frame: PageFrame) -> NoticePage {
        NoticePage(
            frame: frame, title: "Thank you for telling us",
            paragraphs: [
                "What was asked for is not built if nobody had confirmed it, and nothing more is taken with your address "
                    + "from where it was asked for. You need not do anything else."
            ])
    }
}
