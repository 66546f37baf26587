import Domain

/// The live page of a build.
struct BuildPageView: Sendable {
    struct Step: Sendable {
        let label: String
        let isDone: Bool
        let isCurrent: Bool
    }

    struct Line: Sendable {
        let label: String
        let value: String
    }

    struct File: Sendable {
        let name: String
        let url: String
        let size: String
        let sha256: String
        let until: String?
        /// People seldom install apps that come from no store: the page says how.
        let isAndroidApp: Bool
    }

    struct Moment: Sendable {
        let time: String
        let machineTime: String
        let text: String
    }

    struct Mail: Sendable {
        let text: String
    }

    /// A stretch of the log.
    struct Stretch: Sendable {
        let text: String
        let looks: String?
    }

    let frame: FrameView
    let title: String
    /// Which target of the recipe it makes.
    let target: String?
    let state: String
    let stateLabel: String
    let explanation: String
    let percent: Int?
    let isLive: Bool
    /// Whether it waits for somebody to confirm it: nothing of the queue is told then.
    let isUnconfirmed: Bool
    let isSucceeded: Bool
    let fault: Fault?
    let steps: [Step]
    let waiting: String?
    let run: RunView?
    /// All builds of the submission, on the page of its lead.
    let targets: [TargetView]
    let isGroup: Bool
    let inputs: [Line]
    let files: [File]
    let pictures: [File]
    let filesAreGone: Bool
    let timeline: [Moment]
    let mails: [Mail]
    let log: [Stretch]
    let logIsCut: Bool
    let logIsEmpty: Bool
    let hasLog: Bool
    let logTitle: String
    let links: BuildLinks
    let cancelLabel: String
    let rebuildLabel: String
    /// The form, filled in as it was; files and private fields are not in an address.
    let changeURL: String?
    let lastEventID: String
    let id: String

    init(_ page: BuildPage) {
        let isGroup = !page.targets.isEmpty
        self.isGroup = isGroup
        let state = page.summary?.state ?? page.build.state.name
        stateLabel =
            page.confirmBy != nil ? "Waiting for you" : page.summary.map(Self.label) ?? Self.label(of: page)
        frame = FrameView(
            page.frame, title: "\(stateLabel): \(page.recipeTitle)", page: "build", refreshes: page.isLive)
        title = page.recipeTitle
        target = isGroup ? nil : page.target
        self.state = state.rawValue
        explanation = page.explanation
        percent = page.percent
        isLive = page.isLive
        isUnconfirmed = page.confirmBy != nil
        isSucceeded = !isGroup && state == .succeeded
        fault = if !isGroup, case .failed(let failure) = page.build.state { Fault(failure) } else { nil }
        steps = isGroup || page.confirmBy != nil ? [] : Self.steps(state, verifies: page.recipe?.verify != nil)
        waiting = Self.waiting(page)
        run = isGroup ? nil : RunView(page.build)
        targets = page.targets.map { TargetView($0, isShown: $0.build.id == page.build.id) }
        inputs = page.inputs.map { Line(label: $0.label, value: $0.value) }
        files = page.artifacts.map(File.init)
        pictures = page.pictures.map(File.init)
        filesAreGone = page.filesAreGone
        timeline = page.timeline.map { line in
            Moment(
                time: Wording.clock(line.entry.at), machineTime: line.entry.at.description,
                text: TimelineWords.text(line))
        }
        mails = page.deliveries.map { Mail(text: MailWords.text($0)) }
        log = StyledText.runs(page.log.text).map { Stretch(text: $0.text, looks: $0.looks) }
        logIsCut = page.log.isCut
        logIsEmpty = page.log.size == 0
        hasLog = page.log.size > 0 || (!page.build.state.isTerminal && page.confirmBy == nil)
        logTitle = isGroup ? page.target.map { "Log of \($0)" } ?? "Log" : "Log"
        links = page.links
        cancelLabel = isGroup ? "Cancel all" : "Cancel this build"
        rebuildLabel = Self.wasReused(page) ? "Build again, afresh" : isGroup ? "Build them again" : "Build it again"
        changeURL = page.isLive ? nil : page.recipe.map { Self.changeURL(page.build, of: $0) }
        lastEventID = page.lastEventID
        id = page.build.id.text
    }

    private static func wasReused(_ page: BuildPage) -> Bool {
        page.build.reusedFrom != nil || page.targets.contains { $0.build.reusedFrom != nil }
    }

    private static func label(_ summary: GroupSummary) -> String {
        summary.state == .succeeded && summary.ready < summary.count ? "Ready in part" : label(summary.state)
    }

    /// Waiting at the CI is told apart from waiting here.
    private static func label(of page: BuildPage) -> String {
        if case .running(_, nil) = page.build.state, let label = page.label { return label }
        if page.build.wasNeverConfirmed { return "Not confirmed" }
        return label(page.build.state.name)
    }

    static func label(_ state: BuildState.Name) -> String {
        switch state {
        case .queued: "Waiting"
        case .triggering: "Starting"
        case .running: "Building"
        case .collecting: "Collecting"
        case .verifying: "Trying it out"
        case .succeeded: "Ready"
        case .failed: "Failed"
        case .cancelled: "Cancelled"
        case .expired: "Not started in time"
        }
    }

    private static func changeURL(_ build: Build, of recipe: Recipe) -> String {
        var pairs: [(String, String)] = []
        for value in build.inputs.values where recipe.field(value.field)?.isPrivate == false {
            switch value.content {
            case .text(let text): pairs.append((value.field.text, text))
            case .number(let number): pairs.append((value.field.text, String(number)))
            case .toggle(let isOn): pairs.append((value.field.text, String(isOn)))
            case .choices(let choices): pairs += choices.map { (value.field.text, $0) }
            case .upload: continue
            }
        }
        let query = pairs.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
        return "/recipes/\(recipe.id)" + (query.isEmpty ? "" : "?" + query)
    }

    /// RFC 3986 section 2.3: everything but unreserved characters.
    private static func percentEncoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        return String(
            decoding: text.utf8.flatMap { byte in
                plain.contains(byte) ? [byte] : [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }, as: UTF8.self)
    }

    private static func steps(_ state: BuildState.Name, verifies: Bool) -> [Step] {
        let all: [(String, [BuildState.Name])] =
            [("Waiting", [.queued]), ("Building", [.triggering, .running]), ("Collecting", [.collecting])]
            + (verifies ? [("Trying it out", [.verifying])] : []) + [("Ready", [.succeeded])]
        guard let now = all.firstIndex(where: { $0.1.contains(state) }) else { return [] }
        return all.enumerated().map { index, step in
            Step(
                label: step.0, isDone: index < now || state == .succeeded,
                isCurrent: index == now && state != .succeeded)
        }
    }

    private static func waiting(_ page: BuildPage) -> String? {
        let eta = page.etaSeconds ?? page.queue?.etaSeconds
        let time = eta.map { "Expected to be ready in \(Wording.about(seconds: $0))." }
        guard let queue = page.queue else { return page.isLive ? time : nil }
        let place = queue.position == 1 ? "Next in the queue." : "Number \(queue.position) in the queue."
        return [place, time].compactMap { $0 }.joined(separator: " ")
    }
}
