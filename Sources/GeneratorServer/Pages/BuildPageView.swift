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
    }

    struct Moment: Sendable {
        let time: String
        let machineTime: String
        let text: String
    }

    struct Mail: Sendable {
        let text: String
    }

    let frame: FrameView
    let title: String
    let state: String
    let stateLabel: String
    let explanation: String
    let percent: Int?
    let isLive: Bool
    let isSucceeded: Bool
    let isFailed: Bool
    let errorLine: String?
    let steps: [Step]
    let waiting: String?
    let inputs: [Line]
    let files: [File]
    let pictures: [File]
    let filesAreGone: Bool
    let timeline: [Moment]
    let mails: [Mail]
    let log: String
    let logIsCut: Bool
    let logIsEmpty: Bool
    let hasLog: Bool
    let links: BuildLinks
    /// The form, filled in as it was; files and private fields are not in an address.
    let changeURL: String?
    let lastEventID: String
    let id: String

    init(_ page: BuildPage) {
        let state = page.build.state.name
        frame = FrameView(
            page.frame, title: "\(Self.label(state)): \(page.recipeTitle)", page: "build", refreshes: page.isLive)
        title = page.recipeTitle
        self.state = state.rawValue
        stateLabel = Self.label(state)
        explanation = page.explanation
        percent = page.percent
        isLive = page.isLive
        isSucceeded = state == .succeeded
        isFailed = state == .failed
        errorLine = if case .failed(let failure) = page.build.state { failure.errorLine } else { nil }
        steps = Self.steps(state, verifies: page.recipe?.verify != nil)
        waiting = Self.waiting(page)
        inputs = page.inputs.map { Line(label: $0.label, value: $0.value) }
        files = page.artifacts.map(File.init)
        pictures = page.pictures.map(File.init)
        filesAreGone = page.filesAreGone
        timeline = page.timeline.map { entry in
            Moment(
                time: Wording.clock(entry.at), machineTime: entry.at.description,
                text: Self.text(entry))
        }
        mails = page.deliveries.map { Mail(text: Self.words($0)) }
        log = page.log.text
        logIsCut = page.log.isCut
        logIsEmpty = page.log.size == 0
        hasLog = page.log.size > 0 || page.isLive
        links = page.links
        changeURL = page.isLive ? nil : page.recipe.map { Self.changeURL(page.build, of: $0) }
        lastEventID = page.lastEventID
        id = page.build.id.text
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

    private static func text(_ entry: TimelineEntry) -> String {
        guard let note = entry.note else { return words(entry) }
        return entry.event == TimelineEntry.Fact.inputFetched.rawValue
            ? "\(words(entry)) \(note)" : "\(words(entry)): \(note)"
    }

    private static func words(_ entry: TimelineEntry) -> String {
        switch entry.event {
        case TimelineEntry.Fact.unfollowed.rawValue: "It is built on its own: there was no result to share"
        case TimelineEntry.Fact.inputFetched.rawValue: "The build system fetched"
        case BuildEvent.Name.runLocated.rawValue: "The build system has taken it up"
        case BuildEvent.Name.reused.rawValue: "The same was built before: its files are given to you"
        case TimelineEntry.Fact.accepted.rawValue: "Accepted"
        case BuildEvent.Name.claimed.rawValue: "Its turn has come"
        case BuildEvent.Name.triggered.rawValue: "The build has started"
        case BuildEvent.Name.phaseChanged.rawValue: entry.percent.map { "\($0)%" } ?? "Now"
        case BuildEvent.Name.runSucceeded.rawValue: "The build is done, its files are collected"
        case BuildEvent.Name.collected.rawValue: "The files are stored and checked"
        case BuildEvent.Name.verified.rawValue: "It was tried out and works"
        case BuildEvent.Name.attemptLost.rawValue: "A fault on our side"
        case BuildEvent.Name.ended.rawValue: "Failed"
        case BuildEvent.Name.cancelled.rawValue: "Cancelled"
        case BuildEvent.Name.expired.rawValue: "Waited for too long"
        default: entry.event
        }
    }

    private static func words(_ delivery: Delivery) -> String {
        switch delivery.status {
        case .waiting where delivery.attempts == 0: "A mail to \(delivery.to) is on its way."
        case .waiting: "A mail to \(delivery.to) could not be sent yet; it is tried again."
        case .accepted: "A mail was sent to \(delivery.to)."
        case .refused: "The mail to \(delivery.to) could not be delivered."
        }
    }
}

extension BuildPageView.File {
    init(_ line: BuildPage.ArtifactLine) {
        self.init(
            name: line.artifact.name, url: line.url, size: line.artifact.bytes.sizeText,
            sha256: line.artifact.sha256, until: line.expiresAt.map(Wording.moment))
    }
}
