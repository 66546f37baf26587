import Domain

@testable import GeneratorServer

/// Pages without looks: enough to see in a test what the models say.
struct PlainPages: PageRenderer {
    func recipes(_ page: RecipesPage) -> String {
        "recipes\n" + page.recipes.map { "\($0.title) \($0.url)\n" }.joined()
    }

    func form(_ page: FormPage) -> String {
        var text = "form \(page.recipe.id)\naction=\(page.action)\n"
        if let notice = page.notice { text += "notice=\(notice.what)\n" }
        for field in page.fields {
            text += "\(field.field.name)=\(Self.text(field.value))\n"
            text += field.faults.map { "fault \($0.field) \($0.code) \($0.message)\n" }.joined()
        }
        text += page.strayFaults.map { "stray \($0.field) \($0.code) \($0.message)\n" }.joined()
        return text
    }

    func build(_ page: BuildPage) -> String {
        """
        build \(page.build.id)
        line=\(page.statusLine)
        explanation=\(page.explanation)
        log=\(page.log.text)
        after=\(page.lastEventID)
        target=\(page.target ?? "") lead=\(page.links.lead ?? "") live=\(page.isLive)
        targets=\(page.targets.map { "\($0.name) \($0.build.state.name) \($0.url)" }.joined(separator: "; "))
        artifacts=\(page.artifacts.map(\.url).joined(separator: " "))
        inputs=\(page.inputs.map { "\($0.label): \($0.value)" }.joined(separator: "; "))
        """
    }

    func status(_ page: StatusPage) -> String {
        "status\n" + page.lines.map { "\($0.provider) up=\($0.isUp) waiting=\($0.waiting)\n" }.joined()
    }

    func confirm(_ page: ConfirmPage) -> String {
        """
        confirm \(page.recipeTitle) \(page.address) notMe=\(page.isNotMe)
        until=\(page.confirmBy)
        yes=\(page.confirmURL)
        no=\(page.disownURL)
        inputs=\(page.inputs.map { "\($0.label): \($0.value)" }.joined(separator: "; "))
        """
    }

    func notice(_ page: NoticePage) -> String {
        "notice \(page.title)\n\(page.paragraphs.joined(separator: "\n"))\naction=\(page.action?.url ?? "")\n"
            + "link=\(page.link?.url ?? "")\n"
    }

    func error(_ page: ErrorPage) -> String {
        "error \(page.status) \(page.title)\n\(page.what)\n\(page.mend ?? "")\nid=\(page.frame.requestID)\n"
    }

    private static func text(_ value: FormField.Value) -> String {
        switch value {
        case .text(let text): text
        case .toggle(let isOn): isOn ? "on" : "off"
        case .choices(let choices): choices.sorted().joined(separator: ",")
        case .file: "(file)"
        }
    }
}
