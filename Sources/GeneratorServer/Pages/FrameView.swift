/// What the templates may name around the content of every page.
struct FrameView: Sendable {
    let title: String
    let homeURL: String
    let latestBuildURL: String?
    let styleURL: String
    let scriptURL: String
    let iconURL: String
    let requestID: String
    /// Which of the script's parts runs: `form`, `build`, or nothing.
    let page: String
    /// Without the script, the page is asked for again after a while.
    let refreshes: Bool

    init(_ frame: PageFrame, title: String, page: String, refreshes: Bool = false) {
        self.title = title
        homeURL = frame.homeURL
        latestBuildURL = frame.latestBuildURL
        styleURL = frame.assets["kiln.css"]
        scriptURL = frame.assets["kiln.js"]
        iconURL = frame.assets["icon.svg"]
        requestID = frame.requestID
        self.page = page
        self.refreshes = refreshes
    }
}

/// The list of recipes.
struct RecipesPageView: Sendable {
    struct Entry: Sendable {
        let title: String
        let summary: String
        let url: String
        let pictureURL: String?
    }

    let frame: FrameView
    let recipes: [Entry]

    init(_ page: RecipesPage) {
        frame = FrameView(page.frame, title: "What shall be built?", page: "recipes")
        recipes = page.recipes.map {
            Entry(title: $0.title, summary: $0.summary, url: $0.url, pictureURL: $0.pictureURL)
        }
    }
}

/// A page that says what went wrong.
struct ErrorPageView: Sendable {
    let frame: FrameView
    let status: Int
    let title: String
    let what: String
    let mend: String?

    init(_ page: ErrorPage) {
        frame = FrameView(page.frame, title: page.title, page: "error")
        status = page.status
        title = page.title
        what = page.what
        mend = page.mend
    }
}
