import Domain

/// Whether a build is wanted.
struct ConfirmPageView: Sendable {
    struct Line: Sendable {
        let label: String
        let value: String
    }

    let frame: FrameView
    let confirmScriptURL: String
    let title: String
    let address: String
    let askedAt: String
    let confirmBy: String
    let inputs: [Line]
    let confirmURL: String
    let disownURL: String
    let isNotMe: Bool

    init(_ page: ConfirmPage) {
        frame = FrameView(
            page.frame, title: page.isNotMe ? "Was it not you?" : "Please confirm: \(page.recipeTitle)",
            page: page.isNotMe ? "not-me" : "confirm")
        confirmScriptURL = page.frame.assets["confirm.js"]
        title = page.recipeTitle
        address = page.address
        askedAt = Wording.moment(page.askedAt)
        confirmBy = Wording.moment(page.confirmBy)
        inputs = page.inputs.map { Line(label: $0.label, value: $0.value) }
        confirmURL = page.confirmURL
        disownURL = page.disownURL
        isNotMe = page.isNotMe
    }
}

/// One thing that is said or asked.
struct NoticePageView: Sendable {
    /// Names differ from the link's: where a value is absent, mustache looks for its name further out.
    struct Action: Sendable {
        let actionURL: String
        let actionLabel: String
    }

    struct Link: Sendable {
        let linkURL: String
        let linkLabel: String
    }

    let frame: FrameView
    let title: String
    let paragraphs: [String]
    let action: Action?
    let link: Link?

    init(_ page: NoticePage) {
        frame = FrameView(page.frame, title: page.title, page: "notice")
        title = page.title
        paragraphs = page.paragraphs
        action = page.action.map { Action(actionURL: $0.url, actionLabel: $0.label) }
        link = page.link.map { Link(linkURL: $0.url, linkLabel: $0.label) }
    }
}
