import Domain
import HTTPTypes
import Hummingbird
import Intake
import NIOCore

/// The first page, the forms, and their submission.
struct FormRoutes {
    let web: Web
    private let submissions: Submissions
    private let forms: FormPages

    init(web: Web) {
        self.web = web
        self.submissions = Submissions(web: web)
        self.forms = FormPages(web: web)
    }

    func add(to routes: inout RouteTable) {
        routes.get("/") { request, context in try await home(request, context) }
        routes.get("/recipes/{id}") { request, context in
            try form(web.offeredRecipe(context), request, context)
        }
        routes.get("/recipes/{id}/picture") { request, context in
            guard let picture = try web.dependencies.recipes().pictures[web.offeredRecipe(context).id] else {
                throw WebError.notFound(.page)
            }
            return Response.answer(
                picture.bytes, type: picture.contentType, headers: [.cacheControl: "max-age=300"]
            ).tagged(ETag(picture.digest), for: request)
        }
        routes.post("/recipes/{id}/builds") { request, context in
            try await submit(web.offeredRecipe(context), request, context)
        }
        routes.post("/api/v1/recipes/{id}/builds") { request, context in
            try await submit(web.offeredRecipe(context), request, context)
        }
    }

    private func home(_ request: Request, _ context: WebContext) async throws -> Response {
        let offered = web.dependencies.recipes().offered
        if offered.count == 1, let only = offered.first { return try form(only, request, context) }
        let pictures = web.dependencies.recipes().pictures
        let entries = offered.map { recipe in
            RecipesPage.Entry(
                title: recipe.title, summary: recipe.summary, url: web.siteMap.recipe(recipe.id),
                pictureURL: pictures[recipe.id] == nil ? nil : web.siteMap.recipePicture(recipe.id))
        }
        let page = RecipesPage(frame: web.frame(request, context), recipes: entries)
        return .html(try web.dependencies.pages.recipes(page))
    }

    /// Never kept by a browser: its key is for one submission.
    private func form(_ recipe: Recipe, _ request: Request, _ context: WebContext) throws -> Response {
        .html(
            try web.dependencies.pages.form(forms.fresh(recipe, request, context)),
            headers: [.cacheControl: "no-store"])
    }

    private func submit(_ recipe: Recipe, _ request: Request, _ context: WebContext) async throws -> Response {
        let key = try Submissions.key(request)
        let outcome = try await submissions.read(request, for: recipe, context)
        return try await answer(outcome, recipe, key, request, context)
    }

    /// The answer to a submission that was read.
    func answer(
        _ outcome: SubmissionReceiver.Outcome, _ recipe: Recipe, _ key: Submissions.Key, _ request: Request,
        _ context: WebContext
    ) async throws -> Response {
        switch outcome {
        case .refused(let refusal):
            return try answer(refusal, recipe, request, context)
        case .accepted(let inputs):
            do {
                let (inputs, language) = MailLanguages.taken(from: inputs)
                let wish = Submissions.Wish(
                    key: key, isFresh: Submissions.wantsFresh(request), language: language ?? web.language(request))
                let build = try await submissions.accept(
                    inputs, for: recipe, as: wish, from: web.client(request, context))
                return try await web.accepted(build, request)
            } catch WebError.addressRefused(let refusal) where !Preference(request).wantsErrorPage {
                return Self.problem(refusal, recipe, context)
            } catch let error where Preference(request).wantsErrorPage {
                return try givenBack(inputs, recipe, error, request, context)
            }
        }
    }

    /// Everything that is wrong, as a form with what was typed, or as a problem (P8).
    private func answer(
        _ refusal: SubmissionReceiver.Refusal, _ recipe: Recipe, _ request: Request, _ context: WebContext
    ) throws -> Response {
        let words = Self.words(refusal)
        let status = HTTPResponse.Status(code: words.status)
        if Preference(request).wantsErrorPage {
            let page = forms.refused(
                recipe, values: refusal.values, faults: refusal.faults, lost: refusal.files, notice: nil, request,
                context)
            return .html(try web.dependencies.pages.form(page), status: status, headers: [.cacheControl: "no-store"])
        }
        let faults = refusal.faults.map { fault in
            FaultWording.message(fault, of: FieldName(fault.field).flatMap { recipe.field($0) })
        }
        return .answer(
            ByteBuffer(bytes: words.problem(requestID: context.requestID, faults: faults).bytes),
            type: "application/problem+json", status: status, headers: words.headers)
    }

