import Domain

extension BuildPageView {
    /// A line of the log around an error.
    struct ContextLine: Sendable {
        let text: String
        let isError: Bool
    }

    /// Why it failed, and whose fault it was.
    struct Fault: Sendable {
        let whose: String
        let reason: String
        /// `nil` where the context shows it.
        let errorLine: String?
        let context: [ContextLine]
        let hasContext: Bool

        init(_ failure: Failure) {
            whose =
                switch failure.kind {
                case .input: "It is about what was asked for"
                case .build: "The build itself failed"
                case .infrastructure: "It was not your doing"
                case .timeout: "It took too long"
                }
            reason = failure.message
            let lines = failure.contextLines
            context = lines.map { ContextLine(text: $0.text, isError: $0.isError) }
            hasContext = !lines.isEmpty
            errorLine = failure.errorLine
        }
    }

    /// Where its run can be looked at.
    struct RunView: Sendable {
        let place: String
        let name: String
        /// `nil` if there is no address that a browser may follow.
        let runURL: String?

        init?(_ build: Build) {
            guard let run = build.state.run ?? build.runs.last, run.provider != ProviderSettings.Name.local.rawValue
            else { return nil }
            place = ProviderWords.place(run.provider)
            name = ProviderWords.name(run.provider)
            runURL = run.webAddress
        }
    }

    /// One build of a group, on the page of its lead. Names differ from the page's: where a value is absent, mustache
    /// looks for its name further out.
    struct TargetView: Sendable {
        let targetID: String
        let targetName: String
        let targetState: String
        let targetLabel: String
        /// `nil` where the state says it all.
        let targetText: String?
        let targetPercent: Int?
        let targetIsLive: Bool
        let targetFiles: [File]
        let targetPictures: [File]
        let targetFault: Fault?
        let targetRun: RunView?
        /// Its own page; `nil` for the page's own build, whose log is below.
        let targetURL: String?

        init(_ target: BuildPage.Target, isShown: Bool) {
            let build = target.build
            targetID = build.id.text
            targetName = target.name
            targetState = build.state.name.rawValue
            targetLabel = BuildPageView.label(build.state.name)
            targetIsLive = !build.state.isTerminal
            targetPercent = targetIsLive ? BuildView.percent(build.state) : nil
            targetFault = if case .failed(let failure) = build.state { Fault(failure) } else { nil }
            targetText = target.label ?? BuildPageView.shortText(build)
            targetFiles = target.artifacts.map(File.init)
            targetPictures = target.pictures.map(File.init)
            targetRun = RunView(build)
            targetURL = isShown ? nil : target.url
        }
    }

    /// How a target stands, where its label does not say it all.
    fileprivate static func shortText(_ build: Build) -> String? {
        switch build.state {
        case .queued where build.isWaitingForConfirmation: "It waits until the address is confirmed."
        case .queued where build.follows != nil:
            "The same was asked for before; its result is being waited for."
        case .queued(let attemptsUsed) where attemptsUsed > 0:
            "An attempt was lost through no fault of yours; it is tried again by itself."
        case .queued: "It waits for its turn."
        case .succeeded where build.filesRemovedAt != nil: "Its files were kept for their time and are removed."
        case .succeeded where build.reusedFrom != nil: "The same was built before: its result was given out."
        case .expired where build.wasNeverConfirmed: "The address was not confirmed."
        case .expired: "It waited longer than it may, and was given up."
        case .succeeded, .failed, .cancelled, .triggering, .running, .collecting, .verifying: nil
        }
    }
}

extension BuildPageView.File {
    init(_ line: BuildPage.ArtifactLine) {
        self.init(
            name: line.artifact.name, url: line.url, size: line.artifact.bytes.sizeText,
            sha256: line.artifact.sha256, until: line.expiresAt.map(Wording.moment),
            isAndroidApp: line.artifact.isAndroidApp)
    }
}
