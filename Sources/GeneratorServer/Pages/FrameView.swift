import Domain

/// What the templates may name around the content of every page.
struct FrameView: Sendable {
    let title: String
    let homeURL: String
    let statusURL: String
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
        statusURL = frame.statusURL
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

/// How busy the service is.
struct StatusPageView: Sendable {
    struct Line: Sendable {
        let name: String
        let state: String
        let isUp: Bool
        let since: String?
        let waiting: String
        let underWay: String
        let wait: String
    }

    let frame: FrameView
    let time: String
    let lines: [Line]

    init(_ page: StatusPage) {
        frame = FrameView(page.frame, title: "How busy it is", page: "status")
        time = Wording.moment(page.at)
        lines = page.lines.map { line in
            Line(
                name: ProviderWords.name(line.provider), state: line.isUp ? "Up" : "Down", isUp: line.isUp,
                since: line.since.map(Wording.moment), waiting: String(line.waiting), underWay: String(line.underWay),
                wait: Self.wait(line))
        }
    }

    private static func wait(_ line: StatusBoard.Line) -> String {
        guard line.isUp else { return "builds wait until it is up again" }
        guard let wait = line.expectedWait else { return "not known yet" }
        return wait == .zero ? "none" : Wording.about(seconds: Int((wait.wholeMilliseconds + 999) / 1000))
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