    private static func words(_ refusal: SubmissionReceiver.Refusal) -> ErrorWords {
        let count = refusal.faults.count
        let mend = "Mend what the list of errors names, and send it all again."
        let isTooLarge = refusal.faults.contains { if case .fileTooLarge = $0.code { true } else { false } }
        if isTooLarge {
            return ErrorWords(
                413, "file_too_large", "A file is too large", "A file is larger than its field takes.", mend: mend)
        }
        let isWrongKind = refusal.faults.contains { if case .wrongKind = $0.code { true } else { false } }
        if isWrongKind {
            return ErrorWords(
                415, "wrong_kind", "Wrong kind of file", "A file is not of a kind that its field takes.", mend: mend)
        }
        return .faulty(count)
    }

    /// Said at the field that it is about, like any other fault (P8).
    private static func fault(_ refusal: AddressRefusal, _ recipe: Recipe) -> FaultMessage? {
        recipe.addressField.map {
            FaultMessage(field: $0.name.text, code: refusal.code, message: refusal.message)
        }
    }

    private static func problem(_ refusal: AddressRefusal, _ recipe: Recipe, _ context: WebContext) -> Response {
        let words = WebError.addressRefused(refusal).words
        let faults = fault(refusal, recipe).map { [$0] } ?? []
        return .answer(
            ByteBuffer(bytes: words.problem(requestID: context.requestID, faults: faults).bytes),
            type: "application/problem+json", status: HTTPResponse.Status(code: words.status), headers: words.headers)
    }

    /// The form was right and could still not be taken: nothing that was typed is lost.
    private func givenBack(
        _ inputs: Inputs, _ recipe: Recipe, _ error: any Error, _ request: Request, _ context: WebContext
    ) throws -> Response {
        guard let known = ErrorAnswers.webError(for: error) else { throw error }
        let words = known.words
        var lost: [String: String] = [:]
        var values: [String: [String]] = [:]
        for value in inputs.values {
            switch value.content {
            case .text(let text): values[value.field.text] = [text]
            case .number(let number): values[value.field.text] = [Quantity.number(number)]
            case .toggle(let isOn): values[value.field.text] = [isOn ? "on" : "off"]
            case .choices(let choices): values[value.field.text] = choices
            case .upload(let upload): lost[value.field.text] = upload.name
            }
        }
        let page =
            if case .checkFailed(let faults) = known {
                forms.refused(
                    recipe, values: values, faults: [], messages: faults, lost: lost, notice: nil, request, context)
            } else if case .addressRefused(let refusal) = known, let fault = Self.fault(refusal, recipe) {
                forms.refused(
                    recipe, values: values, faults: [], messages: [fault], lost: lost, notice: nil, request, context)
            } else {
                forms.refused(
                    recipe, values: values, faults: [], lost: lost,
                    notice: FormPage.Notice(what: words.what, mend: words.mend ?? "Try again."), request, context)
            }
        return .html(
            try web.dependencies.pages.form(page), status: HTTPResponse.Status(code: words.status),
            headers: words.headers)
    }
}

extension Web {
    /// The answer to an accepted submission: the build's page for people, the build for programs.
    func accepted(_ build: Build, _ request: Request) async throws -> Response {
        let cookie = BuildCookie.adding(
            build.id, to: BuildCookie.builds(of: request), isSecure: siteMap.isSecure)
        let isProgram =
            Preference(request).wantsJSON
            || MediaType.essence(request.headers[.contentType] ?? "") == "application/json"
        guard isProgram else {
            return Response(
                status: .seeOther,
                headers: [.location: siteMap.build(build.id), .setCookie: cookie, .cacheControl: "no-store"])
        }
        let snapshot = try await buildView.snapshot(of: build)
        return .json(
            json(snapshot, request), status: .accepted,
            headers: [.location: siteMap.apiBuild(build.id), .setCookie: cookie, .cacheControl: "no-store"])
    }
}
