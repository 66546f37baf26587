import Mustache

/// The pages as mustache templates under `templates/pages/`.
struct MustachePages: PageRenderer {
    private let templates: MustacheLibrary

    /// The templates by name; `index` is the list of recipes.
    enum Template: String, CaseIterable {
        case recipes, form, build, status, confirm, notice, error

        var name: String { "pages/\(rawValue)" }
    }

    /// Reads every template; one that is missing is noticed here, not by a visitor.
    init(templatesDirectory: String) async throws {
        let library = try await MustacheLibrary(directory: templatesDirectory)
        for template in Template.allCases where library.getTemplate(named: template.name) == nil {
            throw PageError.missingTemplate(template.name)
        }
        templates = library
    }

    func recipes(_ page: RecipesPage) throws -> String {
        try render(RecipesPageView(page), .recipes)
    }

    func form(_ page: FormPage) throws -> String {
        try render(FormPageView(page), .form)
    }

    func build(_ page: BuildPage) throws -> String {
        try render(BuildPageView(page), .build)
    }

    func status(_ page: StatusPage) throws -> String {
        try render(StatusPageView(page), .status)
    }

    func confirm(_ page: ConfirmPage) throws -> String {
        try render(ConfirmPageView(page), .confirm)
    }

    func notice(_ page: NoticePage) throws -> String {
        try render(NoticePageView(page), .notice)
    }

    func error(_ page: ErrorPage) throws -> String {
        try render(ErrorPageView(page), .error)
    }

    private func render(_ view: any Sendable, _ template: Template) throws -> String {
        guard let html = templates.render(view, withTemplate: template.name) else {
            throw PageError.missingTemplate(template.name)
        }
        return html
    }
}

/// Why a page cannot be made.
enum PageError: Error, Hashable, Sendable {
    case missingTemplate(String)
}
